// MicroBatches: one batch cut along its rows, for gradient accumulation.
// Apart from the runner, because the weights of the parts are where accumulation goes wrong.
import Dimensions
import Execution
import IR
import Kernels
import Training

/// A batch in equal parts.
enum MicroBatches {
  /// Cuts the inputs of a step along the batch axis, the first axis of the model's first input.
  ///
  /// - Throws: ``RunFailure`` when the rows don't divide.
  static func cut<Scalar: KernelScalar>(
    _ inputs: [String: NDArray<Scalar>], of graph: FlatGraph, into count: Int
  ) throws(RunFailure) -> [TrainingBatch<Scalar>] {
    let kept = KeptTargets(graph)
    guard count > 1 else { return [try batch(inputs, of: graph, kept)] }
    guard let first = graph.inputs.first,
      let symbol = graph.values[first.value].type.shape.first,
      let rows = inputs[first.name]?.extents.first
    else {
      throw RunFailure(
        "no-batch-axis", "the model's first input has no axis to cut for --accumulate")
    }
    guard rows >= count, rows % count == 0 else {
      throw RunFailure(
        "batch-does-not-divide",
        "\(rows) rows of `\(first.name)` can't be cut into \(count) equal micro-batches")
    }
    var parts: [[String: NDArray<Scalar>]] = Array(repeating: [:], count: count)
    for port in graph.inputs {
      guard let array = inputs[port.name] else { continue }
      let follows = graph.values[port.value].type.shape.first == symbol
      for part in 0..<count {
        parts[part][port.name] =
          follows ? array.rows(part * (rows / count)..<(part + 1) * (rows / count)) : array
      }
    }
    var batches: [TrainingBatch<Scalar>] = []
    for part in parts { batches.append(try batch(part, of: graph, kept)) }
    return batches
  }

  private static func batch<Scalar: KernelScalar>(
    _ inputs: [String: NDArray<Scalar>], of graph: FlatGraph, _ kept: KeptTargets?
  ) throws(RunFailure) -> TrainingBatch<Scalar> {
    guard let kept else {
      // Without targets to count, each row counts alike.
      let rows = graph.inputs.first.flatMap { inputs[$0.name]?.extents.first }
      return TrainingBatch(inputs, keptTargets: rows)
    }
    return TrainingBatch(inputs, keptTargets: try kept.count(inputs, sizes: [:]))
  }
}

extension NDArray {
  /// Some entries of the first axis.
  fileprivate func rows(_ range: Range<Int>) -> NDArray {
    let stride = extents.first.map { $0 == 0 ? 0 : count / $0 } ?? 0
    let elements = range.lowerBound * stride..<range.upperBound * stride
    let shape = [range.count] + extents.dropFirst()
    switch payload {
    case .real(let values): return NDArray(extents: shape, real: Array(values[elements]))
    case .index(let values): return NDArray(extents: shape, index: Array(values[elements]))
    case .mask(let values): return NDArray(extents: shape, mask: Array(values[elements]))
    }
  }
}
