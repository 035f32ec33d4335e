// RuleSubject+Plan: how long a plan trains and what it reads, from the lines of its section.
// Apart because several rules need the same sums, each with its derivation.
import Dimensions
import IR
import Language

/// How many steps a plan takes, and why.
struct PlannedSteps {
  /// Steps; 2644.86 when the data does not divide.
  var count: Double
  /// `65_000_000 tokens / 24_576 = 2644.86`.
  var derivation: String
}

extension RuleSubject {
  /// The examples of one step.
  var examplesPerStep: Int? { plan?.examplesPerStep(in: program) }

  /// What one step reads, in the unit of the `data` line.
  var dataPerStep: Int? {
    switch plan?.dataUnit {
    case "tokens": plan?.tokensPerStep
    case "examples": examplesPerStep
    default: nil
    }
  }

  /// The steps of the whole plan: its `steps`, what its data gives, or the end of its schedule.
  var plannedSteps: PlannedSteps? {
    guard let plan, plan.isLengthKnown else { return nil }
    if let steps = plan.length, plan.lengthUnit == "steps" {
      return PlannedSteps(count: Double(steps), derivation: "steps \(grouped(steps))")
    }
    if let amount = plan.dataAmount, let unit = plan.dataUnit, let each = dataPerStep,
      amount > 0, each > 0
    {
      let epochs = plan.lengthUnit == "epochs" ? plan.length ?? 1 : 1
      let count = amount * Double(epochs) / Double(each)
      let times = epochs == 1 ? "" : " × \(epochs) epochs"
      return PlannedSteps(
        count: count,
        derivation: "\(grouped(amount)) \(unit)\(times) / \(grouped(each)) a step"
          + " = \(grouped(count)) steps")
    }
    guard let end = plan.schedule.last?.end else { return nil }
    return PlannedSteps(
      count: Double(end), derivation: "the schedule ends at step \(grouped(end))")
  }

  /// `B = 48, T = 512`, with the accumulation when there is one.
  var batchText: String {
    guard let plan else { return "" }
    var factors = plan.batch.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    if plan.accumulate != 1 { factors.append("accumulate \(plan.accumulate)") }
    return factors.joined(separator: ", ")
  }
}
