// LoRAManualTests: the manual's pages of the adapter rules are the rules' documentation comments.
// `UPDATE_SNAPSHOTS=1 swift test --filter LoRAManual` writes the pages from the comments.
import Foundation
import PlumblineKit
import Testing
import Validation

@Suite struct LoRAManualTests {
  private static let output = packagePath(
    "Sources/PlumblineKit/Manual/DiagnosticManual+Adapters.swift")

  private struct Page {
    var id: String
    var parts: [String: String]
  }

  private static func pages() throws -> [Page] {
    let root = packagePath("Sources/Validation/LoRA/Rules")
    return try FileManager.default.contentsOfDirectory(atPath: root).compactMap { file in
      page(try String(contentsOfFile: root + "/" + file, encoding: .utf8))
    }.sorted { $0.id < $1.id }
  }

  private static func page(_ text: String) -> Page? {
    guard let head = text.firstMatch(of: /((?:\/\/\/.*\n)+)enum \w+: AdapterRule \{/),
      let id = text.firstMatch(of: /static let id = "([a-z-]+)"/)
    else { return nil }
    var parts: [String: String] = [:]
    var current = "Meaning"
    for line in head.1.split(separator: "\n") {
      var words = line.dropFirst(3).trimmingCharacters(in: .whitespaces)
      if let mark = words.prefixMatch(of: #/- (Example|Remedy|Catalogue): /#) {
        current = String(mark.1)
        words = String(words[mark.range.upperBound...])
      }
      guard !words.isEmpty else { continue }
      parts[current] = parts[current].map { $0 + " " + words } ?? words
    }
    return Page(id: String(id.1), parts: parts)
  }

  private static func literal(_ text: String, _ indentation: Int) -> String {
    let margin = String(repeating: " ", count: indentation)
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= 100 - indentation {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return "\"\"\"\n" + lines.map { margin + $0 + "\n" }.joined() + margin + "\"\"\""
  }

  private static func source(_ pages: [Page]) -> String {
    var text = """
      // DiagnosticManual+Adapters: the pages of the rules on adapters, from their documentation.
      // Made by `UPDATE_SNAPSHOTS=1 swift test --filter LoRAManual`; edit the comments instead.

      extension DiagnosticManual {
        static var adapters: [Entry] {
          [

      """
    for page in pages {
      let catalogue = page.parts["Catalogue"].map { " Catalogue: \($0)." } ?? ""
      text += "      Entry(\n        \"\(page.id)\",\n"
      text += "        \(literal((page.parts["Meaning"] ?? "") + catalogue, 8)),\n"
      text += "        example: \(literal(page.parts["Example"] ?? "", 10)),\n"
      text += "        remedy: \(literal(page.parts["Remedy"] ?? "", 10))),\n"
    }
    return text + "    ]\n  }\n}\n"
  }

  @Test("the pages are those of the comments, one for each rule")
  func pagesAreCurrent() throws {
    let pages = try Self.pages()
    let text = Self.source(pages)
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: URL(fileURLWithPath: Self.output))
      return
    }
    #expect(try String(contentsOfFile: Self.output, encoding: .utf8) == text)
    #expect(pages.map(\.id) == AdapterRules.all.map { $0.id }.sorted())
    for page in pages {
      for part in ["Meaning", "Example", "Remedy", "Catalogue"] {
        #expect(page.parts[part] != nil, "\(page.id) has no \(part)")
      }
    }
  }
}
