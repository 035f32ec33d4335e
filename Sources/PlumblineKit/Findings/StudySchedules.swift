// StudySchedules: the schedules that a study tries, each read as the section's own line would be.
// Apart from the rules, which can't read texts of the language.
import Diagnostics
import Language

/// What is wrong with the values of `vary schedule`.
enum StudySchedules {
  /// One finding for each text that is no schedule.
  static func findings(of plan: TrainingPlan?) -> [Diagnostic] {
    guard let plan, let peak = plan.peak, peak.isFinite, peak >= 0 else { return [] }
    var found: [Diagnostic] = []
    for axis in plan.variations where axis.name.text == "schedule" {
      for (value, range) in zip(axis.values, axis.ranges) {
        guard case .string(let text) = value else { continue }
        do throws(LearningRates.Refusal) {
          _ = try LearningRates.plan(text, peak: peak)
        } catch {
          let reasons = error.description.split(separator: "\n").map(String.init)
          found.append(
            Diagnostic(
              id: "sweep-value-illegal", severity: .error,
              message: "this is no schedule: " + (reasons.first ?? "nothing is said"), range: range,
              facts: reasons.dropFirst().map { .line($0) }))
        }
      }
    }
    return found
  }
}
