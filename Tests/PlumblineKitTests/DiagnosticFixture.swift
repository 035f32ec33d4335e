// DiagnosticFixture: the mistakes of Fixtures/diagnostics, each with its rendered report and a
// legal neighbour that differs as little as possible. Apart so that each suite reads as its rules.
import Diagnostics
import Foundation
import Language
import PlumblineKit
import Testing

/// One mistake: `name.model` or a folder `name`, its `name.expected` and its legal neighbour.
struct DiagnosticFixture: Hashable, Sendable, CustomTestStringConvertible {
  var name: String
  /// The file to check, relative to the folder of fixtures.
  var mistake: String
  var legal: String

  var testDescription: String { name }

  static let folder = packagePath("Fixtures/diagnostics") + "/"
  /// Files that fixtures import; no fixtures themselves.
  static let shared = "parts"

  /// All fixtures, sorted by name.
  static let all: [DiagnosticFixture] = entries.compactMap { entry in
    if entry.hasSuffix(".model"), !entry.hasSuffix(".legal.model") {
      let name = String(entry.dropLast(".model".count))
      return DiagnosticFixture(name: name, mistake: entry, legal: name + ".legal.model")
    }
    guard isFolder(entry), entry != shared, !entry.hasSuffix(".legal") else { return nil }
    let file = exists(entry + "/config.json") ? "/config.json" : "/main.model"
    return DiagnosticFixture(name: entry, mistake: entry + file, legal: entry + ".legal" + file)
  }

  /// What lies in the folder, sorted.
  static let entries: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + path)
  }

  static func isFolder(_ path: String) -> Bool {
    var result: ObjCBool = false
    return FileManager.default.fileExists(atPath: folder + path, isDirectory: &result)
      && result.boolValue
  }

  static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: folder + path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The second line may set config fields: `// --set heads=6`.
  static func settings(of path: String) -> [Setting] {
    let lines = (text(path) ?? "").split(separator: "\n", maxSplits: 2)
    guard lines.count > 1, lines[1].hasPrefix("// --set ") else { return [] }
    return lines[1].dropFirst("// --set ".count).split(separator: " ").compactMap {
      Setting(parsing: String($0))
    }
  }

  /// Checks a file of the folder.
  static func check(_ path: String) throws -> LoadedModel {
    try Workspace.load(folder + path, settings: settings(of: path))
  }

  var expected: String { name + ".expected" }

  /// The report as a terminal without colours shows it, with paths relative to the folder.
  func rendered() throws -> String {
    let loaded = try DiagnosticFixture.check(mistake)
    return TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
      .replacingOccurrences(of: DiagnosticFixture.folder, with: "")
  }
}
