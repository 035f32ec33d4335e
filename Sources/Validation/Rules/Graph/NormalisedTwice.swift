// NormalisedTwice: a norm before the head of what a norm has just made.
// The reverse, a head without any norm, is a rule of its own.
import Diagnostics
import Dimensions
import IR

/// The last norm before the head reads what a norm has just made.
///
/// A post-norm model ends every layer with a norm, so one more before the head only learns a second
/// scale and shift: it costs weights and changes nothing else. Mostly a block was turned from
/// pre-norm to post-norm and the final norm stayed.
///
/// - Example: return lm_head(ln_f(h(x))) where the layers of h end in norm(x + ffn(x))
/// - Remedy: Remove one of the two norms.
/// - Catalogue: A27
enum NormalisedTwice: Rule {
  static let id = "normalised-twice"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.heads.compactMap { head in
      guard case .normalised(_, again: true) = head.operand else { return nil }
      return finding(
        "the head reads a norm of what is already normalised", at: head.site.range,
        facts: ["the last layer ends in a norm, and another follows it before the head"])
    }
  }
}
