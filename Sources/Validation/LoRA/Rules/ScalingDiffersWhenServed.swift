// ScalingDiffersWhenServed: the adapter is trained with one factor and used with another.
// Needs both descriptions: what was trained, and what the server reads.
import Diagnostics

/// The adapter is served with another factor than it was trained with.
///
/// The factor alpha / r, or alpha / √r when rank-stabilised, is no weight: every program computes it
/// again from the description. When the flag `use_rslora`, alpha or the rank got lost on the way, the
/// same weights act √r times stronger or weaker, and nothing fails.
///
/// - Example: trained with use_rslora true at r 16, served without: 4 times weaker
/// - Remedy: Give the server the description that the adapter was trained with.
/// - Catalogue: L09
enum ScalingDiffersWhenServed: AdapterRule {
  static let id = "scaling-differs-when-served"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let serving = subject.serving, let site = subject.resolution.sites.first else {
      return []
    }
    let trained = subject.description
    guard serving.rank.value > 0, trained.rank.value > 0 else { return [] }
    let before = trained.scaling(alpha: trained.alpha.value, rank: trained.rank.value)
    let after = serving.scaling(alpha: serving.alpha.value, rank: serving.rank.value)
    guard before != after else { return [] }
    let ratio = before / after
    let changed =
      trained.isRankStabilised.value != serving.isRankStabilised.value
      ? serving.isRankStabilised
      : Placed(true, serving.alpha.range ?? serving.rank.range)
    let text = UnusualAdapterScale.text
    return [
      finding(
        "trained with a factor of \(text(before)), served with \(text(after))",
        at: changed.range ?? serving.rank.range,
        label: ratio >= 1 ? "\(text(ratio)) times weaker" : "\(text(1 / ratio)) times stronger",
        facts: [
          "trained: " + formula(trained) + " = \(text(before))",
          "served: " + formula(serving) + " = \(text(after))",
          "for example \(site.name)",
        ], help: ["serve with the description that was trained"])
    ]
  }

  private static func formula(_ description: AdapterDescription) -> String {
    let alpha = UnusualAdapterScale.text(description.alpha.value)
    return description.isRankStabilised.value
      ? "alpha / √r = \(alpha) / √\(description.rank.value)"
      : "alpha / r = \(alpha) / \(description.rank.value)"
  }
}
