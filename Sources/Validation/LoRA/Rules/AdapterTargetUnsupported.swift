// AdapterTargetUnsupported: a target names something that has no one matrix.
// PEFT stops at the first such layer, so only that one is told.
import Diagnostics

/// A target names a block, a list or a norm, for which there is no adapter.
///
/// PEFT adapts linear layers, `Conv1D`, embeddings and convolutions. It matches names without looking
/// at what they stand for, and stops when the layer is of another kind. The layers below a block must
/// be named themselves. Also told here: a layer that is adapted and, by the end of its name, to be
/// saved, which PEFT can't do either.
///
/// - Example: target_modules ["attn"] on GPT-2
/// - Remedy: Name the linear layers inside, which the finding lists.
/// - Catalogue: L01
enum AdapterTargetUnsupported: AdapterRule {
  static let id = "adapter-target-unsupported"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let refusal = subject.resolution.refusal, let name = refusal.module,
      !refusal.text.hasPrefix("`r` should")
    else { return [] }
    if refusal.type == "TypeError" {
      let saved = subject.description.saved.first { name.hasSuffix($0.value) }
      return [
        finding(
          "`\(name)` \(what(name, subject)), and its name ends in the saved `\(saved?.value ?? "")`",
          at: saved?.range, facts: ["PEFT: \(refusal.text)"],
          help: ["write more of the name of the layer that is meant: whole components"])
      ]
    }
    let index = subject.inventory.modules.firstIndex { $0.name == name }
    let match = index.flatMap { index in
      subject.resolution.patterns.first { $0.named.contains(index) }
    }
    let below = subject.adaptable.filter { $0.name.hasPrefix(name + ".") }.map(\.leaf).uniqued()
    let block = index.map { subject.inventory.modules[$0].block } ?? "layer"
    return [
      finding(
        "`\(name)` is a \(block), for which there is no adapter",
        at: match?.pattern.range ?? subject.targetRange,
        facts: below.isEmpty ? [] : ["inside it: " + below.prefix(12).joined(separator: ", ")],
        help: below.isEmpty
          ? ["name linear layers: \(subject.leafList)"]
          : ["name the layers inside: " + below.prefix(6).joined(separator: ", ")])
    ]
  }

  /// Why a layer can't be copied and trained in full.
  private static func what(_ name: String, _ subject: AdapterSubject) -> String {
    if subject.resolution.sites.contains(where: { $0.name == name }) { return "is adapted" }
    let isList = subject.inventory.modules.contains { $0.name == name && $0.block == "list" }
    return isList ? "is a list of layers" : "is made by the adapter"
  }
}
