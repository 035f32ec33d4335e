// CommandLineExplainTests: `plumbline explain`, and the manual held complete against the sources.
// A diagnostic whose id has no entry fails here, so that no error is left unexplained.
import Commands
import Diagnostics
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

  @Test("without a name everything that has a page is listed")
  func list() {
    let outcome = plumbline("explain")
    #expect(outcome.status == .clean)
    for name in ["linear", "softmax", "shape-mismatch"] { #expect(outcome.output.contains(name)) }
    #expect(!outcome.output.contains("softmax_gradient"))
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

  /// Every `.swift` file of the sources but the manual.
  private func sources() throws -> [String] {
    let root = packagePath("Sources")
    let names = try #require(FileManager.default.enumerator(atPath: root)).compactMap {
      $0 as? String
    }
    let files = names.filter { $0.hasSuffix(".swift") && !$0.contains("/Manual/") }
    #expect(files.count > 100)
    return try files.map {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: root + "/" + $0)), as: UTF8.self)
    }
  }

  private var documentedFaults: Set<String> {
    Catalogue.all.reduce(into: Set(CommonFaults.all.keys)) { $0.formUnion($1.schema.faults.keys) }
  }

  @Test("every id in the sources and every documented fault has an entry in the manual")
  func complete() throws {
    var ids = documentedFaults
    let patterns = [
      // Arguments called `id`, also where a helper passes them on.
      #/\bid:\s*"([a-z][a-z-]*)"/#,
      // Errors that take their id first: faults, failed runs, the parser's reports.
      #/\b(?:Fault|RunFailure|CheckpointFinding|self\.init)\(\s*"([a-z]+(?:-[a-z]+)+)"/#,
      #/\b(?:report|mention|error|append)\(\s*"([a-z]+(?:-[a-z]+)+)"/#,
      // Kinds of errors, by case.
      #/case \.\w+: "([a-z]+(?:-[a-z]+)+)"/#,
    ]
    for text in try sources() {
      for pattern in patterns {
        for match in text.matches(of: pattern) { ids.insert(String(match.1)) }
      }
    }
    #expect(ids.count > 120)
    let known = Set(DiagnosticManual.entries.map(\.id))
    #expect(ids.subtracting(known).sorted() == [], "ids without an entry in DiagnosticManual")
  }

  @Test("every entry of the manual explains an id that something can raise")
  func current() throws {
    let text = try sources().joined()
    var unused = Set(DiagnosticManual.entries.map(\.id)).subtracting(documentedFaults)
    for severity in Severity.allCases { unused.remove("too-many-\(severity.rawValue)s") }
    unused = unused.filter { !text.contains("\"\($0)\"") }
    #expect(unused.sorted() == [], "entries that explain nothing")
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
