// AdapterKeepsBaseRate: an adapter trained at the very rate of the model's own full training.
// A remark: it runs, and is mostly a rate that nobody chose for the adapter.
import Diagnostics

/// The adapter is trained at the same rate as the whole model was.
///
/// Adapters start from nothing and are few, so that they bear rates several times higher than full
/// training of the same model (Hu et al. 2021 use 2e-4 for GPT-3, whose own rate was 0.6e-4). The
/// same figure in both plans is mostly copied, not chosen. The rule compares the plan with that of
/// the model that this one derives from.
///
/// - Example: rate 6e-4 for gpt2 and for gpt2 with adapters
/// - Remedy: Choose a rate for the adapter; two to ten times that of full training is usual.
/// - Catalogue: L17
enum AdapterKeepsBaseRate: AdapterRule {
  static let id = "adapter-keeps-base-rate"
  static let severity = Severity.note

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard !subject.resolution.sites.isEmpty, let training = subject.training,
      let optimizer = training.plan.optimizer, let base = training.base,
      base.rate.value == optimizer.rate, training.trainable < training.total
    else { return [] }
    var found = finding(
      "the adapter's rate \(optimizer.rate) is that of training all of \(base.name)",
      at: optimizer.range, help: ["choose a rate for the adapter"])
    found.notes = [Note(message: "the rate of \(base.name)", range: base.rate.range)]
    return [found]
  }
}
