// JSONParser+Scalars: strings with their escapes, numbers, and the words true, false and null.
// Apart from JSONParser so that the grammar of containers fits on a page.

extension JSONParser {
  mutating func readScalar() throws(JSONError) -> JSONNode {
    let start = index
    let value: JSONValue =
      switch bytes[index] {
      case UInt8(ascii: "\""): .string(try readString())
      case UInt8(ascii: "-") where limits.allowsNonFinite && word(at: index + 1) == "Infinity":
        readInfinity()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
      default: try readWord()
      }
    return JSONNode(value: value, range: start..<index)
  }

  private mutating func readWord() throws(JSONError) -> JSONValue {
    let word = word(at: index)
    let value: JSONValue
    switch word {
    case "null": value = .null
    case "true": value = .bool(true)
    case "false": value = .bool(false)
    case "NaN" where limits.allowsNonFinite:
      value = .number(text: word, double: .nan, integer: nil)
    case "Infinity" where limits.allowsNonFinite:
      value = .number(text: word, double: .infinity, integer: nil)
    case "NaN", "Infinity":
      throw unexpected("a value", help: "JSON has no \(word): write a number or leave the key out")
    default: throw unexpected("a value")
    }
    index += word.utf8.count
    return value
  }

  private mutating func readInfinity() -> JSONValue {
    index += 1 + "Infinity".utf8.count
    return .number(text: "-Infinity", double: -.infinity, integer: nil)
  }

  // MARK: Numbers

  private mutating func readNumber() throws(JSONError) -> JSONValue {
    let start = index
    var isInteger = true
    if bytes[index] == UInt8(ascii: "-") { index += 1 }
    let firstDigit = index
    try skipDigits(expected: "a digit")
    if bytes[firstDigit] == UInt8(ascii: "0"), index > firstDigit + 1 {
      index = firstDigit + 1
      throw unexpected("no digit after a leading zero")
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      isInteger = false
      index += 1
      try skipDigits(expected: "a digit after the point")
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-")
      {
        index += 1
      }
      try skipDigits(expected: "a digit of the exponent")
    }
    guard index - start <= limits.numberBytes else {
      throw JSONError(
        offset: start, expected: "a number of at most \(limits.numberBytes) bytes",
        found: "one of \(index - start)")
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    guard let double = Double(text), double.isFinite else {
      throw JSONError(
        offset: start, expected: "a number that a double can hold",
        found: "`\(text.prefix(20))\(text.count > 20 ? "…" : "")`")
    }
    return .number(text: text, double: double, integer: isInteger ? Int(text) : nil)
  }

  private mutating func skipDigits(expected: String) throws(JSONError) {
    let start = index
    while index < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[index] { index += 1 }
    if index == start { throw unexpected(expected) }
  }

  // MARK: Strings

  /// Reads a string whose opening quote stands at `index`.
  mutating func readString() throws(JSONError) -> String {
    let opening = index
    index += 1
    var decoded: [UInt8] = []
    var runStart = index
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        if decoded.isEmpty, !hasHighBytes(runStart..<index) {
          let text = String(decoding: bytes[runStart..<index], as: UTF8.self)
          index += 1
          return text
        }
        decoded.append(contentsOf: try validated(runStart..<index))
        index += 1
        return String(decoding: decoded, as: UTF8.self)
      case UInt8(ascii: "\\"):
        decoded.append(contentsOf: try validated(runStart..<index))
        decoded.append(contentsOf: try readEscape())
        runStart = index
      case 0..<0x20:
        throw JSONError(
          offset: index, expected: "a character of the string or its closing quote",
          found: "control byte \(hexadecimal(bytes[index]))",
          help: "write it as an escape such as \\n")
      default: index += 1
      }
    }
    throw JSONError(
      offset: index, expected: "the closing quote of the string that starts at byte \(opening)",
      found: "the end of the text")
  }

  private mutating func readEscape() throws(JSONError) -> [UInt8] {
    index += 1
    guard index < bytes.count else { throw unexpected("an escape after the backslash") }
    let simple: UInt8? =
      switch bytes[index] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes[index]
      case UInt8(ascii: "b"): 0x08
      case UInt8(ascii: "f"): 0x0C
      case UInt8(ascii: "n"): 0x0A
      case UInt8(ascii: "r"): 0x0D
      case UInt8(ascii: "t"): 0x09
      default: nil
      }
    if let simple {
      index += 1
      return [simple]
    }
    guard bytes[index] == UInt8(ascii: "u") else {
      throw unexpected("one of `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u` after the backslash")
    }
    return try readUnicodeEscape()
  }

  /// Reads `uXXXX` at `index`, and the second half of a surrogate pair after it.
  private mutating func readUnicodeEscape() throws(JSONError) -> [UInt8] {
    let start = index - 1
    index += 1
    let unit = try readFourDigits()
    var scalar = UInt32(unit)
    if UTF16.isTrailSurrogate(unit) {
      throw JSONError(
        offset: start, expected: "a high surrogate first", found: "a lone low surrogate")
    }
    if UTF16.isLeadSurrogate(unit) {
      guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
        bytes[index + 1] == UInt8(ascii: "u")
      else {
        throw JSONError(
          offset: start, expected: "a low surrogate after a high one",
          found: "a lone high surrogate")
      }
      index += 2
      let low = try readFourDigits()
      guard UTF16.isTrailSurrogate(low) else {
        throw JSONError(
          offset: start, expected: "a low surrogate after a high one",
          found: "a lone high surrogate")
      }
      scalar = 0x10000 + ((UInt32(unit) & 0x3FF) << 10) + (UInt32(low) & 0x3FF)
    }
    guard let character = Unicode.Scalar(scalar) else {
      preconditionFailure("surrogates were excluded, yet \(scalar) is not a scalar")
    }
    return Array(UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func readFourDigits() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard index < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue
      else { throw unexpected("four hexadecimal digits after \\u") }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }

  private func hasHighBytes(_ range: Range<Int>) -> Bool {
    bytes[range].contains { $0 >= 0x80 }
  }

  /// The bytes of a run inside a string, once they are known to be UTF-8.
  private func validated(_ range: Range<Int>) throws(JSONError) -> ArraySlice<UInt8> {
    if hasHighBytes(range), let offset = firstInvalidByte(in: range) {
      throw JSONError(
        offset: offset, expected: "UTF-8", found: "byte \(hexadecimal(bytes[offset]))",
        help: "save the file as UTF-8")
    }
    return bytes[range]
  }

  /// The start of the first ill-formed sequence (the Unicode Standard, table 3-7).
  private func firstInvalidByte(in range: Range<Int>) -> Int? {
    var position = range.lowerBound
    while position < range.upperBound {
      let lead = bytes[position]
      let (following, second): (Int, ClosedRange<UInt8>)
      switch lead {
      case 0x00...0x7F: (following, second) = (0, 0x80...0xBF)
      case 0xC2...0xDF: (following, second) = (1, 0x80...0xBF)
      case 0xE0: (following, second) = (2, 0xA0...0xBF)
      case 0xED: (following, second) = (2, 0x80...0x9F)
      case 0xE1...0xEF: (following, second) = (2, 0x80...0xBF)
      case 0xF0: (following, second) = (3, 0x90...0xBF)
      case 0xF1...0xF3: (following, second) = (3, 0x80...0xBF)
      case 0xF4: (following, second) = (3, 0x80...0x8F)
      default: return position
      }
      guard range.upperBound - position > following else { return position }
      for step in 0..<following {
        let allowed = step == 0 ? second : 0x80...0xBF
        guard allowed.contains(bytes[position + 1 + step]) else { return position }
      }
      position += following + 1
    }
    return nil
  }

  // MARK: Messages

  func unexpected(_ expected: String, help: String? = nil) -> JSONError {
    JSONError(offset: index, expected: expected, found: found(at: index), help: help)
  }

  /// What stands at a byte, for a message: a word, a character or a byte value.
  private func found(at offset: Int) -> String {
    guard offset < bytes.count else { return "the end of the text" }
    let word = word(at: offset)
    if !word.isEmpty { return "`\(word)`" }
    if 0x21...0x7E ~= bytes[offset] { return "`\(Character(Unicode.Scalar(bytes[offset])))`" }
    let character = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
    if let first = character.unicodeScalars.first, first != "\u{FFFD}", first.value >= 0xA0 {
      return "`\(first)`"
    }
    return "byte \(hexadecimal(bytes[offset]))"
  }

  /// The ASCII letters and digits from a byte on, at most twenty of them.
  private func word(at offset: Int) -> String {
    let end = min(offset + 20, bytes.count)
    let letters = bytes[offset..<end].prefix { byte in
      Unicode.Scalar(byte).properties.isAlphabetic && byte < 0x80
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    return String(decoding: letters, as: UTF8.self)
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "0x" + (digits.count < 2 ? "0" : "") + digits
  }
}
