// RuleFixtureTests: each rule finds its mistake in the words that were reviewed, and is silent
// beside it. `UPDATE_SNAPSHOTS=1 swift test --filter RuleFixture` rewrites them; the diff is the review.
import Diagnostics
import Foundation
import Interchange
import Language
import PlumblineKit
import Testing
import Validation

@Suite struct RuleFixtureTests {
  static let folder = packagePath("Fixtures/mistakes") + "/"

  /// The names of the mistakes, sorted; a folder is a config with what lies beside it.
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .map { entry in
      let config = entry + "/config.json"
      return FileManager.default.fileExists(atPath: folder + config) ? config : entry
    }
    .filter { $0.hasSuffix(".json") || $0.hasSuffix(".model") }
    .filter { !$0.contains(".legal") && $0 != "catalogue.json" }.sorted()

  /// The ids of all rules, of models and of configs.
  static let ids: [String] = RuleBook.all.map { $0.id } + ConfigRuleBook.all.map { $0.id }

  private static var updates: Bool {
    ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1"
  }

  static func stem(_ name: String) -> Substring {
    name.prefix { $0 != "." && $0 != "/" }
  }

  /// The legal neighbour of a mistake.
  static func legal(_ name: String) -> String {
    "\(stem(name)).legal\(name.dropFirst(stem(name).count))"
  }

  static func report(_ name: String) throws -> (found: [Diagnostic], text: String) {
    let loaded = try Workspace.load(folder + name)
    let text = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    return (loaded.diagnostics, text.replacingOccurrences(of: folder, with: ""))
  }

  @Test("a mistake is reported as it was reviewed", arguments: names)
  func matchesSnapshot(_ name: String) throws {
    let (found, text) = try RuleFixtureTests.report(name)
    #expect(!found.isEmpty, "\(name) shows no mistake")
    let path = RuleFixtureTests.folder + RuleFixtureTests.stem(name) + ".expected"
    if RuleFixtureTests.updates {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return
    }
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == expected, "\(name) is reported otherwise")
  }

  @Test("the legal neighbour of a mistake has no finding", arguments: names)
  func neighbourIsLegal(_ name: String) throws {
    let (found, text) = try RuleFixtureTests.report(RuleFixtureTests.legal(name))
    #expect(found.isEmpty, "\(text)")
  }

  @Test("nothing but rules and policies is found in these fixtures", arguments: names)
  func onlyRules(_ name: String) throws {
    let ids = try RuleFixtureTests.report(name).found.map(\.id)
    let known = Set(
      RuleFixtureTests.ids + AdapterRules.all.map { $0.id }
        + ["unused-allow", "unknown-finding", DeviceMemory.id, DeviceMemory.unitID])
    #expect(Set(ids).isSubset(of: known), "\(ids)")
  }

  @Test("every rule has a mistake that it finds")
  func everyRule() throws {
    var seen: Set<String> = []
    for name in RuleFixtureTests.names {
      seen.formUnion(try RuleFixtureTests.report(name).found.map(\.id))
    }
    let missing = RuleFixtureTests.ids.filter { !seen.contains($0) }
    #expect(missing == [], "rules without a fixture")
  }

  @Test("a fix removes what it is offered for", arguments: names)
  func fixesMend(_ name: String) throws {
    let loaded = try Workspace.load(RuleFixtureTests.folder + name)
    for finding in loaded.diagnostics {
      guard let fix = finding.fixes.first, !fix.edits.isEmpty else { continue }
      let outcome = FixApplier.apply([fix], in: loaded.sources)
      for (source, text) in outcome.texts {
        let after = Workspace.load(path: loaded.sources[source].path, text: text)
        #expect(!after.diagnostics.contains { $0.message == finding.message }, "\(fix.message)")
        #expect(!after.hasErrors || loaded.hasErrors, "\(fix.message)")
      }
    }
  }
}
