// SavedMatchesNothing: a name of `modules_to_save` that no layer ends in.
// PEFT says nothing; heads of classifiers are listed by habit and stay silent.
import Diagnostics

/// A name in `modules_to_save` means no layer of the model.
///
/// PEFT compares the ends of all names and passes over what it does not find, so that the layer that
/// was meant stays frozen. The names `classifier` and `score` are written by PEFT itself for every
/// classification task, whichever of the two exists, and are no finding.
///
/// - Example: modules_to_save ["lm_hed"]
/// - Remedy: Use the model's own name for the layer.
/// - Catalogue: L02
enum SavedMatchesNothing: AdapterRule {
  static let id = "saved-matches-nothing"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard !subject.resolution.sites.isEmpty else { return [] }
    let habitual = ["classifier", "score"]
    return subject.description.saved.filter { name in
      !habitual.contains(name.value)
        && !subject.inventory.modules.contains { $0.name.hasSuffix(name.value) }
    }.map { name in
      finding(
        "`\(name.value)` is to be saved, but no layer of \(subject.inventory.model) is called so",
        at: name.range, label: "0 layers",
        help: subject.hint(for: name.value).map { [$0] } ?? [])
    }
  }
}
