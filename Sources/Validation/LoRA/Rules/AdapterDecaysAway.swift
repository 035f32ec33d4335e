// AdapterDecaysAway: decay alone takes most of an adapter's weights over the run.
// Summed over the planned rates; a small decay at a small rate is no matter.
import Analysis
import Diagnostics
import Language

/// Weight decay pulls the adapter back to nothing over the run.
///
/// AdamW multiplies each decayed weight by 1 - rate · decay at every step. For trained weights that is
/// a pull towards zero; for an adapter zero means the model as it was. Over a run of many steps at a
/// pre-training plan's decay, what no gradient holds up shrinks to less than a third. The rule adds up
/// rate · decay over the planned steps and speaks above 1.
///
/// - Example: decay 0.1 at rate 6e-4 for 600_000 steps on adapters
/// - Remedy: Use a decay of 0 to 0.01 for adapters, or a shorter run.
/// - Catalogue: L17
enum AdapterDecaysAway: AdapterRule {
  static let id = "adapter-decays-away"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard !subject.resolution.sites.isEmpty, let training = subject.training,
      training.trainable > 0, training.trainable < training.total,
      let optimizer = training.plan.optimizer, optimizer.decay > 0, optimizer.rate > 0,
      // Adam divides what decay adds by the size of the gradients.
      optimizer.name != "adam",
      let schedule = training.plan.trainingSchedule,
      let steps = training.plan.plannedEnd, steps > 0
    else { return [] }
    // A thousand places along the run tell its mean rate well enough.
    let places = min(steps, 1_000)
    var sum = 0.0
    for place in 0..<places {
      sum += schedule.rate(at: Int(Double(place) / Double(places) * Double(steps)))
    }
    let exponent = sum / Double(places) * Double(steps) * optimizer.decay
    guard exponent > 1, exponent.isFinite else { return [] }
    let power = UnusualAdapterScale.text(exponent)
    return [
      finding(
        "decay alone divides the adapter's weights by e^\(power) in \(Figures.grouped(steps)) steps",
        at: optimizer.range,
        facts: [
          "rate · decay, summed over the steps: \(power)",
          "what no gradient holds up shrinks towards the model as it was",
        ], help: ["use a decay of 0 to 0.01 for adapters"])
    ]
  }
}

extension TrainingPlan {
  /// The last step that the plan speaks of.
  fileprivate var plannedEnd: Int? {
    if let length, lengthUnit == "steps" { return length }
    return schedule.last?.end
  }
}
