// CycleNeverFalls: a cycle of which the run is only the way up.
// A warm-up that outlives its run is an error of its own.
import Diagnostics

/// The run ends at the highest rate of its cycle.
///
/// The rising half of the cycle is as long as the run or longer, so the rate never comes down, and
/// what cycles are for does not happen.
///
/// - Example: cyclic(up: 50) for a run of 50 steps
/// - Remedy: Shorten the cycle; two to ten half-cycles a run are usual.
/// - Catalogue: T04
enum CycleNeverFalls: Rule {
  static let id = "cycle-never-falls"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let audit = subject.scheduleAudit, audit.steps > 2,
      audit.schedule.names.contains(where: { $0.lowercased().contains("cycl") }),
      audit.highestStep >= audit.last, audit.highest > audit.schedule.rate(at: 0)
    else { return [] }
    return [
      finding(
        "the run ends on the way up of its first cycle, at \(RateText.rate(audit.highest))",
        at: subject.line("schedule"),
        facts: subject.plannedSteps.map { ["the run: \($0.derivation)"] } ?? [])
    ]
  }
}
