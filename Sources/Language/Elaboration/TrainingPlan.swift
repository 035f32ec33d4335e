// TrainingPlan: what a `train` section says, elaborated.
// Its loss is a function of the program; everything else is numbers that later rooms check and use.
import Diagnostics
import Dimensions
import IR
import Schedules

/// The optimiser and its constants.
package struct OptimizerPlan: Hashable, Sendable {
  package var name: String
  package var rate: Double
  package var betas: [Double]
  package var epsilon: Double
  package var decay: Double
  /// Of SGD.
  package var momentum = 0.0
  package var dampening = 0.0
  package var nesterov = false
  package var range: SourceRange

  /// How many numbers it keeps for each element of a trained weight.
  package var moments: Int { name == "sgd" ? momentum == 0 ? 0 : 1 : 2 }

  /// Whether decay multiplies a weight beside its gradient rather than being added to that.
  package var decaysApart: Bool { name == "adamw" }
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

/// The numbers in which a step computes.
package struct PrecisionPlan: Hashable, Sendable {
  package var element: ElementType
  /// Whether the loss is multiplied by a factor and the gradients divided by it.
  package var isScaled: Bool
  /// The factor, when it is fixed.
  package var factor: Double?
  package var range: SourceRange
}

/// The machine that trains.
package struct DevicePlan: Hashable, Sendable {
  /// Bytes of each device.
  package var memory: Double?
  /// FLOP/s of each device.
  package var peak: Double?
  /// The share of the peak that training reaches, from 0 to 1.
  package var mfu: Double?
  /// How many devices share each batch.
  package var count = 1
  package var range: SourceRange

  package init(range: SourceRange) {
    self.range = range
  }
}

/// One axis of a study.
package struct VariedPlan: Hashable, Sendable {
  package var name: Name
  package var values: [StaticValue]
  package var ranges: [SourceRange]
  package var range: SourceRange

  package init(name: Name, values: [StaticValue], ranges: [SourceRange], range: SourceRange) {
    self.name = name
    self.values = values
    self.ranges = ranges
    self.range = range
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
  /// How the schedule counts its steps.
  package var convention: StepConvention = .plumbline
  /// The phases as they are made, under whichever convention.
  package var phases: [Schedule.Phase] = []
  /// The rate of every step; `nil` without a schedule, an optimiser or an end to its faults.
  package var rates: Schedule?
  package var clip: Double?
  package var seed = 0
  package var precision: PrecisionPlan?
  package var device: DevicePlan?
  /// The axes of the study that the plan belongs to.
  package var variations: [VariedPlan] = []
  package var expectations: [ElaboratedExpectation] = []
  /// What the section decides about findings.
  package var policies: [FindingPolicy] = []
  /// The first words of lines with an error; what such a line says is not known.
  package var faults: Set<String> = []
  package var range: SourceRange

  /// The rate of the optimiser.
  package var peak: Double? { optimizer?.rate }

  /// The tokens of the whole training, when the plan gives them.
  package var tokens: Double? {
    guard let amount = dataAmount, dataUnit == "tokens" else { return nil }
    guard lengthUnit == "epochs", let epochs = length else { return amount }
    return amount * Double(epochs)
  }

  /// The optimiser steps of the whole training, when the plan gives them.
  package var optimizerSteps: Double? {
    guard isLengthKnown else { return nil }
    if lengthUnit == "steps", let length { return Double(length) }
    guard let tokens, let each = tokensPerStep, each > 0 else { return nil }
    return tokens / Double(each)
  }

  /// Whether the lines from which the run's length follows are without errors.
  package var isLengthKnown: Bool {
    let lines: Set = lengthUnit == "steps" ? ["steps"] : ["steps", "epochs", "data", "batch"]
    return faults.isDisjoint(with: lines)
  }

  /// The examples of one step: the batch's first size, that of the model's first input, and the
  /// accumulation.
  package func examplesPerStep(in program: Program) -> Int? {
    guard !faults.contains("batch"), let entry = program.entry,
      let input = program[entry].inputs.first,
      let symbol = program[entry].type(of: input).shape.first?.symbol, let size = batch[symbol]
    else { return nil }
    let (product, overflow) = size.multipliedReportingOverflow(by: accumulate)
    return overflow ? nil : product
  }

  /// The optimiser steps of the whole training, of tokens or of examples.
  package func optimizerSteps(in program: Program) -> Double? {
    guard dataUnit == "examples", lengthUnit != "steps" else { return optimizerSteps }
    guard let amount = dataAmount, let each = examplesPerStep(in: program), each > 0 else {
      return nil
    }
    return amount * Double(lengthUnit == "epochs" ? length ?? 1 : 1) / Double(each)
  }

  /// Tokens that one optimiser step sees: the product of the batch's sizes and the accumulation.
  package var tokensPerStep: Int? {
    guard !batch.isEmpty, !faults.contains("batch") else { return nil }
    var product = accumulate
    for size in batch.values {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      product = next
    }
    return product
  }
}
