// StairNeverReached: a step of a staircase that lies beyond the run.
// Apart from smooth schedules, whose horizon is another matter.
import Diagnostics

/// The rate is to step down at a step that the run never comes to.
///
/// A milestone counted in examples instead of updates does it, or a period as long as the run: then
/// the rate never changes at all.
///
/// - Example: milestones(at: [30_000, 90_000]) for a run of 60,000 steps
/// - Remedy: Put the milestone inside the run, or use a constant rate.
/// - Catalogue: T07
enum StairNeverReached: Rule {
  static let id = "stair-never-reached"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    refuted("reaches-stairs", in: subject)
  }
}
