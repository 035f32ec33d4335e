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
