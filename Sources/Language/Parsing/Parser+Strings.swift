// The text inside quotes.
// Apart because the lexer only finds a string's end; most strings are never decoded twice.
import Diagnostics

extension Parser {
  /// The characters between the quotes, escapes replaced.
  mutating func decodedString(_ token: Token) -> String {
    var content = Array(file.bytes[(token.lower + 1)..<max(token.lower + 1, token.upper)])
    if token.upper > token.lower + 1, content.last == UInt8(ascii: "\""),
      !endsInEscape(content.dropLast())
    {
      content.removeLast()
    }
    guard content.contains(UInt8(ascii: "\\")) else {
      return String(decoding: content, as: UTF8.self)
    }
    var decoded: [UInt8] = []
    var position = 0
    while position < content.count {
      guard content[position] == UInt8(ascii: "\\"), position + 1 < content.count else {
        decoded.append(content[position])
        position += 1
        continue
      }
      switch content[position + 1] {
      case UInt8(ascii: "n"): decoded.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "t"): decoded.append(UInt8(ascii: "\t"))
      case UInt8(ascii: "\\"): decoded.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "\""): decoded.append(UInt8(ascii: "\""))
      default:
        let start = token.lower + 1 + position
        mention(
          "invalid-escape", "expected `\\n`, `\\t`, `\\\"` or `\\\\` in a string",
          SourceRange(source: source, lower: start, upper: start + 2))
        decoded.append(content[position + 1])
      }
      position += 2
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// Whether the bytes end in a backslash that is not itself escaped.
  private func endsInEscape(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
  }
}
