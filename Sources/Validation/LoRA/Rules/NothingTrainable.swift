// NothingTrainable: a plan for a model of which every weight is frozen.
// A frozen model without a plan is only used, which is no mistake.
import Analysis
import Diagnostics

/// The plan trains nothing, because every weight is frozen.
///
/// No tensor receives a gradient, so that the first backward pass fails or the loss never moves.
/// Mostly the adapters are missing: `freeze all` alone leaves nothing to train.
///
/// - Example: freeze all, without an `adapt` line, and a `train` section
/// - Remedy: Adapt some layers, or freeze less.
/// - Catalogue: L15
enum NothingTrainable: AdapterRule {
  static let id = "nothing-trainable"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let training = subject.training, training.trainable == 0, training.total > 0 else {
      return []
    }
    return [
      finding(
        "the plan trains \(subject.inventory.model), of which no weight is trainable",
        at: subject.place ?? training.plan.range,
        label: "all \(Figures.grouped(training.total)) weights are frozen",
        help: ["adapt some layers: `adapt PATH with lora(…)`, or freeze less"])
    ]
  }
}
