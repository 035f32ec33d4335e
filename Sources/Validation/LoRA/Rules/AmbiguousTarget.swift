// AmbiguousTarget: one name means matrices of different shapes in different parts of a layer.
// Names that mean the same shape everywhere, or the whole layer, are no trap.
import Diagnostics

/// A target means different matrices in different parts of each layer.
///
/// PEFT compares the end of the dotted name, so `c_proj` of GPT-2 is both the output of attention
/// `[768 → 768]` and the second layer of the MLP `[3072 → 768]`, and `dense` of BERT is three
/// layers. The rule speaks where the shapes differ and the parts of the block differ; it is silent
/// when the targets together take in every linear layer there, because then nothing was taken by
/// accident.
///
/// - Example: target_modules ["c_proj"] on GPT-2
/// - Remedy: Write the part too: `attn.c_proj` or `mlp.c_proj`.
/// - Catalogue: L03
enum AmbiguousTarget: AdapterRule {
  static let id = "ambiguous-target"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard case .names(.suffixes) = subject.description.targets, !coversAll(subject) else {
      return []
    }
    return subject.resolution.patterns.compactMap { match in
      var groups: [(role: String, part: String, ends: String, count: Int)] = []
      for index in match.named {
        let module = subject.inventory.modules[index]
        guard module.shape.isAdaptable else { continue }
        let key = (module.role, module.part, module.ends)
        if let known = groups.firstIndex(where: { ($0.role, $0.part, $0.ends) == key }) {
          groups[known].count += 1
        } else {
          groups.append((module.role, module.part, module.ends, 1))
        }
      }
      guard Set(groups.map(\.part)).count > 1, Set(groups.map(\.ends)).count > 1 else {
        return nil
      }
      let list = groups.map { "\($0.count) \($0.role) \($0.ends)" }
      let narrower = groups.map { "`\($0.role)`" }.uniqued()
      return finding(
        "`\(match.pattern.value)` names \(match.named.count) layers of different kinds",
        at: match.pattern.range, label: list.joined(separator: " + "), facts: list,
        help: narrower.count > 1
          ? ["name the part too: " + narrower.joined(separator: " or ")] : [])
    }
  }

  /// Whether every linear layer inside lists is adapted.
  private static func coversAll(_ subject: AdapterSubject) -> Bool {
    let adapted = Set(subject.resolution.sites.map(\.module))
    return subject.inventory.modules.enumerated().allSatisfy { index, module in
      guard module.shape.kind == .linear || module.shape.kind == .conv1D, !module.alias,
        !module.part.isEmpty
      else { return true }
      return adapted.contains(index)
    }
  }
}

extension NamedModule {
  /// The part of the block that a layer belongs to: what stands behind the first index of its name.
  var part: String {
    let components = name.split(separator: ".")
    guard let index = components.firstIndex(where: { Int($0) != nil }),
      index + 1 < components.count
    else { return "" }
    return String(components[index + 1])
  }
}
