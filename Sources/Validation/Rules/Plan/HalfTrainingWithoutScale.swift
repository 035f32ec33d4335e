// HalfTrainingWithoutScale: gradients in f16 that nothing keeps from vanishing.
// Apart from constants and sums in 16 bits, which also concern a model that only runs.
import Diagnostics
import IR
import Language

/// A model of dtype f16 is trained, and a `train` section scales no loss.
///
/// The smallest f16 is 6e-8, and gradients of large models are mostly below it: they become 0, and
/// what overflows becomes infinite. Mixed-precision training multiplies the loss by a large factor
/// and the gradients by its inverse. The plan has no line for that, so whatever trains it must.
/// bf16 has the range of f32 and needs no scaling.
///
/// - Example: dtype f16 in a model with a `train` section
/// - Remedy: Use bf16 or f32, or allow it with the factor by which the trainer scales the loss.
/// - Catalogue: N03
enum HalfTrainingWithoutScale: Rule {
  static let id = "half-training-without-scale"
  static let severity = Severity.error

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let train = subject.train, subject.trainedElements.contains(.f16) else { return [] }
    return [
      finding(
        "weights of f16 are trained without scaling the loss", at: train.model.range,
        facts: [
          "gradients below 6e-8, the smallest f16, become 0",
          "gradients above 65_504, the largest f16, become infinite",
        ])
    ]
  }
}

extension RuleSubject {
  /// The element types of the weights that are trained.
  var trainedElements: Set<ElementType> {
    Set(ledger?.entries.filter(\.trainable).map(\.declaration.type.element) ?? [])
  }
}
