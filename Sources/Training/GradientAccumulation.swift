// GradientAccumulation: how the losses of micro-batches become one loss.
// Apart from the step because the two ways differ when targets are masked, and plans are checked for it.
import Kernels

/// The weight of each micro-batch in a step.
package enum GradientAccumulation: String, Hashable, Sendable, CaseIterable {
  /// Each micro-batch's mean counts alike: `loss / accumulate`.
  case meanOfMeans = "mean_of_means"
  /// Each micro-batch counts by the targets that it keeps, as one large batch would.
  case tokenWeighted = "token_weighted"
  /// Each micro-batch's loss is a sum, and so is that of the step.
  case sumOfSums = "sum_of_sums"

  /// The weights of the micro-batches, which sum to one unless the losses are sums.
  ///
  /// - Parameter keptTargets: for each micro-batch, over how many targets its mean is taken.
  /// - Returns: one weight for each micro-batch.
  /// - Throws: ``TrainingFault`` when there is no micro-batch, or the counts are needed and missing.
  package func weights(keptTargets: [Int?]) throws(TrainingFault) -> [Double] {
    guard !keptTargets.isEmpty else { throw .noBatches }
    switch self {
    case .meanOfMeans:
      return keptTargets.map { _ in 1 / Double(keptTargets.count) }
    case .sumOfSums:
      return keptTargets.map { _ in 1 }
    case .tokenWeighted:
      // Alone, a micro-batch is the whole batch, however many targets it keeps.
      if keptTargets == [nil] { return [1] }
      var counts: [Double] = []
      for (batch, count) in keptTargets.enumerated() {
        guard let count else { throw .noKeptTargets(batch: batch) }
        guard count >= 0 else {
          throw .setting(name: "kept targets", found: "\(count)", needs: "at least 0")
        }
        counts.append(Double(count))
      }
      let total = counts.reduce(0, +)
      guard total > 0 else { throw .noKeptTargets(batch: nil) }
      return counts.map { $0 / total }
    }
  }
}

/// The inputs of one micro-batch.
package struct TrainingBatch<Scalar: KernelScalar>: Sendable {
  /// One array for each input of the loss: the model's inputs and the targets.
  package var inputs: [String: NDArray<Scalar>]
  /// Over how many targets the loss takes its mean; `nil` where nobody counted.
  package var keptTargets: Int?

  package init(_ inputs: [String: NDArray<Scalar>], keptTargets: Int? = nil) {
    self.inputs = inputs
    self.keptTargets = keptTargets
  }

  /// Counts the elements of one input that are not the ignored value.
  package init(
    _ inputs: [String: NDArray<Scalar>], targets: String, ignoring ignored: Int32 = -100
  ) {
    self.inputs = inputs
    keptTargets = inputs[targets].map { array in
      array.indices.reduce(0) { $1 == ignored ? $0 : $0 + 1 }
    }
  }
}
