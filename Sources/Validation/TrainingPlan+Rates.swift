// TrainingPlan+Rates: the plan's schedule as the one that training runs.
// The rule for rates stands in Schedules; the elaborator has made the phases.
import Language
import Schedules

extension TrainingPlan {
  /// The schedule; the optimiser's rate for ever where there is none, `nil` without an optimiser.
  package var trainingSchedule: Schedule? {
    guard schedule.isEmpty, rates == nil, let peak else { return rates }
    return try? Schedule(peak: peak, [])
  }
}
