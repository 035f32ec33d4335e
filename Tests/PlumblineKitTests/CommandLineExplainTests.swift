// CommandLineExplainTests: `plumbline explain`, and the manual held complete against the sources.
// A diagnostic whose id has no entry fails here, so that no error is left unexplained.
import Commands
import Foundation
import Operations
import PlumblineKit
import Testing

@Suite struct CommandLineExplainTests {
  @Test("a block of the prelude is shown with its comment, its parameters and its source")
  func block() {
    let page = plumbline("explain", "linear").output
    #expect(page.hasPrefix("block linear  (prelude.model:"))
    #expect(page.contains("  in: Int\n"))
    #expect(page.contains("    forward(x: [..., in]) -> [..., out] {\n"))
  }

  @Test("a block of a file is found with --in, and only then")
  func blockOfFile() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "a.model", "// Does nothing.\nblock idle() {\n  forward(x: [T]) -> [T] { return x }\n}\n")
    #expect(plumbline("explain", "idle").status == .usage)
    let page = plumbline("explain", "idle", "--in", file)
    #expect(page.output.contains("block idle"))
    #expect(page.output.contains("  Does nothing.\n"))
    #expect(plumbline("explain", "idle", "--in", file + "x").status == .usage)
  }

  @Test("every operation is explained with its shapes and its faults")
  func operations() {
    for operation in Catalogue.all {
      let schema = operation.schema
      let page = plumbline("explain", schema.name)
      #expect(page.status == .clean)
      #expect(page.output.contains("operation \(schema.name)\n"))
      #expect(page.output.contains(schema.summary))
      for fault in schema.faults.keys { #expect(page.output.contains("  \(fault) ")) }
    }
  }

  @Test("a diagnostic is explained with an example, a remedy and who raises it")
  func diagnostic() {
    let page = plumbline("explain", "shapes-do-not-broadcast").output
    #expect(page.hasPrefix("diagnostic shapes-do-not-broadcast\n  "))
    for part in ["example:", "remedy:", "raised by:", "  add"] { #expect(page.contains(part)) }
  }

  @Test("every id in the sources and every documented fault has an entry in the manual")
  func complete() throws {
    var ids = Set(CommonFaults.all.keys)
    for operation in Catalogue.all { ids.formUnion(operation.schema.faults.keys) }
    let patterns = [
      // Diagnostic(id: "…") and helpers with an `id:` label; Fault("…"); the parser's reports.
      #/\bid:\s*"([a-z][a-z-]*)"/#, #/\bFault\(\s*"([a-z][a-z-]*)"/#,
      #/\b(?:report|mention|error)\(\s*"([a-z]+(?:-[a-z]+)+)"/#,
      // Kinds of execution faults.
      #/case \.\w+: "([a-z]+(?:-[a-z]+)+)"/#,
    ]
    let root = packagePath("Sources")
    let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap {
      ($0 as? String).flatMap { $0.hasSuffix(".swift") ? $0 : nil }
    }
    #expect(files.count > 100)
    for file in files where !file.contains("/Manual/") {
      let data = try Data(contentsOf: URL(fileURLWithPath: root + "/" + file))
      let text = String(decoding: data, as: UTF8.self)
      for pattern in patterns {
        for match in text.matches(of: pattern) { ids.insert(String(match.1)) }
      }
    }
    #expect(ids.count > 120)
    let known = Set(DiagnosticManual.entries.map(\.id))
    #expect(ids.subtracting(known).sorted() == [], "ids without an entry in DiagnosticManual")
  }

  @Test("the manual has each id once, and full sentences")
  func manual() {
    let entries = DiagnosticManual.entries
    #expect(Set(entries.map(\.id)).count == entries.count)
    for entry in entries {
      #expect(entry.meaning.hasSuffix(".") && entry.remedy.hasSuffix("."), "\(entry.id)")
      #expect(!entry.example.isEmpty)
      #expect(plumbline("explain", entry.id).output.contains("diagnostic \(entry.id)\n"))
    }
  }
}
