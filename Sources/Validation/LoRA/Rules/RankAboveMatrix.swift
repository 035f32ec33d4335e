// RankAboveMatrix: a rank that the adapted matrix can't have.
// Told once for each pattern and shape, not for each layer.
import Diagnostics

/// The rank is larger than the smaller side of the matrix.
///
/// The change that the adapter makes is a matrix of the same shape, whose rank is at most the smaller
/// of its sides. What the adapter has beyond costs memory and can express nothing more.
///
/// - Example: r 1024 on a layer [768 → 768]
/// - Remedy: Lower the rank, for this layer alone by `rank_pattern`, or train the layer in full.
/// - Catalogue: L06
enum RankAboveMatrix: AdapterRule {
  static let id = "rank-above-matrix"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    subject.groups { $0.rank > min($0.shape.input, $0.shape.output) }.map { group in
      let site = group.site
      let most = min(site.shape.input, site.shape.output)
      return finding(
        "rank \(site.rank) exceeds what `\(group.role)` can have: \(most)",
        at: subject.rankRange(of: site), label: "at most \(most)",
        facts: ["\(group.count) layers \(group.role) \(group.ends)"],
        help: ["lower the rank to at most \(most)"])
    }
  }
}

/// Alike sites, told together.
struct AdapterGroup {
  var site: AdapterSite
  var role: String
  var ends: String
  var count: Int
}

extension AdapterSubject {
  /// The sites that a condition holds for, by role, shape, rank and alpha.
  func groups(where condition: (AdapterSite) -> Bool) -> [AdapterGroup] {
    var groups: [AdapterGroup] = []
    for site in resolution.sites where condition(site) {
      let module = inventory.modules[site.module]
      let known = groups.firstIndex {
        $0.role == module.role && $0.site.shape == site.shape && $0.site.rank == site.rank
          && $0.site.alpha == site.alpha && $0.site.pattern == site.pattern
      }
      if let known {
        groups[known].count += 1
      } else {
        groups.append(
          AdapterGroup(site: site, role: module.role, ends: module.ends, count: 1))
      }
    }
    return groups
  }

  /// Where the rank of a site was written.
  func rankRange(of site: AdapterSite) -> SourceRange? {
    guard site.rank != description.rank.value else { return description.rank.range }
    return description.rankPattern.first { $0.value.value == site.rank }?.value.range
      ?? description.rank.range
  }

  /// Where the alpha of a site was written.
  func alphaRange(of site: AdapterSite) -> SourceRange? {
    guard site.alpha != description.alpha.value else { return description.alpha.range }
    return description.alphaPattern.first { $0.value.value == site.alpha }?.value.range
      ?? description.alpha.range
  }
}
