// MistakeCatalogueTests: the catalogue of mistakes is complete, and each of its lines is true.
// Apart from the fixtures' own suites, which hold the words: this one holds the table.
import Diagnostics
import Foundation
import PlumblineKit
import Testing

@Suite struct MistakeCatalogueTests {
  /// Codes without a fixture, which may only become fewer.
  private static let owed: Set<String> = []

  private typealias Line = MistakeCatalogue.Line

  @Test("every code of the catalogue has its fixtures, in order and once")
  func complete() {
    let codes = MistakeCatalogue.table.map(\.key)
    #expect(codes == MistakeCatalogue.codes.filter { !Self.owed.contains($0) })
    for code in codes {
      #expect(MistakeCatalogue.lines.contains { $0.code == code }, "\(code) has no fixture")
    }
  }

  @Test("a mistake raises the ids that the table names", arguments: MistakeCatalogue.lines)
  func raises(_ line: MistakeCatalogue.Line) throws {
    guard !line.isSilent else {
      #expect(try Workspace.load(MistakeCatalogue.root + line.fixture).diagnostics == [])
      return
    }
    let found = Set(try MistakeCatalogue.ids(line, isLegal: false))
    #expect(found.isSuperset(of: line.finds), "\(found)")
    // What was reviewed says so as well.
    let path = MistakeCatalogue.root + line.fixture + ".expected"
    let report = try String(contentsOfFile: path, encoding: .utf8)
    #expect(Set(MistakeCatalogue.ids(in: report)).isSuperset(of: line.finds))
    for id in line.finds {
      #expect(DiagnosticManual.entry(for: id) != nil, "the manual does not explain \(id)")
    }
  }

  @Test("its legal neighbour raises nothing", arguments: MistakeCatalogue.lines)
  func staysSilent(_ line: MistakeCatalogue.Line) throws {
    guard !line.isSilent else { return }
    #expect(try MistakeCatalogue.ids(line, isLegal: true) == [])
  }

  /// Configs that look wrong and are not.
  static let silent: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: MistakeCatalogue.root + "silent")) ?? [])
    .sorted()

  @Test("what only looks wrong raises nothing", arguments: silent)
  func looksWrong(_ name: String) throws {
    let found = try Workspace.load(MistakeCatalogue.root + "silent/" + name).diagnostics
    #expect(found == [], "\(found.map(\.message))")
    #expect(MistakeCatalogueTests.silent.count >= 20)
  }

  @Test("a rule that names a code in its documentation stands in the table under it")
  func documented() {
    for entry in DiagnosticManual.entries {
      let codes = (entry.catalogue ?? "").matches(of: /[ALTNM][0-9][0-9]/).map { String($0.0) }
      for code in codes {
        let found = MistakeCatalogue.lines.contains {
          $0.code == code && $0.finds.contains(entry.id)
        }
        #expect(found, "\(entry.id) is not among the fixtures of \(code)")
      }
    }
  }
}
