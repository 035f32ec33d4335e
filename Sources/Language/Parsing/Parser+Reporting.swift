// How the parser words its reports: what was expected, what was found, where, and the remedy.
// Apart so that every message is built in one way.
import Diagnostics

extension Parser {
  /// Reports a mistake after which the rest of the statement cannot be trusted.
  mutating func report(
    _ id: String, _ message: String, _ range: SourceRange,
    notes: [Note] = [], fixes: [FixIt] = []
  ) {
    guard !panicking else { return }
    mention(id, message, range, notes: notes, fixes: fixes)
    panic()
  }

  /// Reports a mistake that the parser understands well enough to go on.
  mutating func mention(
    _ id: String, _ message: String, _ range: SourceRange,
    notes: [Note] = [], fixes: [FixIt] = []
  ) {
    guard !panicking else { return }
    guard !collector.isFull else { return collector.countHidden(.error) }
    collector.add(
      Diagnostic(id: id, message: message, range: range, notes: notes, fixes: fixes))
  }

  /// Goes into recovery without a report, because there is one already.
  mutating func panic() {
    guard !panicking else { return }
    panicking = true
    panicDelimiters = openDelimiters
  }

  /// Reports what stands at the cursor in the place of something else.
  mutating func unexpected(
    _ expectation: String, id: String = "unexpected-token",
    notes: [Note] = [], fixes: [FixIt] = []
  ) {
    // The lexer has reported these.
    if current.kind == .unknown || current.kind == .invalidNumber, kind != .lineEnd {
      return panic()
    }
    report(
      id, "expected \(expectation), found \(found)", foundRange, notes: notes, fixes: fixes)
  }

  /// Reports a word that is almost `meant`, and goes on as if it were.
  mutating func misspelt(_ token: Token, meant: String, id: String, _ expectation: String) {
    mention(
      id, "expected \(expectation), found `\(shown(token))`", range(token),
      fixes: [replacing(range(token), with: meant)])
  }

  /// What stands at the cursor, in words.
  var found: String {
    switch kind {
    case .lineEnd: "the end of the line"
    case .endOfFile: "the end of the file"
    case .string: "the string \(shown(current))"
    case .unknown, .invalidNumber, .identifier, .integer, .float: "`\(shown(current))`"
    default: "`\(kind.spelling ?? "")`"
    }
  }

  /// The place of ``found``; an end lies behind the token before it.
  var foundRange: SourceRange {
    switch kind {
    case .lineEnd, .endOfFile: SourceRange(source: source, at: previousEnd)
    default: range(current)
    }
  }

  /// The text of a token, cut where a message would become unreadable.
  func shown(_ token: Token) -> String {
    let longest = 40
    guard token.upper - token.lower > longest else { return text(token) }
    return file.text(in: token.lower..<file.scalarStart(atOrBefore: token.lower + longest)) + "…"
  }

  func inserting(_ text: String, at offset: Int) -> FixIt {
    .mending(
      "insert `\(Self.trimmed(text))`",
      [Edit(range: SourceRange(source: source, at: offset), replacement: text)])
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " }
    return String(start.prefix(start.count - start.reversed().prefix { $0 == " " }.count))
  }

  func replacing(_ range: SourceRange, with text: String) -> FixIt {
    .mending("write `\(Self.trimmed(text))`", [Edit(range: range, replacement: text)])
  }

  func openedHere(_ token: Token) -> Note {
    Note(message: "`\(token.kind.spelling ?? "")` is opened here", range: range(token))
  }
}

extension String {
  /// Without the blanks that only set an edit off from its surroundings.
  fileprivate var trimmed: String {
    String(drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
  }
}
