// TrainingPlan: what a `train` section says, elaborated.
// Its loss is a function of the program; everything else is numbers that later rooms check and use.
import Diagnostics
import Dimensions
import IR

/// The optimiser and its constants.
package struct OptimizerPlan: Hashable, Sendable {
  package var name: String
  package var rate: Double
  package var betas: [Double]
  package var epsilon: Double
  package var decay: Double
  package var range: SourceRange
}

/// One phase of a schedule, in steps.
package struct PlannedPhase: Hashable, Sendable {
  package var kind: String
  /// The first step and the step at which the phase ends; `nil` when it goes on for ever.
  package var start: Int
  package var end: Int?
  /// The rate at either end, in absolute terms; `nil` means the peak or what came before.
  package var from: Double?
  package var to: Double?
  package var arguments: [String: Double]
  package var range: SourceRange
}

/// Which weights are decayed.
package struct DecayPlan: Hashable, Sendable {
  package var all: Bool
  package var paths: [PathSelector]
  package var exceptions: [PathSelector]
  package var range: SourceRange

  /// Whether a weight with this dotted name is decayed.
  package func includes(_ name: String) -> Bool {
    if exceptions.contains(where: { $0.matches(dotted: name) }) { return false }
    return all || paths.contains { $0.matches(dotted: name) }
  }
}

/// A training plan.
package struct TrainingPlan: Sendable {
  package var model: String
  /// Sizes of dimensions in one micro-batch.
  package var batch: [Symbol: Int] = [:]
  package var accumulate = 1
  package var dataAmount: Double?
  package var dataUnit: String?
  package var length: Int?
  package var lengthUnit: String?
  package var optimizer: OptimizerPlan?
  package var decay: DecayPlan?
  package var schedule: [PlannedPhase] = []
  package var clip: Double?
  package var seed = 0
  package var expectations: [ElaboratedExpectation] = []
  package var range: SourceRange

  /// Tokens that one optimiser step sees: the product of the batch's sizes and the accumulation.
  package var tokensPerStep: Int? {
    guard !batch.isEmpty else { return nil }
    var product = accumulate
    for size in batch.values {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      product = next
    }
    return product
  }
}
