// StudyTargets: the sets of layers that a study adapts, by the rules for one adapter.
// Apart from adapters that the model makes, because here a study only names them.
import Analysis
import Diagnostics
import Language

/// One value of `vary targets`.
struct StudySet: Sendable {
  var range: SourceRange
  var names: [String]
  /// The names of the layers that get an adapter.
  var sites: [String]
  var subject: AdapterSubject
}

extension RuleSubject {
  /// Resolves the sets of a study on the model.
  var resolvedStudySets: [StudySet] {
    guard let axis = plan?.variations.first(where: { $0.name.text == "targets" }),
      let inventory = try? ModuleInventory(program)
    else { return [] }
    return zip(axis.values, axis.ranges).compactMap { value, range in
      guard case .string(let text) = value else { return nil }
      let names = text.split(separator: ",").map { $0.filter { $0 != " " } }
      var description = AdapterDescription()
      description.targets = .names(.suffixes(names.map { Placed($0, range) }))
      guard let subject = try? AdapterSubject(description, on: inventory) else { return nil }
      return StudySet(
        range: range, names: names, sites: subject.resolution.sites.map(\.name).sorted(),
        subject: subject)
    }
  }

  /// Names of the sets that match nothing or more than one thing, each told once.
  package var studyTargetFindings: [Diagnostic] {
    var told: Set<String> = []
    return studySets.flatMap { set in
      [AdapterMatchesNothing.findings, TargetMatchesNothing.findings, AmbiguousTarget.findings]
        .flatMap { $0(set.subject) }
        .map { finding in
          var finding = finding
          finding.range = finding.range ?? set.range
          return finding
        }
        .filter { told.insert($0.id + $0.message).inserted }
    }
  }
}
