// DataRepeatedOften: the steps go through the data more often than it can teach.
// Only a plan that gives both its data and its steps can contradict itself so.
import Diagnostics
import Language

/// The planned steps read the data more than four times.
///
/// Up to four epochs repeated text is worth almost as much as fresh text; beyond that its value
/// falls quickly (Muennighoff et al. 2023, arXiv 2305.16264). More often than not the number of
/// steps is then a slip, for example micro-steps counted as steps. A plan that says `epochs` means
/// it, and a plan that trains only a part of the weights tunes on little data: both stay silent.
///
/// - Example: data 1_000_000 tokens, steps 100, batch B = 480, T = 1_024: 49 epochs
/// - Remedy: Lower `steps`, add data, or write `epochs` instead of `steps` if they are meant.
/// - Catalogue: T16
enum DataRepeatedOften: Rule {
  static let id = "data-repeated-often"
  static let mostEpochs = 4.0

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, plan.lengthUnit == "steps", let steps = plan.length,
      let amount = plan.dataAmount, let unit = plan.dataUnit, let each = subject.dataPerStep,
      amount > 0, subject.trainsEverything
    else { return [] }
    let epochs = Double(steps) * Double(each) / amount
    guard epochs > mostEpochs else { return [] }
    let once = Int(exactly: (amount / Double(each)).rounded()) ?? 0
    let shown =
      epochs < 10
      ? subject.grouped((epochs * 10).rounded() / 10) : subject.grouped(epochs.rounded())
    return [
      finding(
        "\(subject.grouped(steps)) steps read the data \(shown) times,"
          + " expected at most \(subject.grouped(mostEpochs))",
        at: subject.line("steps"),
        facts: [
          "\(subject.grouped(steps)) steps × \(subject.grouped(each)) \(unit) a step"
            + " / \(subject.grouped(amount)) \(unit) = \(shown) epochs",
          "\(subject.batchText): \(subject.grouped(each)) \(unit) a step",
          "one epoch is \(subject.grouped(once)) steps",
        ],
        notes: subject.line("data").map { [Note(message: "the data stands here", range: $0)] }
          ?? [])
    ]
  }
}
