// TrainingLoop: one update after another on a planned step: batches, sums, rate, loss and norm.
// Apart from what is written and shown about a run, so that nothing slow stands between two steps.
import Execution
import Kernels

/// What one update did.
package struct UpdateReport: Hashable, Sendable {
  /// The number of the update, counted from zero.
  package var step: Int
  /// With the weights before it; of several micro-batches, weighted as their gradients are.
  package var loss: Double
  /// Before clipping.
  package var gradientNorm: Double
  package var rate: Double
  /// The targets that counted.
  package var targets: Int

  /// Whether the weights are still numbers after it.
  package var isFinite: Bool { loss.isFinite && gradientNorm.isFinite }
}

/// A planned step and what feeds it.
///
/// A class, because the step and the thread beside it have an identity.
package final class TrainingLoop {
  package let step: CompiledStep
  private let ahead: BatchAhead
  private let accumulation: GradientAccumulation
  private let accumulates: Bool
  private let rate: @Sendable (Int) -> Double
  private let momentum: @Sendable (Int) -> Double?
  private let loss: String

  /// - Parameters:
  ///   - step: planned with an optimiser, and with accumulation when there are several micro-batches.
  ///   - source: of micro-batches.
  ///   - accumulate: how many make an update.
  ///   - accumulation: how much each of them weighs.
  ///   - loss: the output that is minimised.
  ///   - momentum: of an update by its number, where a schedule moves it.
  ///   - rate: the learning rate of an update by its number.
  package init(
    _ step: CompiledStep, source: any BatchSource, accumulate: Int = 1,
    accumulation: GradientAccumulation = .tokenWeighted, loss: String = "loss",
    momentum: @escaping @Sendable (Int) -> Double? = { _ in nil },
    rate: @escaping @Sendable (Int) -> Double
  ) {
    self.step = step
    ahead = BatchAhead(source, count: max(accumulate, 1))
    self.accumulation = accumulation
    accumulates = accumulate > 1
    self.rate = rate
    self.momentum = momentum
    self.loss = loss
  }

  /// Makes the next update.
  ///
  /// - Throws: ``TrainingFault`` when the inputs don't fit or a kernel gives up.
  package func advance() throws(TrainingFault) -> UpdateReport {
    let number = step.updates
    let batches = ahead.take(number)
    guard batches.contains(where: { $0.keptTargets != 0 }) else {
      throw .noKeptTargets(batch: nil)
    }
    let rate = rate(number)
    var report = UpdateReport(step: number, loss: 0, gradientNorm: 0, rate: rate, targets: 0)
    do throws(ExecutionFault) {
      if accumulates {
        let weights: [Double]
        do throws(TrainingFault) {
          weights = try accumulation.weights(keptTargets: batches.map(\.keptTargets))
        } catch {
          throw ExecutionFault.malformedGraph(error.description)
        }
        for (batch, weight) in zip(batches, weights) where weight > 0 {
          try supply(batch)
          try step.accumulate(weight: weight)
          report.loss += weight * lossValue
        }
        try step.update(rate: rate, momentum: momentum(number))
      } else if let batch = batches.first {
        try supply(batch)
        try step.train(rate: rate, momentum: momentum(number))
        report.loss = lossValue
      }
    } catch {
      throw .execution(error)
    }
    report.gradientNorm = Double(step.gradientNorm ?? .nan)
    report.targets = batches.reduce(0) { $0 + ($1.keptTargets ?? 0) }
    return report
  }

  private func supply(_ batch: TrainingBatch<Float>) throws(ExecutionFault) {
    for (name, array) in batch.inputs { try step.setInput(name, array) }
  }

  private var lossValue: Double {
    step.output(loss)?.reals.first.map { Double($0) } ?? .nan
  }
}

/// The loss over batches that never change, with the weights of a training step where they lie.
package struct Validation {
  private let step: CompiledStep
  private let batches: [TrainingBatch<Float>]
  private let loss: String

  /// - Parameters:
  ///   - step: the loss alone, over the weights of the step that trains.
  ///   - batches: at least one.
  ///   - loss: the output that is read.
  package init(_ step: CompiledStep, batches: [TrainingBatch<Float>], loss: String = "loss") {
    self.step = step
    self.batches = batches
    self.loss = loss
  }

  /// The mean over all targets that count.
  ///
  /// - Throws: ``TrainingFault`` when a kernel gives up.
  package func measure() throws(TrainingFault) -> Double {
    let weights = try GradientAccumulation.tokenWeighted.weights(
      keptTargets: batches.map(\.keptTargets))
    var total = 0.0
    do throws(ExecutionFault) {
      for (batch, weight) in zip(batches, weights) where weight > 0 {
        for (name, array) in batch.inputs { try step.setInput(name, array) }
        try step.run()
        total += weight * (step.output(loss)?.reals.first.map { Double($0) } ?? .nan)
      }
    } catch {
      throw .execution(error)
    }
    return total
  }
}
