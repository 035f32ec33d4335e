// DiagnosticFixtureFixTests: a fix that is offered mends what it is offered for.
// Apart from the snapshots because here the fixtures are changed and checked again.
import Diagnostics
import Foundation
import Language
import PlumblineKit
import Testing

@Suite struct DiagnosticFixtureFixTests {
  /// Fixes that can't be judged by applying them alone, and why.
  static let exceptions: [String: String] = [:]

  /// A finding without its place, which edits move.
  private struct Finding: Hashable {
    var id: String
    var message: String

    init(_ diagnostic: Diagnostic) {
      id = diagnostic.id
      message = diagnostic.message
    }
  }

  @Test(
    "the first fix of a finding removes it and breaks nothing", arguments: DiagnosticFixture.all)
  func firstFixMends(_ fixture: DiagnosticFixture) throws {
    let before = try DiagnosticFixture.check(fixture.mistake)
    var mended = 0
    for diagnostic in before.diagnostics {
      guard let fix = diagnostic.fixes.first, !fix.edits.isEmpty else { continue }
      let after = try apply(fix, to: fixture, before)
      let report = TerminalRenderer(color: false).render(after.diagnostics, in: after.sources)
      let left = after.diagnostics.map(Finding.init)
      let known = before.diagnostics.map(Finding.init)
      // A size that a fix no longer needs may stay behind, and is told.
      let new = left.filter { !known.contains($0) && $0.id != "config-field-unused" }
      if left.contains(Finding(diagnostic)) || !new.isEmpty {
        #expect(
          Self.exceptions[fixture.name] != nil,
          "`\(fix.message)` leaves \(fixture.name) with:\n\(report)")
      } else {
        mended += 1
      }
    }
    if Self.exceptions[fixture.name] != nil { #expect(mended == 0, "no exception is needed") }
  }

  /// Copies the fixture, applies the fix to the copy and checks it.
  private func apply(
    _ fix: FixIt, to fixture: DiagnosticFixture, _ loaded: LoadedModel
  ) throws -> LoadedModel {
    let scratch = try TemporaryFolder()
    let manager = FileManager.default
    let top = String(fixture.mistake.split(separator: "/")[0])
    for entry in [top, DiagnosticFixture.shared] {
      try manager.copyItem(
        atPath: DiagnosticFixture.folder + entry, toPath: scratch.path + "/" + entry)
    }
    var settings = DiagnosticFixture.settings(of: fixture.mistake)
    let outcome = FixApplier.apply([fix], in: loaded.sources)
    #expect(outcome.refused.isEmpty, "the edits of `\(fix.message)` do not fit the text")
    for (source, text) in outcome.texts {
      let path = loaded.sources[source].path
      if path == "--set" {
        let old = loaded.sources[source].text
        let index = try #require(settings.firstIndex { "\($0.name)=\($0.value)" == old })
        settings[index] = try #require(Setting(parsing: text))
        continue
      }
      try #require(path.hasPrefix(DiagnosticFixture.folder), "a fix edits \(path)")
      let relative = path.dropFirst(DiagnosticFixture.folder.count)
      try Data(text.utf8).write(to: URL(fileURLWithPath: scratch.path + "/" + relative))
    }
    return try Workspace.load(scratch.path + "/" + fixture.mistake, settings: settings)
  }
}
