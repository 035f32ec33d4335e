// AttentionScaleUnusual: scores multiplied by the square of what was meant, or by another width's.
// A scale that is missing altogether is a choice of some families, and no finding here.
import Diagnostics
import Dimensions
import IR

/// The scores of attention are multiplied by a constant that looks like a slip.
///
/// Products of queries and keys of width d grow with √d, so they are multiplied by 1/√d. Scaling
/// twice, or by 1/d, leaves them so small that every key gets almost the same weight; scaling by
/// the model's width instead of the head's does the same to a lesser degree. The rule multiplies
/// the constants between the layers that make queries and keys and the softmax, wherever they
/// stand. Other constants are taken as chosen: no scale at all (T5), a scale after norms, a scale
/// that differs from layer to layer, or one from a `config.json`.
///
/// - Example: scores / head_width instead of scores / sqrt(head_width)
/// - Remedy: Divide once, by the square root of the head's width.
/// - Catalogue: N09
enum AttentionScaleUnusual: Rule {
  static let id = "attention-scale-unusual"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard !subject.isFromConfigFile else { return [] }
    let places = Dictionary(grouping: subject.sites.attentions) { $0.site.range }
    var told: Set<SourceRange?> = []
    return subject.sites.attentions.compactMap { attention in
      guard told.insert(attention.site.range).inserted, !attention.scores.isNormalised,
        let alike = places[attention.site.range],
        let slip = slip(alike[0], subject), alike.allSatisfy({ self.slip($0, subject) == slip }),
        let width = attention.scores.width.constant, let factor = attention.scores.factor
      else { return nil }
      let right = 1 / Double(width).squareRoot()
      return finding(
        "the scores are multiplied by \(rounded(factor)), expected 1/√\(width) = \(rounded(right))",
        at: attention.site.range,
        facts: [
          "\(rounded(factor)) = \(slip), where heads are \(width) wide",
          "scores are then \(rounded(right / factor)) times too small, and the softmax flat",
        ])
    }
  }

  /// The formula of a factor that is a slip.
  private static func slip(_ attention: AttentionSite, _ subject: RuleSubject) -> String? {
    guard let width = attention.scores.width.constant, width > 1,
      let factor = attention.scores.factor
    else { return nil }
    func isNear(_ value: Double) -> Bool { abs(factor / value - 1) < 1e-6 }
    if isNear(1 / Double(width).squareRoot()) { return nil }
    if isNear(1 / Double(width)) { return "1/\(width), the square of 1/√\(width)" }
    for layer in subject.sites.layers {
      guard let model = layer.to.constant, model > width, model % width == 0,
        isNear(1 / Double(model).squareRoot()), layer.from.constant == model
      else { continue }
      return "1/√\(model), from the model's width"
    }
    return nil
  }

  private static func rounded(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return "\(value)" }
    let scale = value.magnitude >= 1 ? 1e3 : 1e6
    return "\((value * scale).rounded() / scale)"
  }
}
