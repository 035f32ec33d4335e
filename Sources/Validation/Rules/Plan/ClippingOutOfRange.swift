// ClippingOutOfRange: a bound of gradients that lets nothing through.
// Apart from the optimiser's numbers because clipping has a line of its own.
import Diagnostics
import Language

/// The bound of the gradient's norm is not positive.
///
/// Clipping multiplies the gradient by bound / norm where the norm is larger: with a bound of 0
/// every update is nothing but decay, with a negative one the loss climbs.
///
/// - Example: clip global_norm 0
/// - Remedy: Use a positive bound, 1.0 for example, or remove the line.
/// - Catalogue: T22
enum ClippingOutOfRange: Rule {
  static let id = "clipping-out-of-range"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let bound = subject.plan?.clip, bound <= 0 else { return [] }
    var place = subject.line("clip")
    for case .clip(_, let expression, _)? in subject.train?.members ?? [] {
      place = expression.range
    }
    return [
      finding(
        "the bound of the gradient's norm is \(bound), expected more than 0", at: place,
        facts: ["a gradient longer than the bound is multiplied by bound / norm"])
    ]
  }
}
