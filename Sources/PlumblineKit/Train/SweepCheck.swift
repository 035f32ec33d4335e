// SweepCheck: the rules about studies, for the axes of a command line as for those of a file.
// Apart from `check`, which knows the file's own `vary` lines only.
import Diagnostics
import Language
import Validation

/// What the rules say of a study before it begins.
struct SweepCheck {
  let findings: [Diagnostic]
  private let sources: SourceMap

  /// Rules that look at the axes; what else is wrong, the runs will say.
  private static let ids: Set<String> = [
    "sweep-misses-plan", "sweep-value-illegal", "sweep-values-alike", "study-runs-repeat",
    "steps-varied-in-study", "adapter-matches-nothing", "target-matches-nothing",
    "ambiguous-target",
  ]

  /// - Parameters:
  ///   - loaded: the model's file.
  ///   - model: the model.
  ///   - library: the file with the texts of options.
  ///   - axes: the study's, with their places.
  init(
    _ loaded: LoadedModel, _ model: ElaboratedModel, _ library: ModuleLibrary, _ axes: [SweepAxis]
  ) {
    var model = model
    sources = library.sources
    let plans = axes.compactMap(\.plan)
    let places = plans.flatMap(\.ranges)
    guard model.plan != nil else {
      findings = Self.targets(axes, model)
      return
    }
    model.plan?.variations = plans
    let found = RuleCheck(
      model, library: library, file: loaded.file, overrides: loaded.overrides
    ).judgement(of: [], isAsWritten: false).rules
    findings = found.filter { finding in
      guard Self.ids.contains(finding.id), let range = finding.range else { return false }
      return places.contains { $0.source == range.source && $0.lower <= range.lower }
        || plans.contains { $0.range == range }
    }
  }

  /// Without a section there is no plan for rules, but there may be names of layers.
  private static func targets(_ axes: [SweepAxis], _ model: ElaboratedModel) -> [Diagnostic] {
    guard let axis = axes.first(where: { $0.name == "targets" }),
      let inventory = try? ModuleInventory(model.program)
    else { return [] }
    return axis.values.enumerated().flatMap { index, value in
      StudySet(value, at: axis.places.element(index), in: inventory)?.findings ?? []
    }
  }

  /// Refuses what can't be a study, and names of layers that a study would pass over.
  ///
  /// - Parameter allowed: ids that the command line lets pass.
  /// - Throws: ``RunFailure`` with what stops the start.
  func refuse(allowing allowed: [String]) throws(RunFailure) {
    let stopping = findings.filter { finding in
      // PEFT ignores such a name; hours of runs that differ in nothing are no place to do so.
      (finding.severity == .error || finding.id == "target-matches-nothing")
        && !allowed.contains(finding.id)
    }.map { finding in
      var finding = finding
      finding.severity = .error
      if finding.id == "target-matches-nothing" {
        finding.fixes.append(
          FixIt(
            message: "pass over the name, as PEFT does: --allow target-matches-nothing",
            effect: .none))
      }
      return finding
    }
    guard stopping.isEmpty else { throw RunFailure(stopping, in: sources) }
  }
}
