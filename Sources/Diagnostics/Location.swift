// Location: a range as a reader or an editor names it, in a path, lines and columns.
// Apart from SourceRange because only renderers need it, and it costs a search to make.

/// A range resolved to 1-based lines and columns; the end is the column after the last character.
package struct Location: Hashable, Sendable {
  package let path: String
  package let line: Int
  package let column: Int
  package let endLine: Int
  package let endColumn: Int

  /// Resolves a range, or gives nil when its file is not in `sources`.
  package init?(_ range: SourceRange, in sources: SourceMap) {
    guard let file = sources.file(range.source) else { return nil }
    path = file.path
    (line, column) = file.position(ofUTF8Offset: range.lower)
    (endLine, endColumn) = file.position(ofUTF8Offset: range.upper)
  }
}

extension Fact {
  /// The fact on a line of its own; a continuation is indented as the terminal shows it.
  var plainText: String {
    switch self {
    case .line(let text): text
    case .continuation(let text): text.isEmpty ? "" : "  " + text
    }
  }

  /// The facts as plain lines, without the bare ones that are only layout.
  static func plainLines(_ facts: [Fact]) -> [String] {
    facts.map(\.plainText).filter { !$0.isEmpty }
  }
}
