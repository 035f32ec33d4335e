// NormShiftedByBias: a bias behind an RMS norm.
// Apart from layer norm, which has a bias by definition and may leave it out.
import Diagnostics
import Dimensions
import IR

/// A vector is added to the result of an RMS norm, which has none.
///
/// RMS norm scales and never shifts (Zhang and Sennrich 2019, arXiv 1910.07467): checkpoints of such
/// models hold no bias for it, so the count is off by one vector a norm and the weights do not load.
/// The rule sees a weight of one axis added directly to what the norm made.
///
/// - Example: return rms_normalize(x, weight) + bias
/// - Remedy: Remove the bias, or use a layer norm.
/// - Catalogue: A26
enum NormShiftedByBias: Rule {
  static let id = "norm-shifted-by-bias"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.sites.shiftedNorms.map { shifted in
      finding(
        "`\(shifted.weight.declaration.name)` is added to an RMS norm, which has no bias",
        at: shifted.site.range,
        facts: [
          "\(subject.grouped(shifted.weight.declaration.type.elementCount.constant ?? 0))"
            + " parameters in each norm of `\(shifted.site.block)`"
        ],
        notes: shifted.weight.declaration.range.map {
          [Note(message: "the bias is declared here", range: $0)]
        } ?? [])
    }
  }
}
