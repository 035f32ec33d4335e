// Numbers: `50_257`, `2e-4`, `1.0`, and what is almost one.
// Apart because a malformed number is one diagnostic and still one token.
import Diagnostics

extension Lexer {
  /// Reads a number and says which kind it is.
  mutating func number() -> Token.Kind {
    let start = offset
    var isWhole = true
    skipDigits()
    // `1...n` is a range, so a dot belongs to the number only before a digit.
    if byteAhead(0) == UInt8(ascii: "."), let next = byteAhead(1), Self.isDigit(next) {
      isWhole = false
      offset += 1
      skipDigits()
    }
    if let length = exponentLength() {
      isWhole = false
      offset += length
      skipDigits()
    }
    let end = offset
    skipWord()
    if offset > end {
      guard mayReport() else { return .invalidNumber }
      let rest = file.text(in: end..<min(offset, end + 24))
      report(
        "invalid-number", "expected the number to end before `\(rest)`", from: start, to: offset)
      return .invalidNumber
    }
    if hasMisplacedUnderscore(start..<end) {
      guard mayReport() else { return .invalidNumber }
      report(
        "invalid-number", "expected `_` to stand between two digits only", from: start, to: end)
      return .invalidNumber
    }
    return isWhole ? .integer : .float
  }

  private mutating func skipDigits() {
    while offset < bytes.count,
      Self.isDigit(bytes[offset]) || bytes[offset] == UInt8(ascii: "_")
    {
      offset += 1
    }
  }

  /// The length of `e`, a sign and nothing else, when digits follow.
  private func exponentLength() -> Int? {
    guard let mark = byteAhead(0), mark | 0x20 == UInt8(ascii: "e") else { return nil }
    guard let next = byteAhead(1) else { return nil }
    if Self.isDigit(next) { return 1 }
    guard next == UInt8(ascii: "-") || next == UInt8(ascii: "+") else { return nil }
    guard let digit = byteAhead(2), Self.isDigit(digit) else { return nil }
    return 2
  }

  private func hasMisplacedUnderscore(_ range: Range<Int>) -> Bool {
    var afterDigit = false
    for index in range {
      if bytes[index] == UInt8(ascii: "_") {
        guard afterDigit, index + 1 < range.upperBound else { return true }
        guard Self.isDigit(bytes[index + 1]) else { return true }
      }
      afterDigit = Self.isDigit(bytes[index])
    }
    return false
  }
}
