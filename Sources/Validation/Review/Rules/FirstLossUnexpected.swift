// FirstLossUnexpected: the first loss is not that of guessing.
// Apart from the loss later on, of which nothing can be said before a run.
import Diagnostics
import Schedules

/// The first logged loss is far from ln(vocabulary), that of a model that knows nothing.
///
/// A new model gives every class about the same chance, so its cross-entropy is the logarithm of
/// their number: 10.82 for GPT-2's 50,257. More means that the weights start too large, as tables
/// of standard deviation 1 under a tied head do; less means trained weights, or that the model sees
/// its targets. The first line counts when it is of step 0 or 1.
///
/// - Example: {"step": 0, "loss": 320.5} with a vocabulary of 50,257
/// - Remedy: Look at the initialisation and at how labels are made.
/// - Catalogue: N07, N08
enum FirstLossUnexpected: ReviewRule {
  static let id = "first-loss-unexpected"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    guard let vocabulary = subject.plan.vocabulary, vocabulary > 1, subject.plan.startsAnew else {
      return []
    }
    let expected = Mathematics.logarithm(Double(vocabulary))
    let slack = max(0.5, expected / 10)
    return subject.logs.compactMap { log in
      guard let first = log.entries.first(where: { $0.loss != nil }), first.step <= 1,
        let loss = first.loss, loss.isFinite, (loss - expected).magnitude > slack
      else { return nil }
      return finding(
        "the first loss is \(RateText.rate(loss)), expected about"
          + " \(RateText.rate(expected))",
        at: first.place,
        facts: [
          "ln \(vocabulary) = \(RateText.rate(expected)), the loss of guessing",
          loss > expected
            ? "a larger loss means weights that start too large"
            : "a smaller loss means trained weights, or targets that the model sees",
        ], severity: loss > expected ? .warning : .note)
    }
  }
}
