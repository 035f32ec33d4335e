// LossNotFinite: a loss that is infinite or no number.
// Apart from a loss that is only large, which another rate may mend.
import Diagnostics

/// A logged loss is NaN or infinite.
///
/// From then on the weights are lost: every later step works on numbers that mean nothing. In f16
/// an overflow does it, which scaling the loss or bf16 avoids; else the rate is too high, warm-up
/// too short, or a row of attention sees nothing.
///
/// - Example: {"step": 120, "loss": Infinity}
/// - Remedy: Go back to a checkpoint before that step; scale the loss, clip, or lower the rate.
/// - Catalogue: N03
enum LossNotFinite: ReviewRule {
  static let id = "loss-not-finite"
  static let severity = Severity.error

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    subject.logs.compactMap { log in
      let lost = log.entries.filter {
        $0.loss?.isFinite == false || $0.validation?.isFinite == false
      }
      guard let first = lost.first else { return nil }
      let value = first.loss.flatMap { $0.isFinite ? nil : $0 } ?? first.validation ?? .nan
      var facts = ["\(lost.count) of \(log.entries.count) logged steps of \(log.name)"]
      if subject.plan.isUnscaledHalf { facts.append("the plan computes in f16 and scales no loss") }
      if let before = log.entries.last(where: { $0.step < first.step }), let norm = before.norm {
        facts.append("the gradient norm one line before was \(RateText.rate(norm))")
      }
      return finding(
        "the loss is \(value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf") from step \(first.step) on",
        at: first.place, facts: facts)
    }
  }
}
