// Verdict: everything that is found about one elaborated model: claims, rules, and what was wrong.
// One mistake must not hide the next: each judge looks at what is sound for it.
import Diagnostics
import Language
import Validation

/// The findings about one model.
struct Verdict {
  /// How many claims hold.
  private(set) var held = 0
  /// Claims that are refuted, or that can't be decided.
  private(set) var claims: [Diagnostic] = []
  /// What the rules find.
  private(set) var rules: [Diagnostic] = []
  /// What elaborating found, under the policies of the file.
  private(set) var others: [Diagnostic] = []

  /// All of them.
  var all: [Diagnostic] { others + rules + claims }

  /// Judges a model.
  ///
  /// - Parameters:
  ///   - model: the model, which may have errors.
  ///   - found: what its elaboration found.
  ///   - library: the parsed files.
  ///   - file: the index of the file asked for.
  ///   - overrides: the values of config fields that were given.
  ///   - name: the model, where it is not the file's last.
  ///   - isAsWritten: false when settings or a config changed the model.
  init(
    _ model: ElaboratedModel, found: [Diagnostic], library: ModuleLibrary, file: Int,
    overrides: [ConfigOverride] = [], name: String? = nil, isAsWritten: Bool = true
  ) {
    let hasErrors = found.contains { $0.severity == .error }
    if model.isSound {
      let checker = ExpectationChecker(model: model, sources: library.sources) { changed in
        let names = Set(changed.map(\.name))
        let all = overrides.filter { !names.contains($0.name) } + changed
        var elaborator = Elaborator(library: library, overrides: all)
        let (result, found) = elaborator.elaborate(file: file, model: name)
        return found.contains { $0.severity == .error } ? nil : result
      }
      let outcome = checker.check()
      held = outcome.held
      // What a claim lacks where the plan has errors is told with those.
      claims = outcome.diagnostics.filter { !hasErrors || $0.id == "expectation-failed" }
    }
    let judgement = RuleCheck(model, library: library, file: file, overrides: overrides)
      .judgement(of: found, isAsWritten: isAsWritten && !hasErrors)
    let refused = found.filter { $0.severity == .error }.compactMap(\.range)
    // A number that could not be taken is not judged by its size as well.
    rules = judgement.rules.filter { finding in
      guard let range = finding.range else { return true }
      return !refused.contains {
        $0.source == range.source && $0.lower < range.upper && range.lower < $0.upper
      }
    }
    others = judgement.others
  }
}
