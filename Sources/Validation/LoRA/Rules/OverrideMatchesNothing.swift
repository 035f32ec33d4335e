// OverrideMatchesNothing: a rank or an alpha for layers that are not adapted.
// Matched as PEFT does: the pattern at the end of the name, behind a dot.
import Diagnostics

/// A pattern of `rank_pattern` or `alpha_pattern` matches no adapted layer.
///
/// PEFT ignores it with a warning, so that the layer that was meant keeps the common rank or alpha.
/// The pattern is a regular expression for the end of the dotted name, from a dot on.
///
/// - Example: rank_pattern {"c_atn": 4}
/// - Remedy: Correct the pattern, or add the layer to the targets.
/// - Catalogue: L02
enum OverrideMatchesNothing: AdapterRule {
  static let id = "override-matches-nothing"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard subject.resolution.refusal == nil else { return [] }
    return subject.resolution.unusedOverrides.map { pattern in
      let adapted = subject.resolution.sites.map { subject.inventory.modules[$0.module].leaf }
      let near = Nearest.match(pattern.value, in: adapted.uniqued())
      return finding(
        "the pattern `\(pattern.value)` matches no adapted layer", at: pattern.range,
        facts: ["adapted: " + adapted.uniqued().prefix(12).joined(separator: ", ")],
        help: near.map { ["did you mean `\($0)`?"] } ?? [])
    }
  }
}
