// What the tests of the language share: the example files and ways to parse a text.
// Apart so that each suite holds only its claims.
import Diagnostics
import Foundation
import Language

/// The example files of the language.
enum LanguageSamples {
  static let names = ["gpt2-small", "gpt2-lora", "encoder-decoder"]

  /// The text of an example file.
  static func text(of name: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "Fixtures/language/\(name).model")
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// The first line in which two texts differ.
  static func firstDifference(_ first: String, _ second: String) -> String {
    let lines = [first, second].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    guard let index = zip(lines[0], lines[1]).enumerated().first(where: { $1.0 != $1.1 })?.offset
    else { return "one text is longer" }
    return "line \(index + 1): \(lines[0][index])\n  against \(lines[1][index])"
  }
}

/// A parsed text with everything that a test asks about.
struct Parsed {
  let map: SourceMap
  let file: SyntaxFile
  let diagnostics: [Diagnostic]

  init(_ text: String) {
    var map = SourceMap()
    let source = map.add(path: "test.model", text: text)
    (file, diagnostics) = Parser.parse(source, in: map)
    self.map = map
  }

  /// Each diagnostic as `line:column id: message`.
  var reports: [String] { diagnostics.map { "\(place(of: $0)): \($0.message)" } }

  /// Each diagnostic as `line:column id`.
  var places: [String] { diagnostics.map { place(of: $0) } }

  private func place(of diagnostic: Diagnostic) -> String {
    guard let range = diagnostic.range else { return diagnostic.id }
    let (line, column) = map[range.source].position(ofUTF8Offset: range.lower)
    return "\(line):\(column) \(diagnostic.id)"
  }
}
