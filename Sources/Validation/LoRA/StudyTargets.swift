// StudyTargets: the sets of layers that a study adapts, by the rules for one adapter.
// Apart from adapters that the model makes, because here a study only names them.
import Analysis
import Diagnostics
import Language

/// One value of `vary targets`.
package struct StudySet: Sendable {
  package var range: SourceRange?
  /// The names of the layers that get an adapter.
  package var sites: [String]
  package var subject: AdapterSubject

  /// Resolves names on a model, as a list of `target_modules` is resolved; `nil` without a name.
  ///
  /// - Parameters:
  ///   - text: names with commas or blanks between them, or `all-linear`.
  ///   - range: where it stands.
  ///   - inventory: the model's layers.
  package init?(_ text: String, at range: SourceRange?, in inventory: ModuleInventory) {
    let names = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
    var description = AdapterDescription()
    description.targets =
      names.count == 1 && names[0].lowercased() == "all-linear"
      ? .allLinear(range) : .names(.suffixes(names.map { Placed($0, range) }))
    guard !names.isEmpty, let subject = try? AdapterSubject(description, on: inventory) else {
      return nil
    }
    self.range = range
    self.subject = subject
    sites = subject.resolution.sites.map(\.name).sorted()
  }

  /// Names that match nothing or more than one thing.
  package var findings: [Diagnostic] {
    [AdapterMatchesNothing.findings, TargetMatchesNothing.findings, AmbiguousTarget.findings]
      .flatMap { $0(subject) }
      .map { finding in
        var finding = finding
        finding.range = finding.range ?? range
        return finding
      }
  }
}

extension RuleSubject {
  /// Resolves the sets of a study on the model.
  var resolvedStudySets: [StudySet] {
    guard let axis = plan?.variations.first(where: { $0.name.text == "targets" }),
      let inventory = try? ModuleInventory(program)
    else { return [] }
    return zip(axis.values, axis.ranges).compactMap { value, range in
      guard case .string(let text) = value else { return nil }
      return StudySet(text, at: range, in: inventory)
    }
  }

  /// Names of the sets that match nothing or more than one thing, each told once.
  package var studyTargetFindings: [Diagnostic] {
    var told: Set<String> = []
    return studySets.flatMap { set in
      set.findings.filter { told.insert($0.id + $0.message).inserted }
    }
  }
}
