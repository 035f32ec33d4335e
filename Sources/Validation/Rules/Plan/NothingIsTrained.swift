// NothingIsTrained: a plan for a model whose weights are all frozen.
// Apart from selections that match nothing: here each may match, and together leave nothing.
import Diagnostics
import Language

/// A `train` section belongs to a model without any weight that is trained.
///
/// Every weight is frozen, or an adapter that was to be trained is too: the run would change
/// nothing, and a backward pass without any weight fails in most frameworks.
///
/// - Example: freeze all without an adapter, and a `train` section
/// - Remedy: Adapt layers after freezing, or freeze less.
/// - Catalogue: L15
enum NothingIsTrained: Rule {
  static let id = "nothing-is-trained"
  static let severity = Severity.error

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let train = subject.train, let totals = subject.ledger?.totals, totals.trainable == 0
    else { return [] }
    return [
      finding(
        "`\(train.model.text)` has no weight that is trained", at: train.model.range,
        facts: ["all \(subject.grouped(totals.total)) parameters are frozen"])
    ]
  }
}
