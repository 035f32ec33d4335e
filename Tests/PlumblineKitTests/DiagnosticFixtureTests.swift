// DiagnosticFixtureTests: each mistake is reported exactly as reviewed, its neighbour not at all.
// `UPDATE_SNAPSHOTS=1 swift test --filter DiagnosticFixture` rewrites them; the diff is the review.
import Diagnostics
import Foundation
import PlumblineKit
import Testing

@Suite struct DiagnosticFixtureTests {
  private static var updates: Bool {
    ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1"
  }

  @Test("a mistake is reported as it was reviewed", arguments: DiagnosticFixture.all)
  func matchesSnapshot(_ fixture: DiagnosticFixture) throws {
    let rendered = try fixture.rendered()
    #expect(!rendered.isEmpty, "\(fixture.name) shows no mistake")
    if Self.updates {
      try Data(rendered.utf8).write(
        to: URL(fileURLWithPath: DiagnosticFixture.folder + fixture.expected))
      return
    }
    let expected = try #require(
      DiagnosticFixture.text(fixture.expected), "\(fixture.expected) is missing")
    #expect(rendered == expected, "\(fixture.name) is reported otherwise")
  }

  @Test("the legal neighbour of a mistake has no finding", arguments: DiagnosticFixture.all)
  func neighbourIsLegal(_ fixture: DiagnosticFixture) throws {
    let loaded = try DiagnosticFixture.check(fixture.legal)
    let report = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    #expect(loaded.diagnostics.isEmpty, "\(report)")
    #expect(loaded.model != nil)
  }

  @Test("what the fixtures share has no finding of its own")
  func sharedPartsAreLegal() throws {
    let path = DiagnosticFixture.folder + DiagnosticFixture.shared
    for file in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
      let loaded = try DiagnosticFixture.check(DiagnosticFixture.shared + "/" + file)
      #expect(loaded.diagnostics.isEmpty, "\(file)")
    }
  }

  @Test("no report and no neighbour is left without its mistake")
  func nothingIsOrphaned() {
    let names = Set(DiagnosticFixture.all.map(\.name))
    for entry in DiagnosticFixture.entries where entry != DiagnosticFixture.shared {
      let name = [".expected", ".legal.model", ".model", ".legal"].first { entry.hasSuffix($0) }
        .map { String(entry.dropLast($0.count)) }
      #expect(names.contains(name ?? entry), "\(entry) belongs to no mistake")
    }
    #expect(names.count >= 70)
  }

  @Test("a fixture says in its first line what is wrong", arguments: DiagnosticFixture.all)
  func saysWhatIsWrong(_ fixture: DiagnosticFixture) throws {
    let isConfig = fixture.mistake.hasSuffix(".json")
    let text = DiagnosticFixture.text(isConfig ? fixture.name + "/README.md" : fixture.mistake)
    let first = try #require(text?.split(separator: "\n").first)
    #expect(first.hasSuffix(".") && (isConfig || first.hasPrefix("// ")), "\(first)")
  }

  @Test("every report can be read by machines", arguments: DiagnosticFixture.all)
  func machineFormatsAreValid(_ fixture: DiagnosticFixture) throws {
    let loaded = try DiagnosticFixture.check(fixture.mistake)
    let findings = try JSONSerialization.jsonObject(
      with: Data(JSONRenderer.render(loaded.diagnostics, in: loaded.sources).utf8))
    #expect((findings as? [[String: Any]])?.count == loaded.diagnostics.count)
    let log = try JSONSerialization.jsonObject(
      with: Data(SARIFRenderer().render(loaded.diagnostics, in: loaded.sources).utf8))
    let runs = (log as? [String: Any])?["runs"] as? [[String: Any]]
    let results = runs?.first?["results"] as? [[String: Any]]
    #expect(results?.count == loaded.diagnostics.count)
    for diagnostic in loaded.diagnostics {
      let id = diagnostic.id
      #expect(id.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(id) is not kebab-case")
      #expect(DiagnosticManual.entry(for: id) != nil, "the manual does not explain \(id)")
      let line = diagnostic.message
      #expect(!line.hasSuffix(".") && line.prefixMatch(of: /[A-Z][a-z]/) == nil, "\(line)")
    }
  }

  @Test(
    "no mistake is told in the prelude, which nobody can mend", arguments: DiagnosticFixture.all)
  func pointsAtTheUser(_ fixture: DiagnosticFixture) throws {
    let loaded = try DiagnosticFixture.check(fixture.mistake)
    for diagnostic in loaded.diagnostics {
      let path = diagnostic.range.flatMap { loaded.sources.file($0.source)?.path }
      #expect(path?.hasSuffix("prelude.model") == false, "\(diagnostic.message)")
    }
  }
}
