// Operators, brackets and the characters that mean nothing.
// Apart from the lexer's loop because these are tables.
import Diagnostics

extension Lexer {
  /// The sign that starts with `byte` and its length, the longest one first.
  func sign(_ byte: UInt8) -> (Token.Kind, Int)? {
    let next = byteAhead(1)
    switch byte {
    case UInt8(ascii: "("): return (.leftParenthesis, 1)
    case UInt8(ascii: ")"): return (.rightParenthesis, 1)
    case UInt8(ascii: "["): return (.leftBracket, 1)
    case UInt8(ascii: "]"): return (.rightBracket, 1)
    case UInt8(ascii: "{"): return (.leftBrace, 1)
    case UInt8(ascii: "}"): return (.rightBrace, 1)
    case UInt8(ascii: ","): return (.comma, 1)
    case UInt8(ascii: ":"): return (.colon, 1)
    case UInt8(ascii: "+"): return (.plus, 1)
    case UInt8(ascii: "/"): return (.slash, 1)
    case UInt8(ascii: "%"): return (.percent, 1)
    case UInt8(ascii: "-"): return next == UInt8(ascii: ">") ? (.arrow, 2) : (.minus, 1)
    case UInt8(ascii: "*"): return next == UInt8(ascii: "*") ? (.starStar, 2) : (.star, 1)
    case UInt8(ascii: "|"): return next == UInt8(ascii: "|") ? (.barBar, 2) : (.bar, 1)
    case UInt8(ascii: "&"): return next == UInt8(ascii: "&") ? (.andAnd, 2) : nil
    case UInt8(ascii: "!"): return next == UInt8(ascii: "=") ? (.notEqual, 2) : (.exclamation, 1)
    case UInt8(ascii: "<"): return next == UInt8(ascii: "=") ? (.lessOrEqual, 2) : (.less, 1)
    case UInt8(ascii: ">"):
      return next == UInt8(ascii: "=") ? (.greaterOrEqual, 2) : (.greater, 1)
    case UInt8(ascii: "="):
      if next == UInt8(ascii: "=") { return (.equalEqual, 2) }
      return next == UInt8(ascii: ">") ? (.fatArrow, 2) : (.equals, 1)
    case UInt8(ascii: "."):
      guard next == UInt8(ascii: ".") else { return (.dot, 1) }
      switch byteAhead(2) {
      case UInt8(ascii: "."): return (.ellipsis, 3)
      case UInt8(ascii: "<"): return (.halfOpenRange, 3)
      default: return (.dot, 1)
      }
    default: return nil
    }
  }

  /// Skips a run of characters that start no token, and reports the run once.
  mutating func garbage() {
    let start = offset
    offset += 1
    while offset < bytes.count, isGarbage(bytes[offset]) { offset += 1 }
    guard mayReport() else { return }
    report(
      "unknown-character", garbageMessage(start..<offset), from: start, to: offset,
      fixes: garbageFixes(start..<offset))
  }

  private func isGarbage(_ byte: UInt8) -> Bool {
    !(Self.isBlank(byte) || byte == UInt8(ascii: "\n") || Self.isWordByte(byte)
      || byte == UInt8(ascii: "\"") || sign(byte) != nil)
  }

  private func garbageMessage(_ range: Range<Int>) -> String {
    // A run can be megabytes long; its first scalar names it.
    let scalars = Array(file.text(in: range.prefix(8)).unicodeScalars)
    guard let first = scalars.first else { return "a character has no meaning here" }
    let shown = Self.shown(first)
    let length = first.utf8Length
    if range.count > length {
      return "\(range.count) bytes from \(shown) on have no meaning in a model file"
    }
    return "\(shown) has no meaning in a model file"
  }

  private static func shown(_ scalar: Unicode.Scalar) -> String {
    let isPlain = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
    if isPlain || scalar == "\u{FFFD}" || scalar == "`" {
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
    return "`\(scalar)`"
  }

  private func garbageFixes(_ range: Range<Int>) -> [FixIt] {
    guard range.count <= 4, let plain = Self.lookalikes[file.text(in: range)] else { return [] }
    let place = SourceRange(source: source, lower: range.lowerBound, upper: range.upperBound)
    return [.mending("write `\(plain)`", [Edit(range: place, replacement: plain)])]
  }

  /// What people paste from papers and word processors, and what it should be.
  private static let lookalikes: [String: String] = [
    "×": "*", "·": "*", "−": "-", "–": "-", "÷": "/", "≥": ">=", "≤": "<=", "≠": "!=",
    "→": "->", "⇒": "=>", "…": "...", "“": "\"", "”": "\"", "‘": "\"", "’": "\"", "'": "\"",
    "∞": "inf", "\u{A0}": " ", "&": "&&", "#": "//", ";": "",
  ]
}

extension Unicode.Scalar {
  fileprivate var utf8Length: Int { UTF8.encode(self)?.count ?? 1 }
}
