// FusedProjectionAdapted: an adapter on a layer that makes queries, keys and values at once.
// A remark, since it is legal and common.
import Analysis
import Diagnostics

/// The adapter acts on queries, keys and values together.
///
/// Where one layer makes all three, its adapter changes the keys as well, and its rank is shared by
/// the three. For equal widths it has as many weights as two adapters of the same rank on separate
/// queries and values, r · (d + 3d) = 2 · r · (d + d), but it is another adapter. It asks for
/// nothing.
///
/// - Example: target_modules ["c_attn"] on GPT-2
/// - Remedy: Nothing to do; raise the rank if each of the three should have the full rank.
/// - Catalogue: L16
enum FusedProjectionAdapted: AdapterRule {
  static let id = "fused-projection-adapted"
  static let severity = Severity.note

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    let groups = subject.groups { subject.inventory.modules[$0.module].isFusedProjection }
    return groups.map { group in
      let range =
        subject.resolution.patterns.indices.contains(group.site.pattern)
        ? subject.resolution.patterns[group.site.pattern].pattern.range : nil
      return finding(
        "the adapter of `\(group.role)` changes the keys too, and shares rank \(group.site.rank)"
          + " among queries, keys and values", at: range,
        facts: ["\(group.count) layers \(group.role) \(group.ends)"])
    }
  }
}
