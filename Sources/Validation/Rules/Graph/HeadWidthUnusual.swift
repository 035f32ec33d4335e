// HeadWidthUnusual: heads too narrow to tell keys apart, or far wider than kernels take.
// Apart from divisibility: the numbers divide, and the shapes are right.
import Diagnostics
import Dimensions
import IR

/// A head of attention is narrower than 8 or wider than 256.
///
/// The width of a head is what its queries and keys have to tell positions apart: with a width of 1
/// every score is a product of two numbers. Wider than 256 is beyond what fast attention kernels
/// take, and mostly means that the number of heads was meant to be larger. The rule looks at the
/// axis over which queries and keys are summed before a softmax, and needs no names.
///
/// - Example: width 64 with 64 heads, so that each head is 1 wide
/// - Remedy: Choose the number of heads so that heads are 64 or 128 wide.
/// - Catalogue: A29
enum HeadWidthUnusual: Rule {
  static let id = "head-width-unusual"
  static let isAdvice = true
  static let usual = 8...256

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    var told: Set<SourceRange?> = []
    return subject.sites.attentions.compactMap { attention in
      guard let width = attention.scores.width.constant, !usual.contains(width),
        told.insert(attention.site.range).inserted
      else { return nil }
      let isNarrow = width < usual.lowerBound
      return finding(
        "the heads are \(width) wide, expected \(usual.lowerBound) to \(usual.upperBound)",
        at: attention.site.range,
        facts: [
          "queries and keys of `\(attention.site.block)` are summed over \(width)"
            + " feature\(width == 1 ? "" : "s")",
          isNarrow
            ? "with fewer heads each would be wider" : "with more heads each would be narrower",
        ])
    }
  }
}
