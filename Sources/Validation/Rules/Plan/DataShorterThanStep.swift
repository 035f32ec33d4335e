// DataShorterThanStep: one step needs more than all the data.
// Apart from repeated data because here not even one step can be made of fresh data.
import Diagnostics
import Language

/// One step reads more than the whole data has.
///
/// The batch's sizes and the accumulation multiply to more tokens or examples than the `data` line
/// gives, so that no step can be filled without repeating data inside it.
///
/// - Example: data 10_000 tokens with batch B = 48, T = 512
/// - Remedy: Lower the batch or the accumulation, or correct the amount of data.
/// - Catalogue: T16
enum DataShorterThanStep: Rule {
  static let id = "data-shorter-than-a-step"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, let amount = plan.dataAmount, let unit = plan.dataUnit,
      let each = subject.dataPerStep, amount > 0, amount < Double(each)
    else { return [] }
    return [
      finding(
        "a step reads \(subject.grouped(each)) \(unit), the data has \(subject.grouped(amount))",
        at: subject.line("data"),
        facts: ["\(subject.grouped(each)) \(unit) a step, from \(subject.batchText)"],
        notes: subject.line("batch").map { [Note(message: "the batch stands here", range: $0)] }
          ?? [])
    ]
  }
}
