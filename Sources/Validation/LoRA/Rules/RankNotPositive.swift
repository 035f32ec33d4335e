// RankNotPositive: a rank of zero or less, for the whole adapter or by a pattern.
// PEFT refuses it at the first layer that it adapts.
import Diagnostics

/// The rank of an adapter is zero or negative.
///
/// The adapter is the product of a matrix with `rank` rows and one with `rank` columns: without rows
/// there is nothing to train, and PEFT refuses.
///
/// - Example: r 0
/// - Remedy: Use a positive rank; 4 to 64 is usual.
/// - Catalogue: L05
enum RankNotPositive: AdapterRule {
  static let id = "rank-not-positive"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let refusal = subject.resolution.refusal, let module = refusal.module,
      refusal.text.hasPrefix("`r` should be a positive integer value")
    else { return [] }
    let description = subject.description
    let override = description.rankPattern.first { $0.value.value <= 0 }
    let culprit =
      description.rank.value > 0 ? override?.value ?? description.rank : description.rank
    return [
      finding(
        "the rank is \(culprit.value), expected at least 1", at: culprit.range,
        facts: ["first adapted layer: \(module)", "PEFT: \(refusal.text)"],
        help: ["use a positive rank; 4 to 64 is usual"])
    ]
  }
}
