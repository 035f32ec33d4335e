// ScheduleFinding: what the rules about schedules share: the audit of the plan's own run.
// Apart from the rules, each of which is one statement of the audit and its words.
import Diagnostics
import Language
import Schedules

extension RuleSubject {
  /// Audits the schedule of the plan.
  var auditedSchedule: ScheduleAudit? {
    guard let plan, !plan.schedule.isEmpty, let schedule = plan.trainingSchedule,
      let count = plannedSteps?.count, count >= 1, count < 1e12
    else { return nil }
    return ScheduleAudit(schedule, steps: Int(count.rounded(.up)))
  }
}

extension Rule {
  /// A finding where a statement about the schedule is refuted.
  static func refuted(
    _ about: String, in subject: RuleSubject,
    unless isMeant: (ScheduleAudit) -> Bool = { _ in false }
  ) -> [Diagnostic] {
    guard let audit = subject.scheduleAudit,
      let claim = audit.refuted.first(where: { $0.about == about }), !isMeant(audit)
    else { return [] }
    return [
      finding(
        (["jumps", "never-rises"].contains(about) ? "the schedule " : "") + claim.text,
        at: subject.line("schedule"),
        facts: subject.plannedSteps.map { ["the run: \($0.derivation)"] } ?? [])
    ]
  }
}
