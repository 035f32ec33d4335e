// Recovery: lists between delimiters, items between braces, and where to go on after a mistake.
// Everything that keeps one mistake from causing a second report lives here.
import Diagnostics

extension Parser {
  /// Enters one more level of nesting; reports and refuses beyond ``maximumDepth``.
  mutating func enter() -> Bool {
    guard depth < Self.maximumDepth else {
      reportDepth()
      return false
    }
    depth += 1
    return true
  }

  mutating func leave() { depth -= 1 }

  mutating func reportDepth() {
    guard !reportedDepth else { return panic() }
    reportedDepth = true
    report(
      "nested-too-deeply", "nested more than \(Self.maximumDepth) levels deep", range(current))
  }

  /// Parses `open item, item close`, the cursor being on `open`; a last comma may stand.
  mutating func delimited(
    _ close: Token.Kind, _ element: String, _ parseElement: (inout Parser) -> Void
  ) {
    let open = advance()
    let outerNewlines = newlinesMatter
    newlinesMatter = false
    openDelimiters += 1
    defer {
      newlinesMatter = outerNewlines
      openDelimiters -= 1
    }
    while kind != close {
      let before = index
      // After a comma the next line may already be another statement.
      if isAtEndOfDelimited || startsBinding(below: open) {
        return unclosed(open, close, element)
      }
      parseElement(&self)
      if panicking { return }
      if take(.comma) != nil { continue }
      if kind == close { break }
      if isAtEndOfDelimited || kind == .leftBrace || isDedented(below: open) {
        return unclosed(open, close, element)
      }
      return missingComma(open, close, progressed: index > before)
    }
    advance()
  }

  /// Whether the cursor is where no list can go on.
  private var isAtEndOfDelimited: Bool {
    kind == .endOfFile || kind == .rightBrace || startsDeclaration || startsMember
  }

  /// Whether the cursor starts a line that is indented no deeper than the one that holds `open`.
  private func isDedented(below open: Token) -> Bool {
    current.startsLine && indentation(of: current) <= indentation(of: open)
  }

  /// Whether the cursor starts a line that names a value outside `open`.
  ///
  /// Asked only in a file that lacks a closing sign: elsewhere `h = heads` may start a line.
  private func startsBinding(below open: Token) -> Bool {
    startsBindingLine && isDedented(below: open)
  }

  /// Whether the cursor starts a line with `name =` in a file that lacks a closing sign.
  var startsBindingLine: Bool {
    lacksClosingDelimiter && current.startsLine && kind == .identifier
      && token(1).kind == .equals
  }

  private mutating func missingComma(_ open: Token, _ close: Token.Kind, progressed: Bool) {
    let sign = close.spelling ?? ""
    let startsElement: Set<Token.Kind> = [.identifier, .integer, .float, .string, .leftBracket]
    let comma = current.lower > previousEnd ? "," : ", "
    let fixes =
      progressed && startsElement.contains(kind) ? [inserting(comma, at: previousEnd)] : []
    unexpected("`,` or `\(sign)`", notes: [openedHere(open)], fixes: fixes)
  }

  private mutating func unclosed(_ open: Token, _ close: Token.Kind, _ element: String) {
    let sign = close.spelling ?? ""
    let place = SourceRange(source: source, at: previousEnd)
    let isOnLine = kind == .endOfFile || kind == .rightBrace || kind == .leftBrace
    let found = isOnLine ? found : "the end of the line"
    report(
      open.kind == .leftBracket ? "unclosed-bracket" : "unclosed-parenthesis",
      "expected `\(sign)` after \(element), found \(found)", place, notes: [openedHere(open)],
      fixes: [inserting(sign, at: previousEnd)])
  }

  /// Parses `{ item … }` with one item a line, the cursor being before `{`.
  ///
  /// After a mistake in an item it goes on with the next line of the same braces.
  mutating func braced(
    _ owner: String, separatedByCommas: Bool = false, _ parseItem: (inout Parser) -> Void
  ) {
    guard current.kind == .leftBrace else {
      return unexpected("`{` to open \(owner)")
    }
    let open = advance()
    guard depth < Self.maximumDepth else {
      reportDepth()
      return skipToClose(of: open)
    }
    let outer = (newlinesMatter, openDelimiters)
    newlinesMatter = true
    openDelimiters = 0
    depth += 1
    while !endsBraces(open, owner) {
      parseItemWithRecovery(separatedByCommas, parseItem)
    }
    depth -= 1
    (newlinesMatter, openDelimiters) = outer
  }

  private mutating func parseItemWithRecovery(
    _ separatedByCommas: Bool, _ parseItem: (inout Parser) -> Void
  ) {
    let start = index
    parseItem(&self)
    if !panicking, separatedByCommas, take(.comma) != nil { return }
    if !panicking, !isAtEndOfStatement, !current.startsLine {
      unexpected(separatedByCommas ? "`,` or the end of the line" : "the end of the line")
    }
    if panicking { synchronise(since: start) }
    if index == start { advance() }
  }

  /// Takes the closing brace, or reports that it is missing; false when there is another item.
  private mutating func endsBraces(_ open: Token, _ owner: String) -> Bool {
    permitLineBreak()
    if kind == .rightBrace, !belongsOutside(open) {
      advance()
      return true
    }
    guard kind == .endOfFile || startsDeclaration || belongsOutside(open) else { return false }
    if lastUnclosed != index {
      report(
        "unclosed-brace", "expected `}` to close \(owner), found \(found)", foundRange,
        notes: [openedHere(open)])
      panicking = false
    }
    lastUnclosed = index
    return true
  }

  /// Whether indentation says that the line at the cursor is no longer inside `open`.
  ///
  /// Asked only in a file that lacks a closing brace: elsewhere indentation means nothing.
  private func belongsOutside(_ open: Token) -> Bool {
    guard lacksClosingBrace, current.startsLine else { return false }
    // The braces of a declaration end where another one starts, whatever the indentation.
    guard depth > 1 else { return false }
    let inner = indentation(of: current)
    let outer = indentation(of: open)
    return current.kind == .rightBrace ? inner < outer : inner <= outer
  }

  /// The white space at the start of a token's line, in bytes.
  func indentation(of token: Token) -> Int {
    let line = file.lineNumber(ofUTF8Offset: token.lower)
    let start = file.lineStarts[line - 1]
    var end = start
    while end < file.bytes.count, Lexer.isBlank(file.bytes[end]) { end += 1 }
    return end - start
  }

  /// Skips to the next line of the same braces, or to their end.
  ///
  /// A line inside open parentheses counts only if a member starts it or, in a file that lacks a
  /// closing one, if it is indented no deeper than the statement.
  mutating func synchronise(since start: Int) {
    panicking = false
    var braces = 0
    var delimiters = panicDelimiters
    let indentation = indentation(of: tokens[start])
    while current.kind != .endOfFile {
      let token = current
      if index > start, braces == 0 {
        if token.kind == .rightBrace { return }
        let isCloser = token.kind == .rightParenthesis || token.kind == .rightBracket
        if token.startsLine, !isCloser,
          delimiters <= 0 || startsMember
            || lacksClosingDelimiter && self.indentation(of: token) <= indentation
        {
          return
        }
      }
      if startsDeclaration { return }
      switch token.kind {
      case .leftBrace: braces += 1
      case .rightBrace: braces -= 1
      case .leftParenthesis, .leftBracket: if braces == 0 { delimiters += 1 }
      case .rightParenthesis, .rightBracket: if braces == 0 { delimiters -= 1 }
      default: break
      }
      advance()
    }
  }

  /// After a mistake in a header, goes on with the braces that it introduces, if they follow.
  mutating func recoverToBody() {
    guard panicking else { return }
    var ahead = index
    var delimiters = panicDelimiters - openDelimiters
    while tokens[ahead].kind != .endOfFile, tokens[ahead].kind != .rightBrace {
      if tokens[ahead].startsLine, ahead > index, delimiters <= 0 { return }
      switch tokens[ahead].kind {
      case .leftBrace:
        index = ahead
        panicking = false
        return
      case .leftParenthesis, .leftBracket: delimiters += 1
      case .rightParenthesis, .rightBracket: delimiters -= 1
      default: break
      }
      ahead += 1
    }
  }

  /// Skips everything up to the brace that closes `open`, which is behind the cursor.
  private mutating func skipToClose(of open: Token) {
    var braces = 1
    while braces > 0, current.kind != .endOfFile {
      if current.kind == .leftBrace { braces += 1 }
      if current.kind == .rightBrace { braces -= 1 }
      advance()
    }
    // What could not be read was skipped in balance, so nothing else follows from it.
    panicking = false
  }
}
