// Lexer: from the bytes of a model file to tokens and comments.
// Works on bytes and never on characters, so that its speed does not depend on the text.
import Diagnostics

/// The tokens and comments of one file.
package struct LexedFile: Sendable {
  /// The tokens in order; the last one is always `endOfFile`.
  package var tokens: [Token]
  package var comments: [Comment]
}

/// Cuts a file into tokens.
package struct Lexer {
  /// Files beyond this size are refused: a token counts its offsets in 32 bits.
  private static let longestFile = Int(UInt32.max) - 1

  let file: SourceFile
  let source: SourceID
  let bytes: [UInt8]
  var offset = 0
  var collector: DiagnosticCollector
  private var tokens: [Token] = []
  private var comments: [Comment] = []
  private var startsLine = true
  private var spaceBefore = true

  private init(_ file: SourceFile, _ source: SourceID, _ collector: DiagnosticCollector) {
    self.file = file
    self.source = source
    self.collector = collector
    bytes = file.bytes
  }

  /// Cuts `file` into tokens, reporting what no token can hold into `collector`.
  package static func lex(
    _ file: SourceFile, source: SourceID, reportingTo collector: inout DiagnosticCollector
  ) -> LexedFile {
    var lexer = Lexer(file, source, collector)
    lexer.run()
    collector = lexer.collector
    return LexedFile(tokens: lexer.tokens, comments: lexer.comments)
  }

  private mutating func run() {
    if bytes.count > Self.longestFile {
      report(
        "file-too-large", "the file has \(bytes.count) bytes, more than \(Self.longestFile)",
        from: 0, to: 0)
      offset = bytes.count
    }
    tokens.reserveCapacity(min(bytes.count / 3, 1 << 22) + 1)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    while offset < bytes.count { step() }
    add(.endOfFile, from: offset, onNewLine: false)
  }

  private mutating func step() {
    let start = offset
    let byte = bytes[offset]
    switch byte {
    case UInt8(ascii: "\n"):
      startsLine = true
      spaceBefore = true
      offset += 1
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
      spaceBefore = true
      offset += 1
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      skipWord()
      add(.identifier, from: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      add(number(), from: start)
    case UInt8(ascii: "\""):
      string()
      add(.string, from: start)
    case UInt8(ascii: "/") where byteAhead(1) == UInt8(ascii: "/"):
      comment()
    default:
      if let (kind, length) = sign(byte) {
        offset += length
        add(kind, from: start)
      } else {
        garbage()
        add(.unknown, from: start)
      }
    }
  }

  private mutating func add(_ kind: Token.Kind, from start: Int, onNewLine: Bool? = nil) {
    tokens.append(
      Token(
        kind: kind, startsLine: onNewLine ?? startsLine, spaceBefore: spaceBefore, lower: start,
        upper: offset))
    startsLine = false
    spaceBefore = false
  }

  private mutating func comment() {
    let start = offset
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
    var end = offset
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    spaceBefore = true
    comments.append(
      Comment(
        text: file.text(in: start..<end),
        range: SourceRange(source: source, lower: start, upper: end)))
  }

  /// Reads a string up to its closing quote; without one it ends with its line.
  private mutating func string() {
    let start = offset
    offset += 1
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") {
      if bytes[offset] == UInt8(ascii: "\"") {
        offset += 1
        return
      }
      if bytes[offset] == UInt8(ascii: "\\"), let next = byteAhead(1), next != UInt8(ascii: "\n") {
        offset += 1
      }
      offset += 1
    }
    guard mayReport() else { return }
    var end = offset
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    let insertion = SourceRange(source: source, at: end)
    report(
      "unterminated-string", "expected `\"` to end the string, found the end of the line",
      from: start, to: end,
      fixes: [.mending("insert `\"`", [Edit(range: insertion, replacement: "\"")])])
  }
}

extension Lexer {
  /// The byte `distance` further on, or nil beyond the end.
  func byteAhead(_ distance: Int) -> UInt8? {
    offset + distance < bytes.count ? bytes[offset + distance] : nil
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  static func isWordByte(_ byte: UInt8) -> Bool {
    // Setting bit 5 makes a capital letter small and moves no other byte into a...z.
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || isDigit(byte) || byte == UInt8(ascii: "_")
  }

  mutating func skipWord() {
    while offset < bytes.count, Self.isWordByte(bytes[offset]) { offset += 1 }
  }

  /// Whether a report would be shown; if not, it is counted and need not be worded.
  mutating func mayReport() -> Bool {
    if collector.isFull { collector.countHidden(.error) }
    return !collector.isFull
  }

  mutating func report(
    _ id: String, _ message: String, from lower: Int, to upper: Int, fixes: [FixIt] = []
  ) {
    let range = SourceRange(source: source, lower: lower, upper: upper)
    collector.add(Diagnostic(id: id, message: message, range: range, fixes: fixes))
  }
}

extension FixIt {
  /// A fix that turns unreadable text into readable text.
  static func mending(_ message: String, _ edits: [Edit]) -> FixIt {
    FixIt(message: "\(message) (\(FixEffect.none.summary))", edits: edits, effect: .none)
  }
}
