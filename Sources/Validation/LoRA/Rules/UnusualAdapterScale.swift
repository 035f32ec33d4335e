// UnusualAdapterScale: the factor of the adapter's output is far from every usual one.
// Wide bounds on purpose: published scales lie between 1/8 and 32.
import Diagnostics

/// The adapter's output is multiplied by a factor that is far from every usual one.
///
/// The factor is alpha / r, or alpha / √r when rank-stabilised. Below 1/16 the adapter hardly acts
/// at any common rate, at 0 it never does; above 32 the first updates are so large that training is
/// likely to diverge. Published adapters lie between 1/8 and 32. Often rank and alpha were swapped,
/// or the rank was raised and alpha kept.
///
/// - Example: r 64 with lora_alpha 1: a factor of 0.0156
/// - Remedy: Set alpha near the rank; r or 2 r are usual.
/// - Catalogue: L08
enum UnusualAdapterScale: AdapterRule {
  static let id = "unusual-adapter-scale"
  static let usual = 1.0 / 16...32

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    var seen: Set<[Double]> = []
    return subject.groups { !usual.contains($0.scaling) }.compactMap { group in
      let site = group.site
      guard seen.insert([Double(site.rank), site.alpha]).inserted else { return nil }
      let isStable = subject.description.isRankStabilised.value
      let formula = isStable ? "alpha / √r" : "alpha / r"
      let values = "\(text(site.alpha)) / \(isStable ? "√" : "")\(site.rank)"
      let other =
        isStable ? site.alpha / Double(site.rank) : site.alpha / Double(site.rank).squareRoot()
      return finding(
        "the adapter is scaled by \(text(site.scaling)), outside 1/16 … 32",
        at: subject.alphaRange(of: site) ?? subject.rankRange(of: site),
        facts: [
          "\(formula) = \(values) = \(text(site.scaling))",
          isStable
            ? "without rank-stabilising it would be \(text(other))"
            : "rank-stabilised (alpha / √r) it would be \(text(other))",
        ], help: ["set alpha near the rank: \(site.rank) or \(site.rank &* 2)"])
    }
  }

  /// Four significant decimals at most, without needless zeros.
  static func text(_ value: Double) -> String {
    if let whole = Int(exactly: value) { return "\(whole)" }
    guard value.magnitude < 1e12, value.magnitude >= 1e-4 else { return "\(value)" }
    let scale: Double = value.magnitude < 1 ? 1e4 : 1e2
    return "\((value * scale).rounded() / scale)"
  }
}
