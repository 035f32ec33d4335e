// TextStream: bytes as they come, as text that can be printed at once.
// A character of several bytes is held back until its last byte is there.

/// Text out of bytes, never cut inside a character.
package struct TextStream: Sendable {
  private var held: [UInt8] = []

  package init() {}

  /// The text that is complete now.
  package mutating func append(_ bytes: [UInt8]) -> String {
    held += bytes
    let whole = held.count - unfinished
    guard whole > 0 else { return "" }
    let text = String(decoding: held[..<whole], as: UTF8.self)
    held.removeFirst(whole)
    return text
  }

  /// What is left at the end; an unfinished character becomes U+FFFD.
  package mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  /// The bytes at the end that begin a character and don't end it.
  private var unfinished: Int {
    for back in 1...3 where back <= held.count {
      let byte = held[held.count - back]
      if byte & 0b1100_0000 == 0b1000_0000 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return length > back ? back : 0
    }
    return 0
  }
}
