// DecayOutlivesRun: a run that ends while its rate is still high.
// The reverse, a decay that is over before the run, has a rule of its own.
import Diagnostics

/// The run ends before the decay has come down to its floor.
///
/// Much of what a decay gives comes at its end: a run that stops at a high rate has paid for a
/// schedule that it did not follow. Up to a tenth of the way is let pass.
///
/// - Example: cosine to 6e-5 at step 600_000 for a run of 100,000 steps
/// - Remedy: Let the decay end with the run.
/// - Catalogue: T04
enum DecayOutlivesRun: Rule {
  static let id = "decay-outlives-run"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let audit = subject.scheduleAudit, let end = audit.schedule.end,
      Double(end) > 1.02 * Double(audit.steps), let floor = audit.schedule.floor,
      audit.schedule.peak > floor
    else { return [] }
    let final = audit.schedule.rate(at: audit.steps - 1)
    let peak = audit.schedule.peak
    guard (final - floor) > 0.1 * (peak - floor) else { return [] }
    return [
      finding(
        "the run ends at \(RateText.percent(final / peak)) of the peak: the decay is made for"
          + " \(subject.grouped(end)) steps",
        at: subject.plan?.schedule.last?.range,
        facts: [
          "the last update, step \(subject.grouped(audit.steps - 1)), has"
            + " \(RateText.rate(final)), the floor is \(RateText.rate(floor))"
        ] + (subject.plannedSteps.map { ["the run: \($0.derivation)"] } ?? []))
    ]
  }
}
