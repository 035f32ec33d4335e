// HalfTrainingWithoutScale: gradients in f16 that nothing keeps from vanishing.
// Apart from constants and sums in 16 bits, which also concern a model that only runs.
import Diagnostics
import IR
import Language

/// A step computes in f16, and the `train` section scales no loss.
///
/// The smallest f16 is 6e-8, and gradients of large models are mostly below it: they become 0, and
/// what overflows becomes infinite. Mixed-precision training multiplies the loss by a large factor
/// and divides the gradients by it. bf16 has the range of f32 and needs no scaling. The precision
/// is that of the `precision` line, without one that of the weights.
///
/// - Example: precision f16
/// - Remedy: Write `precision f16 scaled by 65_536`, or use bf16 or f32.
/// - Catalogue: N03
enum HalfTrainingWithoutScale: Rule {
  static let id = "half-training-without-scale"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let train = subject.train, subject.trainsInHalf, subject.plan?.precision?.isScaled != true
    else { return [] }
    return [
      finding(
        "training in f16 does not scale the loss",
        at: subject.line("precision") ?? train.model.range,
        facts: [
          "gradients below 6e-8, the smallest f16, become 0",
          "gradients above 65_504, the largest f16, become infinite",
        ])
    ]
  }
}

extension RuleSubject {
  /// Whether gradients are f16: the plan says so, or the weights are.
  var trainsInHalf: Bool {
    plan?.precision.map { $0.element == .f16 } ?? trainedElements.contains(.f16)
  }

  /// The element types of the weights that are trained.
  var trainedElements: Set<ElementType> {
    Set(ledger?.entries.filter(\.trainable).map(\.declaration.type.element) ?? [])
  }
}
