// MistakeCatalogue: the table of Fixtures/mistakes/catalogue.json, and how each kind of fixture is run.
// Apart from its tests, because every folder of fixtures has its own way of being checked.
import Diagnostics
import Foundation
import Interchange
import PlumblineKit
import Testing

/// The catalogue of configuration mistakes: each code and the fixtures that hold it.
///
/// A fixture is named by its folder and its stem; its report is `STEM.expected` and its legal neighbour
/// `STEM.legal…`. What may not be found at all stands as `silent`, with the whole name of the file.
enum MistakeCatalogue {
  /// One line of the table.
  struct Line: Sendable, CustomTestStringConvertible {
    var code: String
    /// `diagnostics/norm-width`.
    var fixture: String
    /// The ids that the mistake must raise; empty for what must stay silent.
    var finds: [String]

    var isSilent: Bool { finds.isEmpty }
    var testDescription: String { code + " " + fixture }
    var folder: String { fixture.split(separator: "/").dropLast().joined(separator: "/") }
    var stem: String { fixture.split(separator: "/").last.map(String.init) ?? "" }
  }

  static let root = packagePath("Fixtures") + "/"
  static let file = "mistakes/catalogue.json"

  /// Every code that the catalogue of mistakes has, by letter.
  static let codes: [String] = [("A", 40), ("L", 17), ("T", 26), ("N", 10), ("M", 6)]
    .flatMap { letter, count in (1...count).map { letter + ($0 < 10 ? "0" : "") + "\($0)" } }

  static let table: [JSONMember] = {
    let data = FileManager.default.contents(atPath: root + file)
    return (try? JSONDocument(utf8: [UInt8](data ?? Data())))?.root.members ?? []
  }()

  static let lines: [Line] = table.flatMap { member in
    (member.node.elements ?? []).map { node in
      Line(
        code: member.key, fixture: (node["fixture"] ?? node["silent"])?.string ?? "",
        finds: (node["finds"]?.elements ?? []).compactMap(\.string))
    }
  }

  /// The ids that a fixture raises, or its legal neighbour.
  static func ids(_ line: Line, isLegal: Bool) throws -> [String] {
    switch line.folder {
    case "lora/rules":
      let outcome = try LoRARuleTests.run(line.stem + (isLegal ? ".legal" : ""))
      return ids(in: LoRARuleTests.findings(outcome))
    case "reviews":
      let logs = try ReviewTests.logs(line.stem, isLegal ? "legal" : "bad")
      return try ReviewTests.report(logs).diagnostics.map(\.id)
    case "diagnostics":
      let fixture = DiagnosticFixture.all.first { $0.name == line.stem }
      let found = try #require(fixture, "\(line.fixture) is no fixture")
      let path = isLegal ? found.legal : found.mistake
      return try DiagnosticFixture.check(path).diagnostics.map(\.id)
    default:
      let name = RuleFixtureTests.names.first { RuleFixtureTests.stem($0) == line.stem }
      let found = try #require(name, "\(line.fixture) is no fixture")
      let path = isLegal ? RuleFixtureTests.legal(found) : found
      return try RuleFixtureTests.report(path).found.map(\.id)
    }
  }

  /// The ids in a rendered report.
  static func ids(in text: String) -> [String] {
    text.matches(of: /(?m)^(?:error|warning|note)\[([a-z-]+)\]/).map { String($0.1) }
  }
}
