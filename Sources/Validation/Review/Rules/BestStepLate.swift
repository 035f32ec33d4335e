// BestStepLate: the best step lies in the last quarter of the run.
// Apart from its counterpart, the best step at the start, which asks for the opposite.
import Diagnostics

/// In every run the best validation loss comes in the last quarter of the steps.
///
/// Then training had not finished: more steps, with the decay of the rate tuned again for them, may
/// give more. One run of several says little, so all of them must; each needs at least ten
/// validations.
///
/// - Example: the lowest validation loss at step 9,900 of 10,000
/// - Remedy: Train longer and tune the decay again; `plumbline plan --stretch` writes the section.
/// - Catalogue: T19
enum BestStepLate: ReviewRule {
  static let id = "best-step-late"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    guard let best = subject.best({ $0 >= 0.75 }) else { return [] }
    return [
      finding(
        "the best step is in the last quarter of the run: step \(best.entry.step) of"
          + " \(best.steps)", at: best.entry.place, facts: subject.bestSteps)
    ]
  }
}
