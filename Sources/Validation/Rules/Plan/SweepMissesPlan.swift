// SweepMissesPlan: the plan's own rate lies outside of the rates that its study tries.
// Apart from the edge of a sweep, which only a finished study has.
import Diagnostics
import Language
import Schedules

/// The rate of the optimiser lies outside of the rates that the study tries.
///
/// Then either the sweep starts far from what was thought right, or the plan was not brought up to
/// date with what a sweep found; the numbers can't both be meant.
///
/// - Example: vary rate = 5e-3, 1e-2, 2e-2 under adamw(rate: 6e-4)
/// - Remedy: Let the sweep cover the planned rate, or plan with a rate of the sweep.
/// - Catalogue: T20
enum SweepMissesPlan: Rule {
  static let id = "sweep-misses-plan"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, let rate = plan.optimizer?.rate, rate > 0,
      let axis = plan.variations.first(where: { $0.name.text == "rate" })
    else { return [] }
    let values = axis.values.compactMap(\.asDouble)
    guard values.count > 1, let low = values.min(), let high = values.max(),
      !(low...high ~= rate)
    else { return [] }
    let nearest = rate < low ? low : high
    let times = rate < low ? nearest / rate : rate / nearest
    return [
      finding(
        "the planned rate \(RateText.rate(rate)) is outside of the sweep,"
          + " \(RateText.rate(low)) to \(RateText.rate(high))",
        at: axis.range,
        facts: [
          "the nearest of the sweep, \(RateText.rate(nearest)), is \(RateText.rate(times, digits: 3))"
            + " times \(rate < low ? "as large" : "smaller")"
        ],
        notes: [
          Note(
            message: "the rate is planned here",
            range: subject.optimizerArgument("rate")?.range ?? plan.optimizer?.range)
        ])
    ]
  }
}
