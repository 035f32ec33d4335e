// RuleManualTests: the manual's pages of the rules are the rules' own documentation comments.
// `UPDATE_SNAPSHOTS=1 swift test --filter RuleManual` writes the pages from the comments.
import Foundation
import PlumblineKit
import Testing
import Validation

@Suite struct RuleManualTests {
  /// What a documentation comment says.
  private struct Page: Equatable {
    var id: String
    var parts: [String: String]
  }

  /// A file of the manual and the rules whose pages it holds.
  private struct Volume: Sendable {
    var file: String
    var property: String
    var folders: [String]
  }

  private static let volumes = [
    Volume(
      file: "GraphRules", property: "graphRules", folders: ["Sources/Validation/Rules/Graph"]),
    Volume(
      file: "PlanRules", property: "planRules", folders: ["Sources/Validation/Rules/Plan"]),
    Volume(
      file: "ScheduleRules", property: "scheduleRules",
      folders: ["Sources/Validation/Rules/Schedule"]),
    Volume(
      file: "ConfigsAndRuns", property: "configsAndRuns",
      folders: ["Sources/Validation/Review", "Sources/Interchange/ConfigRules"]),
  ]

  /// The pages of all files of the rules, by id.
  private static func pages(of volume: Volume) throws -> [Page] {
    try volume.folders.flatMap { folder in
      let root = packagePath(folder)
      let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
      return try files.filter { $0.hasSuffix(".swift") }.compactMap { file in
        try page(String(contentsOfFile: root + "/" + file, encoding: .utf8))
      }
    }.sorted { $0.id < $1.id }
  }

  private static func page(_ text: String) -> Page? {
    guard let head = text.firstMatch(of: /((?:\/\/\/.*\n)+)enum \w+: (?:Config|Review)?Rule \{/),
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

  private static func source(_ volume: Volume, _ pages: [Page]) -> String {
    var text = """
      // DiagnosticManual+\(volume.file): pages of rules, written from their documentation comments.
      // Made by `UPDATE_SNAPSHOTS=1 swift test --filter RuleManualTests`; edit the comments instead.

      extension DiagnosticManual {
        static var \(volume.property): [Entry] {
          [

      """
    for page in pages {
      func part(_ name: String, _ indentation: Int) -> String {
        literal(page.parts[name] ?? "", indentation)
      }
      text += "      Entry(\n        \"\(page.id)\",\n"
      text += "        \(part("Meaning", 8)),\n        example: \(part("Example", 10)),\n"
      text += "        remedy: \(part("Remedy", 10)),\n"
      text += "        catalogue: \"\(page.parts["Catalogue"] ?? "")\"),\n"
    }
    return text + "    ]\n  }\n}\n"
  }

  @Test("the pages are those of the comments, one for each rule")
  func pagesAreCurrent() throws {
    var pages: [Page] = []
    for volume in RuleManualTests.volumes {
      let own = try RuleManualTests.pages(of: volume)
      pages += own
      let text = RuleManualTests.source(volume, own)
      let path = packagePath(
        "Sources/PlumblineKit/Manual/DiagnosticManual+\(volume.file).swift")
      if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
    let ids = RuleFixtureTests.ids + ReviewBook.all.map { $0.id }
    #expect(pages.map(\.id).sorted() == ids.sorted())
    for page in pages {
      for part in ["Meaning", "Example", "Remedy", "Catalogue"] {
        #expect(page.parts[part] != nil, "\(page.id) has no \(part)")
      }
    }
  }
}
