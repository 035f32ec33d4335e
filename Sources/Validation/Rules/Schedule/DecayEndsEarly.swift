// DecayEndsEarly: a decay that is over long before the run.
// Apart from a plan that ends in a constant phase, which says what it means.
import Diagnostics

/// The decay ends with more than 15 % of the run still to come.
///
/// From there on the run trains at the lowest rate, where little is learned. Mostly the horizon of
/// the schedule was not moved when the run was made longer. A last phase `constant` says that the
/// tail is meant.
///
/// - Example: cosine to 6e-5 at step 800_000 for a run of 1,000,000 steps
/// - Remedy: Let the decay end with the run, or write the constant tail as a phase.
/// - Catalogue: T03
enum DecayEndsEarly: Rule {
  static let id = "decay-ends-early"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let audit = subject.scheduleAudit, let plan = subject.plan,
      let phase = plan.schedule.last, let end = phase.end ?? audit.schedule.end,
      ["linear", "cosine", "polynomial", "sqrt"].contains(phase.kind)
        || phase.kind.contains("."),
      end < audit.steps, Double(audit.steps - end) > 0.15 * Double(audit.steps),
      audit.schedule.rate(at: end) == audit.schedule.rate(at: audit.steps - 1)
    else { return [] }
    let left = audit.steps - end
    return [
      finding(
        "the decay ends at step \(subject.grouped(end)), and the run goes on for"
          + " \(subject.grouped(left)) more",
        at: phase.range,
        facts: [
          "\(RateText.percent(Double(left) / Double(audit.steps))) of the run at"
            + " \(RateText.rate(audit.schedule.rate(at: end)))"
        ] + (subject.plannedSteps.map { ["the run: \($0.derivation)"] } ?? []))
    ]
  }
}
