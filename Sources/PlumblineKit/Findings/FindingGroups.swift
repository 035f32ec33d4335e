// FindingGroups: findings put together by the line of the file that causes them.
// Apart from the renderers, which know no declarations, and from the rules, which know no others.
import Diagnostics
import Language

/// Findings that follow from one value or one declaration.
package struct FindingGroup: Sendable {
  /// The declaration as a reader calls it: "`schedule`", "`heads`"; `nil` for a single finding.
  package var cause: String?
  package var findings: [Diagnostic]

  /// The gravest of its findings.
  package var severity: Severity {
    Severity.allCases.first { severity in findings.contains { $0.severity == severity } } ?? .note
  }
}

/// The declarations of a library, by which findings are grouped.
struct FindingCauses {
  private struct Declared {
    var name: String
    var range: SourceRange
  }

  /// Fields of configs, lines of plans and members, by source.
  private var declared: [SourceID: [Declared]] = [:]

  init(_ library: ModuleLibrary) {
    for file in library.files {
      for declaration in file.syntax.declarations {
        switch declaration {
        case .model(let model): add(model.members)
        case .block(let block): add(block.members)
        case .adapter(let adapter): add(adapter.block.members)
        case .train(let train):
          for member in train.members { add(member.keyword, member.range) }
        case .importFile: continue
        }
      }
    }
  }

  private mutating func add(_ name: String, _ range: SourceRange) {
    declared[range.source, default: []].append(Declared(name: name, range: range))
  }

  private mutating func add(_ members: [Member]) {
    for member in members {
      switch member {
      case .config(let fields, _): for field in fields { add(field.name.text, field.range) }
      case .dim(let bounds, _): for bound in bounds { add(bound.name.text, bound.range) }
      case .binding(let binding): add(binding.name.text, binding.range)
      case .parameter(let parameter): add(parameter.name.text, parameter.range)
      case .conditional(let branches):
        add(branches.then)
        add(branches.otherwise)
      // Each line of a forward is an expression of its own.
      case .forward, .family, .dtype, .require, .freeze, .expect, .adapt, .policy: continue
      }
    }
  }

  /// What a finding is told under: its declaration, else its own place.
  private func cause(of finding: Diagnostic) -> (key: SourceRange, name: String?)? {
    guard let range = finding.range else { return nil }
    let found = declared[range.source]?.first { $0.range.contains(range) }
    return (found?.range ?? range, found?.name)
  }

  /// The gravest group first, then in the order of the files; the same within a group.
  func groups(_ findings: [Diagnostic]) -> [FindingGroup] {
    var groups: [FindingGroup] = []
    var places: [SourceRange: Int] = [:]
    for finding in FindingCauses.sorted(findings) {
      guard let (key, name) = cause(of: finding) else {
        groups.append(FindingGroup(cause: nil, findings: [finding]))
        continue
      }
      if let place = places[key] {
        groups[place].findings.append(finding)
      } else {
        places[key] = groups.count
        groups.append(FindingGroup(cause: name.map { "`\($0)`" }, findings: [finding]))
      }
    }
    return groups
  }
}

extension FindingCauses {
  /// The groups of findings; a single one needs no look at the declarations.
  static func grouped(_ findings: [Diagnostic], in library: ModuleLibrary) -> [FindingGroup] {
    findings.count > 1
      ? FindingCauses(library).groups(findings)
      : findings.map { FindingGroup(cause: nil, findings: [$0]) }
  }

  /// Errors first, then warnings, then notes, each in the order of the files and their lines.
  static func sorted(_ findings: [Diagnostic]) -> [Diagnostic] {
    Severity.allCases.flatMap { severity in
      findings.filter { $0.severity == severity }.enumerated().sorted { left, right in
        key(left.element, left.offset) < key(right.element, right.offset)
      }.map(\.element)
    }
  }

  private static func key(_ finding: Diagnostic, _ order: Int) -> (Int, Int, Int) {
    guard let range = finding.range else { return (-1, 0, order) }
    return (range.source.index, range.lower, order)
  }
}

extension LoadedModel {
  /// The findings by what causes them, the gravest first.
  package var findingGroups: [FindingGroup] {
    FindingCauses.grouped(diagnostics, in: library)
  }
}

extension SourceRange {
  /// Whether another range lies within this one.
  fileprivate func contains(_ other: SourceRange) -> Bool {
    source == other.source && lower <= other.lower && other.upper <= upper
  }
}
