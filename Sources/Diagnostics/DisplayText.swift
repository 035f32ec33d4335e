// DisplayText: makes any text safe to print on a terminal, one column for each character.
// Names and messages may quote hostile input, so every renderer for people goes through it.

/// The conversion of input text to something that cannot move the cursor or reorder a line.
package enum DisplayText {
  /// The columns that a tab takes.
  static let tabWidth = 4

  /// The text with tabs as spaces and control characters as visible symbols.
  package static func safe(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var result = ""
    for character in text { result += safe(character) }
    return result
  }

  /// One character as it is printed.
  static func safe(_ character: Character) -> String {
    if character == "\t" { return String(repeating: " ", count: tabWidth) }
    var result = String.UnicodeScalarView()
    for scalar in character.unicodeScalars { result.append(safe(scalar)) }
    return String(result)
  }

  private static func safe(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    // C1 controls, then marks that reorder, hide or end a line.
    case 0x80..<0xA0, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
      "\u{FFFD}"
    default: scalar
    }
  }

  /// The text without spaces at its end.
  package static func trimmed(_ text: String) -> String {
    guard let last = text.lastIndex(where: { $0 != " " }) else { return "" }
    return String(text[...last])
  }
}
