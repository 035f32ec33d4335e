// LayerCountDiffers: whole layers too many or too few, where no single field of the config says so.
// One finding for a list, not one for each tensor of each layer.
import Diagnostics
import Interchange

/// Finds whole layers that only one side has.
enum LayerCountDiffers: CheckpointRule {
  static let ids = ["layer-count-differs"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    var findings: [CheckpointFinding] = []
    let patterns = Set(subject.expected.weights.map { TensorPattern($0.name).text })
    let lists = Set(subject.expected.lists.keys)
    let found = LayerNumbers(subject.stored.map(\.name), lists: lists, patterns: patterns)
    for (prefix, list) in subject.expected.lists.sorted(by: { $0.key < $1.key })
    where !prefix.contains("*") {
      guard let length = found.length(of: prefix), length != list.length else { continue }
      let low = min(length, list.length)
      func isBehind(_ name: String) -> Bool {
        guard name.hasPrefix(prefix + "."),
          let word = name.dropFirst(prefix.count + 1).split(separator: ".").first,
          let layer = Int(word)
        else { return false }
        return layer >= low
      }
      let missing = open.missing.filter { isBehind($0.parameter) }
      let extra = open.unexpected.filter { isBehind($0.tensor) }
      guard !(missing.isEmpty && extra.isEmpty) else { continue }
      open.missing.removeAll { isBehind($0.parameter) }
      open.unexpected.removeAll { isBehind($0.tensor) }
      let names = missing.isEmpty ? extra.map(\.tensor) : missing.map(\.parameter)
      let tensor = extra.first.flatMap { subject.tensor(of: $0.tensor) }
      let shown = TensorGroup.grouping(names).first.map { $0.text(of: names) } ?? prefix
      findings.append(
        CheckpointFinding(
          "layer-count-differs", .error,
          "the file has \(length) layers in `\(prefix)`, the config makes \(list.length)",
          file: tensor?.file ?? subject.checkpoint.firstOfTensors, place: tensor?.place,
          tensor: names.first,
          facts: [
            "\(missing.isEmpty ? "extra" : "missing"): \(names.count) tensors, such as `\(shown)`"
          ]))
    }
    return findings
  }
}
