// HalfScoresMayOverflow: products of queries and keys in f16 without any scale.
// In f32 a missing scale is a choice of some families, and no finding.
import Diagnostics
import Dimensions
import IR

/// Scores of attention are summed in f16 without a scale, so that they can exceed its range.
///
/// Entries of queries and keys of trained models reach 30 and more, so a product over d features
/// reaches d · 30²: beyond 65504 from d = 73 on. A factor 1/√d, best put on the queries before the
/// product, keeps it in range.
///
/// - Example: softmax(einsum(q, k : …) : b h t [s]) in f16 with heads 128 wide
/// - Remedy: Divide the queries by √d before the product, or compute the scores in f32 or bf16.
/// - Catalogue: N02
enum HalfScoresMayOverflow: Rule {
  static let id = "half-scores-may-overflow"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    var told: Set<SourceRange?> = []
    return subject.sites.attentions.compactMap { attention in
      guard attention.element == .f16, attention.scores.factor == 1,
        !attention.scores.isNormalised, let width = attention.scores.width.constant
      else { return nil }
      let (bound, overflow) = width.multipliedReportingOverflow(by: 900)
      guard overflow || bound > 65_504, told.insert(attention.site.range).inserted else {
        return nil
      }
      return finding(
        "scores over \(width) features are summed in f16 without a scale",
        at: attention.site.range,
        facts: [
          "entries of 30 give \(width) × 30 × 30 = \(subject.grouped(bound)),"
            + " beyond 65_504, the largest f16"
        ])
    }
  }
}
