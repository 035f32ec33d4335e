// Rows: things that stand one below the other, with the comments and blank lines between them.
// The only place where comments are put back; everything else asks it for rows.
import Diagnostics

extension Formatter {
  /// One thing of a list and how to lay it out; laid out in source order.
  struct Piece {
    var range: SourceRange
    /// What stands behind it when another one follows.
    var separator = ""
    /// A pattern is set off by its colon and not by a comma.
    var isPattern = false
    /// Whether a blank line stands above it in any case.
    var wantsBlank = false
    var layout: (inout Formatter) -> Layout

    init(
      _ range: SourceRange, separator: String = "", isPattern: Bool = false,
      wantsBlank: Bool = false, layout: @escaping (inout Formatter) -> Layout
    ) {
      self.range = range
      self.separator = separator
      self.isPattern = isPattern
      self.wantsBlank = wantsBlank
      self.layout = layout
    }
  }

  /// The pieces as rows, comments and blank lines among them.
  ///
  /// With `isInline` the first row stands behind a word, so comments above it are hoisted, and
  /// what follows the last row on its line is left to the statement around it.
  mutating func rows(
    _ pieces: [Piece], open: Int, close: Int, isInline: Bool = false, keepsBlanks: Bool = true
  ) -> [Layout] {
    var rows = Rows(last: open)
    for (index, piece) in pieces.enumerated() {
      let sharesLine = isInline && index == 0
      if sharesLine { hoistComments(before: piece.range.lower) }
      let leading = takeComments(before: piece.range.lower)
      let (layout, inner) = laidOut(piece)
      if piece.wantsBlank { rows.addBlank() }
      for comment in leading {
        addBlank(to: &rows, before: comment.range.lower)
        rows.add(.text(comment.text), until: comment.range.upper)
        placedComments += 1
      }
      if keepsBlanks { addBlank(to: &rows, before: piece.range.lower) }
      if sharesLine {
        hoisted += inner
      } else {
        for comment in inner { rows.add(.text(comment.text), until: piece.range.lower) }
        placedComments += inner.count
      }
      let isLast = index == pieces.count - 1
      var row = [layout, .text(isLast ? "" : piece.separator)]
      var end = piece.range.upper
      if !(isInline && isLast), let trailing = trailingComment(after: piece.range.upper) {
        row.append(.comment(trailing.text))
        placedComments += 1
        end = trailing.range.upper
      }
      rows.add(.sequence(row), until: end)
    }
    for comment in takeComments(before: close) {
      addBlank(to: &rows, before: comment.range.lower)
      rows.add(.text(comment.text), until: comment.range.upper)
      placedComments += 1
    }
    return rows.layouts
  }

  /// Rows so far, and the offset up to which the source is printed.
  private struct Rows {
    var layouts: [Layout] = []
    var last: Int
    private var endsBlank = true

    init(last: Int) { self.last = last }

    mutating func add(_ layout: Layout, until offset: Int) {
      layouts.append(layout)
      last = offset
      endsBlank = false
    }

    /// Adds a blank line, but never a first row and never two.
    mutating func addBlank() {
      guard !endsBlank else { return }
      layouts.append(.empty)
      endsBlank = true
    }
  }

  private func addBlank(to rows: inout Rows, before offset: Int) {
    if hasBlankLine(from: rows.last, to: offset) { rows.addBlank() }
  }

  /// A piece's layout and the comments inside it that found no place.
  private mutating func laidOut(_ piece: Piece) -> (Layout, [Comment]) {
    let outer = hoisted
    hoisted = []
    let layout = piece.layout(&self)
    hoistComments(before: piece.range.upper)
    defer { hoisted = outer }
    return (layout, hoisted)
  }

  // MARK: Comments

  func hasComment(before offset: Int) -> Bool {
    nextComment < comments.count && comments[nextComment].range.lower < offset
  }

  mutating func takeComments(before offset: Int) -> [Comment] {
    let first = nextComment
    while hasComment(before: offset) { nextComment += 1 }
    return Array(comments[first..<nextComment])
  }

  mutating func hoistComments(before offset: Int) { hoisted += takeComments(before: offset) }

  /// Takes the comment that ends the line of `offset`, a comma aside.
  mutating func trailingComment(after offset: Int) -> Comment? {
    guard nextComment < comments.count else { return nil }
    let comment = comments[nextComment]
    guard comment.range.lower >= offset, !hasLineBreak(from: offset, to: comment.range.lower)
    else { return nil }
    var next = tokenIndex(from: offset)
    if next < tokens.count, tokens[next].kind == .comma { next += 1 }
    guard next >= tokens.count || tokens[next].lower > comment.range.lower else { return nil }
    nextComment += 1
    return comment
  }

  // MARK: The source

  func hasLineBreak(from lower: Int, to upper: Int) -> Bool {
    guard let source, lower < upper else { return false }
    return source.bytes[min(lower, source.bytes.count)..<min(upper, source.bytes.count)]
      .contains(UInt8(ascii: "\n"))
  }

  func hasBlankLine(from lower: Int, to upper: Int) -> Bool {
    guard let source, lower < upper else { return false }
    var isBlank = false
    for byte in source.bytes[min(lower, source.bytes.count)..<min(upper, source.bytes.count)] {
      if byte == UInt8(ascii: "\n") {
        if isBlank { return true }
        isBlank = true
      } else if !Lexer.isBlank(byte) {
        isBlank = false
      }
    }
    return false
  }

  /// The first token at or after `offset`, by binary search.
  func tokenIndex(from offset: Int) -> Int {
    var low = 0
    var high = tokens.count
    while low < high {
      let middle = low + (high - low) / 2
      if tokens[middle].lower < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Where the next token of a kind stands; `offset` itself when there is none.
  func position(of kind: Token.Kind, from offset: Int) -> Int {
    var index = tokenIndex(from: offset)
    while index < tokens.count {
      if tokens[index].kind == kind { return tokens[index].lower }
      index += 1
    }
    return offset
  }
}
