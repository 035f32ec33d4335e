// TrainingPlan+Rates: the plan's schedule as the one that training runs, and how much it reads.
// The rule for rates stands in Training; this only translates the phases.
import Language
import Training

extension TrainingPlan {
  /// The tokens of the whole training, when the plan gives them.
  package var tokens: Double? {
    guard let amount = dataAmount, dataUnit == "tokens" else { return nil }
    guard lengthUnit == "epochs", let epochs = length else { return amount }
    return amount * Double(epochs)
  }

  /// The schedule; `nil` without an optimiser.
  ///
  /// - Throws: ``TrainingFault`` for phases that can't follow one another.
  package func trainingSchedule() throws(TrainingFault) -> Schedule? {
    guard let peak = optimizer?.rate else { return nil }
    let phases = schedule.map { phase in
      let shape: Schedule.Phase.Shape
      switch phase.kind {
      case "warmup": shape = .warmup(from: phase.from ?? 0)
      case "linear": shape = .linear(to: phase.to ?? 0)
      case "cosine": shape = .cosine(to: phase.to ?? 0)
      default: shape = .constant
      }
      return Schedule.Phase(shape, until: phase.end)
    }
    return try Schedule(peak: peak, phases)
  }
}
