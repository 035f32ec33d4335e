// PaddedRowMayBeEmpty: a query that may be left without any key, so that softmax gives NaN.
// Apart from padding alone, where only a sequence of nothing but padding has no key.
import Diagnostics
import Dimensions
import IR

/// A padding mask and a causal mask, both with -infinity, can hide every key of a query.
///
/// The first query sees only the first key; when that key is padding, as with padding on the left,
/// its row of scores is -infinity throughout and the softmax NaN, which the loss spreads to every
/// weight. A finite constant such as -1e9 gives equal weights instead, which do no harm in a row
/// that is masked in the loss.
///
/// - Example: softmax(mask_keys(mask_future(scores), keep: keep) : b h t [s])
/// - Remedy: Use a large finite constant for padding, pad on the right only, or let each query see itself.
/// - Catalogue: N10
enum PaddedRowMayBeEmpty: Rule {
  static let id = "padded-row-may-be-empty"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    var told: Set<SourceRange?> = []
    return subject.sites.attentions.compactMap { attention in
      guard attention.hidesFuture, attention.scores.isPadded, attention.scores.fill == nil,
        told.insert(attention.site.range).inserted
      else { return nil }
      return finding(
        "a query may see no key: padding and later keys are both hidden with -inf",
        at: attention.site.range,
        facts: [
          "witness: the first position of a sequence is padding, so query 0 sees nothing",
          "a row of nothing but -inf gives NaN",
        ])
    }
  }
}
