// ExclusionMatchesNothing: `exclude_modules` is given and excludes nothing.
// Mirrors PEFT's warning, with what could have been named.
import Diagnostics

/// `exclude_modules` excludes no layer.
///
/// What was to stay untouched is adapted then, if a target names it. PEFT warns too.
///
/// - Example: exclude_modules ["lm_hed"]
/// - Remedy: Use the model's own names, or drop the option.
/// - Catalogue: L02
enum ExclusionMatchesNothing: AdapterRule {
  static let id = "exclusion-matches-nothing"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard subject.resolution.exclusionIsUnused, let excluded = subject.description.excluded else {
      return []
    }
    let names: [Placed<String>]
    switch excluded {
    case .pattern(let pattern): names = [pattern]
    case .suffixes(let list): names = list
    }
    guard let first = names.first else { return [] }
    return [
      finding(
        "no layer is excluded by \(names.map { "`\($0.value)`" }.joined(separator: ", "))",
        at: names.compactMap(\.range).reduce(first.range) { $0?.union($1) ?? $1 },
        facts: ["\(subject.inventory.model) has " + subject.leafList],
        help: names.compactMap { subject.hint(for: $0.value) })
    ]
  }
}
