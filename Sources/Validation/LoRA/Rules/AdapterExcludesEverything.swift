// AdapterExcludesEverything: exclusions take out all that the targets name.
// Targets that are saved instead are told by their own rule.
import Diagnostics

/// `exclude_modules` takes out every layer that the targets name.
///
/// Exclusion is stronger than every target: a name in its list excludes each layer whose dotted name
/// ends in it, a single text is a regular expression for the whole name. PEFT refuses when nothing is
/// left to adapt.
///
/// - Example: target_modules ["c_attn"] with exclude_modules ["c_attn"]
/// - Remedy: Narrow the exclusion, for example to single layers: `h.0.attn.c_attn`.
/// - Catalogue: L12
enum AdapterExcludesEverything: AdapterRule {
  static let id = "adapter-excludes-everything"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let refusal = subject.resolution.refusal, refusal.type == "NoMatchingPeftModuleError",
      let excluded = subject.description.excluded,
      subject.resolution.patterns.contains(where: { $0.excluded > 0 })
    else { return [] }
    let named = subject.resolution.patterns.reduce(0) { $0 + $1.named.count }
    let range: SourceRange?
    switch excluded {
    case .pattern(let pattern): range = pattern.range
    case .suffixes(let names): range = names.first?.range
    }
    return [
      finding(
        "all \(named) layers that the targets name are excluded", at: range,
        facts: ["PEFT: \(refusal.text)"], help: ["narrow `exclude_modules`"])
    ]
  }
}
