// Formatter: the one way in which a model file is laid out.
// Builds a layout from the syntax tree and weaves the comments in by their places in the source.
import Diagnostics

/// Prints a syntax tree; there are no options.
///
/// - Two columns of indentation, lines of at most 100 columns, one item a line.
/// - Adjacent lines of one kind align: the names of `let` and of bindings at `=`, `param` at its
///   type and `=`, claims at their comparison, the words of a model's head and of a `train`
///   section at what follows them, and `:` in bindings that call the same operation. A blank line
///   ends a run; a name longer than ``widestAligned`` columns does not take part.
/// - One blank line stays where the source has some, and stands between declarations.
/// - A `config`, a `match` or a branch that is broken over lines stays broken.
/// - Comments stay at the end of their line or above what they stood above; one in the middle of
///   an expression moves above the statement.
///
/// Parsing the result gives the same tree, and formatting it again the same text. A file with
/// syntax errors must not be formatted: what the parser gave up on would be lost.
package struct Formatter {
  static let width = 100
  static let widestAligned = 32

  /// The source, if the tree was parsed from one.
  let source: SourceFile?
  let tokens: [Token]
  var comments: [Comment]
  var nextComment = 0
  /// Comments that have no line of their own in the layout; the row around them prints them.
  var hoisted: [Comment] = []
  /// How many comments stand in rows so far; a list that got one cannot stand on one line.
  var placedComments = 0

  private init(_ file: SyntaxFile, _ map: SourceMap) {
    source = map.file(file.source)
    comments = source == nil ? [] : file.comments
    var ignored = DiagnosticCollector()
    tokens =
      source.map { Lexer.lex($0, source: file.source, reportingTo: &ignored).tokens } ?? []
  }

  /// The text of a file, ending in a newline unless it is empty.
  package static func format(_ file: SyntaxFile, _ map: SourceMap) -> String {
    var formatter = Formatter(file, map)
    let text = formatter.layout(of: file.declarations).printed(width: width)
    return text.isEmpty ? "" : text + "\n"
  }

  /// How wide a layout is on one line, comments left out; nil if it cannot stand on one.
  func flatWidth(_ build: (inout Formatter) -> Layout) -> Int? {
    var copy = self
    copy.comments = []
    copy.nextComment = 0
    return build(&copy).flatText?.unicodeScalars.count
  }
}

extension Formatter {
  /// `open element, element close`: on one line if it fits, else one element a line.
  mutating func delimited(
    _ open: String, _ close: String, at offsets: (open: Int, close: Int), _ pieces: [Piece],
    padding: Int = 0
  ) -> Layout {
    hoistComments(before: offsets.open)
    guard hasComment(before: offsets.close) || !pieces.isEmpty else {
      return .text(open + close)
    }
    let hasComments = hasComment(before: offsets.close)
    let rows = rows(
      pieces, open: offsets.open, close: offsets.close, keepsBlanks: hasComments)
    guard !hasComments else {
      return .sequence([
        .text(open), .nest(2, .sequence([.hardLine, .joined(rows, by: .hardLine)])), .hardLine,
        .text(close),
      ])
    }
    var inner: [Layout] = [.line(flat: "")]
    for (index, row) in rows.enumerated() {
      inner.append(row)
      guard index < rows.count - 1 else { break }
      if pieces[index + 1].isPattern { inner.append(.padding(padding)) }
      inner.append(.line(flat: " "))
    }
    return .group(
      .sequence([.text(open), .nest(2, .sequence(inner)), .line(flat: ""), .text(close)]))
  }

  /// `{ rows }` on lines of their own; `{}` without any.
  mutating func braces(at offsets: (open: Int, close: Int), _ pieces: [Piece]) -> Layout {
    let trailing = trailingComment(after: offsets.open + 1)
    let rows = rows(pieces, open: offsets.open, close: offsets.close)
    guard !rows.isEmpty || trailing != nil else { return .text("{}") }
    var parts: [Layout] = [.text("{")]
    if let trailing { parts.append(.comment(trailing.text)) }
    if !rows.isEmpty {
      parts.append(.nest(2, .sequence([.hardLine, .joined(rows, by: .hardLine)])))
    }
    return .sequence(parts + [.hardLine, .text("}")])
  }
}
