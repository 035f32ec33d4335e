// MachineFormatTests: JSON, SARIF and workflow commands, read back as their consumers do.
// One diagnostic with every part is used for all three.

import Diagnostics
import Foundation
import Testing

@Suite struct MachineFormatTests {
  private let sources: SourceMap
  private let diagnostic: Diagnostic

  init() {
    var sources = SourceMap()
    let source = sources.add(path: "models/a b,c:d.model", text: "é = linear(1)\nexpect é\n")
    let range = SourceRange(source: source, lower: 5, upper: 14)
    self.sources = sources
    diagnostic = Diagnostic(
      id: "shape-mismatch", message: "needs 100%, found\r\n2", range: range, label: "[B, T]",
      facts: [.blank, .line("needs: 1"), .continuation("because"), .line("found: 2")],
      notes: [
        Note(
          message: "declared here", range: SourceRange(source: source, lower: 22, upper: 24),
          facts: [.line("once")]), Note(message: "no place"),
      ],
      fixes: [
        FixIt(
          message: "say 2", edits: [Edit(range: range, replacement: "\"2\"\n")],
          effect: .parameters), FixIt(message: "think", effect: .model),
      ])
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("the JSON document has the promised shape")
  func json() throws {
    let report = CheckReport(files: [
      FileReport(
        path: "a", model: "gpt2", verdict: .refuted, diagnostics: [diagnostic], in: sources),
      FileReport(path: "b", verdict: .proved, findings: []),
    ])
    let text = JSONRenderer.render(report)
    let files = try #require(try object(text)["files"] as? [[String: Any]])
    #expect(files.map { $0["verdict"] as? String } == ["refuted", "proved"])
    #expect(files.map { $0["model"] as? String } == ["gpt2", nil])
    let finding = try #require((files[0]["findings"] as? [[String: Any]])?.first)
    #expect(finding["id"] as? String == "shape-mismatch")
    #expect(finding["severity"] as? String == "error")
    #expect(finding["file"] as? String == "models/a b,c:d.model")
    #expect(
      ["line", "column", "endLine", "endColumn"].map { finding[$0] as? Int } == [1, 5, 1, 14])
    #expect(finding["label"] as? String == "[B, T]")
    #expect(finding["facts"] as? [String] == ["needs: 1", "  because", "found: 2"])
    let notes = try #require(finding["notes"] as? [[String: Any]])
    #expect(notes[0]["line"] as? Int == 2 && notes[0]["column"] as? Int == 8)
    #expect(notes[1]["line"] == nil)
    let fixes = try #require(finding["fixes"] as? [[String: Any]])
    #expect(fixes.map { $0["effect"] as? String } == ["parameters", "model"])
    let edit = try #require((fixes[0]["edits"] as? [[String: Any]])?.first)
    #expect(edit["replacement"] as? String == "\"2\"\n")
    #expect(edit["endColumn"] as? Int == 14)
  }

  @Test("a report survives being written and read")
  func jsonRoundTrip() throws {
    let report = CheckReport(files: [
      FileReport(path: "a", verdict: .undecided, diagnostics: [diagnostic], in: sources)
    ])
    let text = JSONRenderer.render(report)
    #expect(try JSONDecoder().decode(CheckReport.self, from: Data(text.utf8)) == report)
    #expect(text.contains("\"models/a b,c:d.model\"") && text.hasSuffix("}\n"))
  }

  @Test("a workflow command escapes its message and its properties")
  func gitHub() {
    let expected =
      "::error file=models/a b%2Cc%3Ad.model,line=1,col=5,endLine=1,endColumn=14,"
      + "title=shape-mismatch::needs 100%25, found%0D%0A2: [B, T]%0Aneeds: 1%0A  because%0A"
      + "found: 2%0Anote: declared here (models/a b,c:d.model:2:8)%0Aonce%0Anote: no place%0A"
      + "help: say 2%0Ahelp: think\n"
    #expect(GitHubRenderer.render([diagnostic], in: sources) == expected)
    let note = Diagnostic(id: "a-note", severity: .note, message: "m")
    #expect(GitHubRenderer.render([note], in: sources) == "::notice title=a-note::m\n")
  }

  @Test("a SARIF log has every property that the standard requires")
  func sarif() throws {
    let other = Diagnostic(id: "unused-weights", severity: .warning, message: "m")
    let log = try object(
      SARIFRenderer(toolVersion: "1.0").render([other, diagnostic, diagnostic], in: sources))
    #expect(log["version"] as? String == "2.1.0")
    #expect((log["$schema"] as? String)?.hasSuffix("sarif-2.1.0.json") == true)
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    #expect(run["columnKind"] as? String == "unicodeCodePoints")
    let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
    #expect(driver["name"] as? String == "plumbline")
    let rules = try #require(driver["rules"] as? [[String: Any]])
    #expect(rules.map { $0["id"] as? String } == ["shape-mismatch", "unused-weights"])
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.map { $0["ruleIndex"] as? Int } == [1, 0, 0])
    #expect(results.map { $0["level"] as? String } == ["warning", "error", "error"])
    #expect((results[0]["locations"] as? [Any])?.isEmpty == true)

    let result = results[1]
    let text = try #require((result["message"] as? [String: Any])?["text"] as? String)
    #expect(text.contains("needs: 1\n  because"))
    let place = try #require((result["locations"] as? [[String: Any]])?.first)
    let physical = try #require(place["physicalLocation"] as? [String: Any])
    let artifact = try #require(physical["artifactLocation"] as? [String: Any])
    #expect(artifact["uri"] as? String == "models/a%20b%2Cc%3Ad.model")
    let region = try #require(physical["region"] as? [String: Int])
    #expect(region == ["startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 14])
    let related = try #require(result["relatedLocations"] as? [[String: Any]])
    #expect(related.count == 1 && related[0]["id"] as? Int == 1)
    let fixes = try #require(result["fixes"] as? [[String: Any]])
    #expect(fixes.count == 1)
    let change = try #require((fixes[0]["artifactChanges"] as? [[String: Any]])?.first)
    let replacement = try #require((change["replacements"] as? [[String: Any]])?.first)
    #expect((replacement["insertedContent"] as? [String: Any])?["text"] as? String == "\"2\"\n")
    #expect(replacement["deletedRegion"] as? [String: Int] == region)
  }

  @Test("no diagnostics make a valid empty log")
  func emptySarif() throws {
    let log = try object(SARIFRenderer().render([], in: SourceMap()))
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    #expect((run["results"] as? [Any])?.isEmpty == true)
  }
}
