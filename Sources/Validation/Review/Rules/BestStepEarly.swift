// BestStepEarly: the best step lies in the first tenth of the run.
// Apart from its counterpart, the best step at the end, which asks for the opposite.
import Diagnostics

/// In every run the best validation loss comes in the first tenth of the steps.
///
/// Then the run is far too long for what it learns: most of it makes the model worse. One run of
/// several says little, so all of them must; each needs at least ten validations.
///
/// - Example: the lowest validation loss at step 800 of 10,000
/// - Remedy: Plan fewer steps, or regularise more.
/// - Catalogue: T19
enum BestStepEarly: ReviewRule {
  static let id = "best-step-early"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    guard let best = subject.best({ $0 <= 0.1 }) else { return [] }
    return [
      finding(
        "the best step is in the first tenth of the run: step \(best.entry.step) of"
          + " \(best.steps)", at: best.entry.place, facts: subject.bestSteps)
    ]
  }
}

extension ReviewSubject {
  /// The first run's best line, when the best step of every run stands at such a share of it.
  func best(_ isThere: (Double) -> Bool) -> (entry: RunLog.Entry, steps: Int)? {
    var first: (entry: RunLog.Entry, steps: Int)?
    for log in logs {
      guard log.validations >= 10, let entry = log.best,
        isThere(Double(entry.step) / Double(steps(of: log)))
      else { return nil }
      first = first ?? (entry, steps(of: log))
    }
    return first
  }

  /// Where each run was best.
  var bestSteps: [String] {
    let lines = logs.prefix(8).compactMap { log in
      log.best.map { entry in
        let share = RateText.percent(Double(entry.step) / Double(steps(of: log)))
        return "\(log.name): \(RateText.rate(entry.validation ?? .nan)) at step \(entry.step),"
          + " \(share) of the run"
      }
    }
    return lines + (logs.count > 8 ? ["and \(logs.count - 8) more runs"] : [])
  }
}
