// MaskBuffersStored: masks and position numbers that old checkpoints carry beside their weights.
// Accepted, and told so that nobody counts them as parameters.
import Diagnostics
import Interchange

/// Names the constants of a file.
enum MaskBuffersStored: CheckpointRule {
  static let ids = ["mask-buffers-stored"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    // Newer models register this one for good; it is a part of theirs and no relic.
    let names = subject.map.buffers.filter { !$0.hasSuffix("final_logits_bias") }
    guard let first = names.first, let tensor = subject.tensor(of: first) else { return [] }
    let groups = TensorGroup.grouping(names).prefix(4).map { "`\($0.text(of: names))`" }
    let bytes = names.compactMap { subject.tensor(of: $0)?.bytes.count }.reduce(0) {
      $0.addingReportingOverflow($1).partialValue
    }
    return [
      CheckpointFinding(
        "mask-buffers-stored", .note,
        "\(names.count) \(names.count == 1 ? "tensor is a constant" : "tensors are constants") and"
          + " no parameter: \(groups.joined(separator: ", "))",
        file: tensor.file, place: tensor.place, tensor: tensor.name,
        facts: ["\(StoredSize.text(bytes)) that readers leave out"])
    ]
  }
}
