// Parser: recursive descent over the tokens of one file; this file holds its state and first steps.
// What it parses is split by subject into the Parser+ files beside it.
import Diagnostics

/// Reads a model file into a syntax tree and reports every independent mistake in one run.
///
/// Three rules that are not visible in the grammar:
/// - A statement ends with its line, except inside parentheses and brackets, after a comma and
///   after an infix operator. An operator at the start of a line continues nothing.
/// - In a call, `name:` without a space before the colon is a label; with a space, as in
///   `softmax(s : b t [s])`, the colon starts a pattern.
/// - Only ``reservedWords`` are reserved; a layer may be called `data`, a tensor `shape`.
package struct Parser {
  /// How deep expressions, branches and groups may nest; also how long a chain of operators is.
  package static let maximumDepth = 256

  /// The words that can name nothing.
  package static let reservedWords: Set<String> = [
    "if", "else", "match", "repeat", "true", "false", "inf", "none", "return", "div",
  ]

  let file: SourceFile
  let source: SourceID
  let tokens: [Token]
  let comments: [Comment]
  /// Whether the file opens more braces than it closes; then indentation tells which.
  let lacksClosingBrace: Bool
  /// Whether it opens more parentheses and brackets than it closes; then the words of a line tell.
  let lacksClosingDelimiter: Bool

  var index = 0
  /// The token that may start a line without ending the statement before it.
  var permitted = 0
  var newlinesMatter = true
  /// How many parentheses and brackets of the current statement are open.
  var openDelimiters = 0
  var depth = 0
  /// The height of the expression that was parsed last.
  var height = 0
  /// Set by a report, cleared by recovery; in between nothing more is reported.
  var panicking = false
  var panicDelimiters = 0
  /// Where an unclosed brace was reported last: more of them at one place have one cause.
  var lastUnclosed = -1
  /// Whether this declaration was reported as nested too deeply; once is enough.
  var reportedDepth = false
  /// Inside `expect`, where `x of path` and `B = 1` may stand among arguments.
  var inExpectation = false
  /// Inside the count of a `repeat`, behind which a name may stand.
  var inCount = false
  var collector: DiagnosticCollector

  private init(_ file: SourceFile, _ source: SourceID) {
    self.file = file
    self.source = source
    var collector = DiagnosticCollector()
    let lexed = Lexer.lex(file, source: source, reportingTo: &collector)
    tokens = lexed.tokens
    comments = lexed.comments
    self.collector = collector
    var (braces, delimiters) = (0, 0)
    for token in tokens {
      switch token.kind {
      case .leftBrace: braces += 1
      case .rightBrace: braces -= 1
      case .leftParenthesis, .leftBracket: delimiters += 1
      case .rightParenthesis, .rightBracket: delimiters -= 1
      default: break
      }
    }
    lacksClosingBrace = braces > 0
    lacksClosingDelimiter = delimiters > 0
  }

  /// Parses one file of `map`; the diagnostics are in source order and bounded in number.
  package static func parse(
    _ source: SourceID, in map: SourceMap
  ) -> (SyntaxFile, [Diagnostic]) {
    var parser = Parser(map[source], source)
    let declarations = parser.parseDeclarations()
    let file = SyntaxFile(
      source: source, declarations: declarations, comments: parser.comments)
    return (file, parser.collector.finished())
  }
}

// MARK: - Looking at tokens

extension Parser {
  /// The token at the cursor, whether or not it starts a line.
  var current: Token { tokens[index] }

  /// What stands at the cursor; `lineEnd` where the statement ends with its line.
  var kind: Token.Kind { visibleKind(at: index) }

  /// What stands `distance` tokens further on.
  func peek(_ distance: Int) -> Token.Kind { visibleKind(at: index + distance) }

  private func visibleKind(at index: Int) -> Token.Kind {
    let index = min(index, tokens.count - 1)
    let token = tokens[index]
    guard newlinesMatter, token.startsLine, index != permitted, token.kind != .endOfFile else {
      return token.kind
    }
    return .lineEnd
  }

  /// The token `distance` further on.
  func token(_ distance: Int) -> Token { tokens[min(index + distance, tokens.count - 1)] }

  func text(_ token: Token) -> String { file.text(in: token.lower..<token.upper) }

  func range(_ token: Token) -> SourceRange {
    SourceRange(source: source, lower: token.lower, upper: token.upper)
  }

  /// Where the token before the cursor ends.
  var previousEnd: Int { index > 0 ? tokens[index - 1].upper : 0 }

  /// From `lower` to the end of the token before the cursor.
  func range(from lower: Int) -> SourceRange {
    SourceRange(source: source, lower: lower, upper: max(lower, previousEnd))
  }

  func isWord(_ word: String) -> Bool { kind == .identifier && text(current) == word }

  func isWord(_ word: String, at distance: Int) -> Bool {
    peek(distance) == .identifier && text(token(distance)) == word
  }

  var isReserved: Bool { kind == .identifier && Self.reservedWords.contains(text(current)) }

  /// Whether nothing more can belong to the statement.
  var isAtEndOfStatement: Bool {
    kind == .lineEnd || kind == .endOfFile || kind == .rightBrace
  }
}

// MARK: - Taking tokens

extension Parser {
  @discardableResult mutating func advance() -> Token {
    let token = tokens[index]
    if index < tokens.count - 1 { index += 1 }
    return token
  }

  /// Lets the statement go on although the next token starts a line.
  mutating func permitLineBreak() { permitted = index }

  /// Lets an operand follow on the next line, unless that line is plainly something else.
  mutating func permitOperand() {
    if current.kind != .rightBrace, inCount || !startsMember, token(1).kind != .equals {
      permitted = index
    }
  }

  /// Whether the cursor starts a line that only a member or `return` can start.
  var startsMember: Bool {
    guard current.startsLine, current.kind == .identifier else { return false }
    let word = text(current)
    if word == "return" || word == "else" { return true }
    return token(1).kind == .identifier && !token(1).startsLine
      && Self.memberWords.contains(word) && text(token(1)) != "div"
  }

  /// Takes a token of one kind if it is there.
  mutating func take(_ expected: Token.Kind) -> Token? { kind == expected ? advance() : nil }

  /// Takes a word if it is there.
  mutating func takeWord(_ word: String) -> Token? { isWord(word) ? advance() : nil }

  /// Takes a token of one kind, or reports what was expected.
  @discardableResult
  mutating func consume(_ expected: Token.Kind, _ expectation: @autoclosure () -> String) -> Bool {
    if kind == expected {
      advance()
      return true
    }
    unexpected(expectation())
    return false
  }

  /// Takes `word`; a near miss is reported and taken for it.
  mutating func consumeWord(_ word: String, _ expectation: @autoclosure () -> String) -> Bool {
    if takeWord(word) != nil { return true }
    if kind == .identifier, Nearest.match(text(current), in: [word]) != nil {
      misspelt(current, meant: word, id: "unexpected-token", expectation())
      advance()
      return true
    }
    unexpected(expectation())
    return false
  }

  /// Takes a name; a reserved word is reported and taken for one.
  mutating func parseName(_ expectation: @autoclosure () -> String) -> Name? {
    guard kind == .identifier else {
      unexpected(expectation())
      return nil
    }
    if isReserved {
      mention(
        "reserved-word", "`\(shown(current))` is a word of the language and can name nothing",
        range(current))
    }
    let token = advance()
    return Name(text(token), range(token))
  }

  /// Takes a string and decodes its escapes.
  mutating func parseString(_ expectation: @autoclosure () -> String) -> Name? {
    guard kind == .string else {
      unexpected(expectation())
      return nil
    }
    let token = advance()
    return Name(decodedString(token), range(token))
  }
}
