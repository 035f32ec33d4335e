// HalfMaskOverflows: a large finite constant that 16 bits can't hold.
// Infinity itself is meant where it is written, and is another rule's matter.
import Diagnostics
import Dimensions
import IR

/// A finite constant is beyond what f16 can hold, and becomes infinite.
///
/// The largest f16 is 65504. A mask of -1e9 or -1e10, meant as "very small but finite", becomes
/// -infinity: a row that is masked throughout then gives NaN instead of equal weights. bf16 has the
/// range of f32 and holds it. The rule follows constants through the graph to where they are f16.
///
/// - Example: where(visible, scores, -1e9) in a model of dtype f16
/// - Remedy: Use -1e4 or -65_504, compute the scores in f32, or write -inf if that is meant.
/// - Catalogue: N01
enum HalfMaskOverflows: Rule {
  static let id = "half-mask-overflows"
  static let severity = Severity.error
  static let largest = 65_504.0

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    let beyond = subject.sites.constants.filter {
      $0.element == .f16 && $0.value.magnitude > largest
    }
    return beyond.map { fill in
      finding(
        "\(fill.value) does not fit f16, whose largest number is 65_504", at: fill.site.range,
        facts: [
          "the constant becomes \(fill.value < 0 ? "-inf" : "inf")",
          "a row of scores that is hidden throughout is then NaN behind a softmax",
        ])
    }
  }
}
