// TensorUnexpected: tensors of the file that the model has no place for.
// Usual readers leave them out and say so in a warning, or not at all.
import Diagnostics
import Interchange

/// Tells each kind of tensor that stands for no weight.
enum TensorUnexpected: CheckpointRule {
  static let ids = ["tensor-unexpected"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let unexpected = open.unexpected
    open.unexpected = []
    let names = unexpected.map(\.tensor)
    return TensorGroup.grouping(names).compactMap { group in
      guard let place = group.members.first, let tensor = subject.tensor(of: names[place]) else {
        return nil
      }
      let first = unexpected[place]
      var facts = ["it is \(tensor.type.name) \(tensor.shape), \(tensor.bytes.count) bytes each"]
      if group.members.count == 1 { facts[0] = String(facts[0].dropLast(" each".count)) }
      if first.reason != "no parameter of this name" { facts.append(first.reason) }
      if let near = Nearest.match(first.tensor, in: subject.expected.weights.map(\.name)) {
        facts.append("the nearest name of the model is `\(near)`")
      }
      return CheckpointFinding(
        "tensor-unexpected", .error,
        "the model has no place for `\(group.text(of: names))`", file: tensor.file,
        place: tensor.place, tensor: tensor.name, facts: facts)
    }
  }
}
