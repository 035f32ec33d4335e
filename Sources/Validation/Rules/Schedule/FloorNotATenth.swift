// FloorNotATenth: a decay that does not end at a tenth of its peak.
// A habit and no law: it speaks only when a file asks to hear of it.
import Diagnostics

/// The decay ends at another rate than a tenth of the peak.
///
/// A tenth is the habit since Hoffmann et al. 2022; a decay to zero, or to a rate that a sweep
/// found, is as good a choice, so the rule is quiet unless a file asks for it with
/// `treat floor-not-a-tenth as note because …`.
///
/// - Example: cosine to 3e-5 under a peak of 6e-4
/// - Remedy: End at a tenth of the peak, 6e-5 for 6e-4, or leave the floor as it is.
/// - Catalogue: T06
enum FloorNotATenth: Rule {
  static let id = "floor-not-a-tenth"
  static let severity = Severity.note
  static let isQuiet = true
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, let schedule = subject.scheduleAudit?.schedule,
      let floor = schedule.floor, schedule.peak > 0, floor < schedule.peak,
      (floor - schedule.peak / 10).magnitude > schedule.peak * 1e-9
    else { return [] }
    return [
      finding(
        "the floor \(RateText.rate(floor)) is \(RateText.percent(floor / schedule.peak)) of the"
          + " peak, where a tenth is usual",
        at: plan.schedule.last?.range,
        facts: [
          "a tenth of \(RateText.rate(schedule.peak)) is \(RateText.rate(schedule.peak / 10))"
        ]
      )
    ]
  }
}
