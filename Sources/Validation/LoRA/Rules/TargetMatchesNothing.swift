// TargetMatchesNothing: one of several targets names no layer, and PEFT says nothing.
// When no target matches, the whole adapter is refused, which is another finding.
import Diagnostics

/// A target names no layer, while others do.
///
/// PEFT ignores it without a word, so that fewer layers are trained than the list says, and two
/// lists that look different give the same adapter.
///
/// - Example: target_modules ["c_attn", "q_proj"] on GPT-2
/// - Remedy: Remove the name, or use the model's own.
/// - Catalogue: L02
enum TargetMatchesNothing: AdapterRule {
  static let id = "target-matches-nothing"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    // What PEFT chose by family was written by nobody.
    guard !subject.resolution.sites.isEmpty, case .names = subject.description.targets else {
      return []
    }
    return subject.resolution.patterns.filter { $0.named.isEmpty }.map { match in
      finding(
        "`\(match.pattern.value)` names no layer of \(subject.inventory.model)",
        at: match.pattern.range, label: "0 layers",
        facts: ["\(subject.inventory.model) has " + subject.leafList],
        help: subject.hint(for: match.pattern.value).map { [$0] } ?? [])
    }
  }
}
