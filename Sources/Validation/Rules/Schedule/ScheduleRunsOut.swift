// ScheduleRunsOut: a schedule without a rate for the last updates.
// Apart from schedules that hold their last rate, which only waste time.
import Diagnostics

/// The schedule has fewer steps than the run.
///
/// PyTorch's one-cycle schedule raises an error at the first step beyond its total; the run stops
/// there.
///
/// - Example: torch.OneCycleLR(total_steps: 60_000) for 60,002 updates
/// - Remedy: Give the schedule the number of updates, gradient accumulation taken into account.
/// - Catalogue: T09
enum ScheduleRunsOut: Rule {
  static let id = "schedule-runs-out"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    refuted("has-rates", in: subject)
  }
}
