// StepsVariedInStudy: the length of the run is an axis of the study.
// Apart from the other axes, whose values are what a study is for.
import Diagnostics
import Language

/// A study varies how many steps it trains.
///
/// More steps are nearly always better, so tuning them finds the largest value, and the rates that
/// suit one length do not suit another. The tuning playbook fixes the length, keeps checkpoints, and
/// picks the best step afterwards.
///
/// - Example: vary steps = 10_000, 20_000
/// - Remedy: Fix the length for the study; plan a longer one as another round.
/// - Catalogue: T21
enum StepsVariedInStudy: Rule {
  static let id = "steps-varied-in-study"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    let axes = subject.plan?.variations ?? []
    return axes.filter { ["steps", "epochs"].contains($0.name.text) && $0.values.count > 1 }.map {
      finding(
        "the study varies `\($0.name.text)` over \($0.values.count) values", at: $0.range,
        facts: ["the best rate of a short run is not the best of a long one"])
    }
  }
}
