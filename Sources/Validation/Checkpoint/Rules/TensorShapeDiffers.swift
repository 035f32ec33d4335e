// TensorShapeDiffers: tensors of another shape, where no config explains all of them.
// The last word on shapes: what a field or an orientation explains is told before.
import Diagnostics
import Interchange

/// Tells each kind of tensor whose shape is another one.
enum TensorShapeDiffers: CheckpointRule {
  static let ids = ["tensor-shape-differs"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let mismatched = open.mismatched
    open.mismatched = []
    // Layers of one list may differ in different ways, each of which is told.
    let kinds = mismatched.map { "\(TensorPattern($0.tensor).text) \($0.expected) \($0.found)" }
    var seen: [String: [Int]] = [:]
    var order: [String] = []
    for (place, kind) in kinds.enumerated() {
      if seen[kind] == nil { order.append(kind) }
      seen[kind, default: []].append(place)
    }
    return order.compactMap { kind in
      guard let members = seen[kind], let place = members.first else { return nil }
      let names = members.map { mismatched[$0].tensor }
      let mismatch = mismatched[place]
      guard let tensor = subject.tensor(of: mismatch.tensor),
        let group = TensorGroup.grouping(names).first
      else { return nil }
      var facts: [String] = []
      if let weight = subject.expected[mismatch.parameter] {
        facts.append(
          "the config makes it \(mismatch.expected) = \(FitsOtherConfig.text(weight.formula))")
      }
      facts.append(mismatch.reason)
      if tensor.name != mismatch.parameter {
        facts.append("`\(tensor.name)` stands for the model's `\(mismatch.parameter)`")
      }
      return CheckpointFinding(
        "tensor-shape-differs", .error,
        "`\(group.text(of: names))` is \(mismatch.found), the model has it \(mismatch.expected)",
        file: tensor.file, place: tensor.place, tensor: tensor.name, facts: facts)
    }
  }
}
