// TensorComparer: the tensors of two checkpoints, by their headers alone.
// Apart from the comparison of models: weights may differ where their configs do not.
import Analysis
import Interchange

/// Holds two checkpoints against each other, tensor by tensor.
package enum TensorComparer {
  /// The tensors that differ in presence, type or shape; alike layers count as one.
  ///
  /// - Returns: `nil` unless weights lie at both paths.
  package static func changes(_ first: String, _ second: String) -> TensorChanges? {
    guard let left = checkpoint(at: first), let right = checkpoint(at: second) else { return nil }
    var changes = TensorChanges(first: bytes(left), second: bytes(right))
    var groups: [TensorChanges.Row: Int] = [:]
    func note(_ name: String, _ one: CheckpointTensor?, _ other: CheckpointTensor?) {
      let row = TensorChanges.Row(
        name: folded(name), first: one.map(text), second: other.map(text), count: 0)
      if groups[row] == nil { changes.rows.append(row) }
      groups[row, default: 0] += 1
    }
    for tensor in left.tensors {
      let other = right.tensor(named: tensor.name)
      if let other, other.type == tensor.type, other.shape == tensor.shape {
        changes.same += 1
      } else {
        note(tensor.name, tensor, other)
      }
    }
    for tensor in right.tensors where left.tensor(named: tensor.name) == nil {
      note(tensor.name, nil, tensor)
    }
    changes.rows = changes.rows.map { row in
      var row = row
      row.count = groups[row] ?? 1
      return row
    }
    return changes
  }

  private static func checkpoint(at path: String) -> Checkpoint? {
    guard let files = CheckpointFinder.checkpoints(at: path).first else { return nil }
    let checkpoint =
      switch files {
      case .whole(let path): Checkpoint(path: path)
      case .shards(let paths): Checkpoint(shards: paths)
      }
    return checkpoint.tensors.isEmpty ? nil : checkpoint
  }

  private static func bytes(_ checkpoint: Checkpoint) -> TensorChanges.Side {
    TensorChanges.Side(
      tensors: checkpoint.tensors.count, bytes: checkpoint.byteCount,
      types: Set(checkpoint.tensors.map(\.type.name)).sorted())
  }

  private static func text(_ tensor: CheckpointTensor) -> String {
    "\(tensor.type.name) \(tensor.shape)"
  }

  /// The name with `*` for the number of a layer.
  private static func folded(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
  }
}
