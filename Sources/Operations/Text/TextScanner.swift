// TextScanner: reads names, numbers and punctuation of the text form, one at a time.
// Apart from the grammars so that operations and dimensions share it, with its bound on nesting.
import IR

/// A position in a text.
struct TextScanner {
  private let text: [Character]
  private(set) var position = 0
  /// How many brackets are open; hostile text is refused before the stack runs out.
  private var depth = 0

  static let maximumDepth = 128

  init(_ text: String) {
    self.text = Array(text)
  }

  /// The character after blanks, without moving on.
  var next: Character? {
    mutating get {
      while position < text.count, text[position].isWhitespace { position += 1 }
      return position < text.count ? text[position] : nil
    }
  }

  /// The character at the position itself, blanks included.
  var adjacent: Character? {
    position < text.count ? text[position] : nil
  }

  /// Moves past a punctuation mark, if it comes next.
  mutating func skip(_ mark: String) -> Bool {
    guard next != nil, text[position...].starts(with: mark) else { return false }
    position += mark.count
    return true
  }

  /// - Throws: ``Fault`` when the mark does not come next.
  mutating func expect(_ mark: String) throws(Fault) {
    guard skip(mark) else { throw unexpected("`\(mark)`") }
  }

  /// A name, if one comes next.
  mutating func name() -> String? {
    guard let first = next, first.isLetter || first == "_" else { return nil }
    let start = position
    while position < text.count, TextScanner.continuesName(text[position]) { position += 1 }
    return String(text[start..<position])
  }

  /// Moves past a word, if it comes next as a whole name.
  mutating func skip(word: String) -> Bool {
    let start = position
    if name() == word { return true }
    position = start
    return false
  }

  /// The name before `=`, if an attribute comes next.
  mutating func attributeName() -> String? {
    let start = position
    if let name = name(), skip("=") { return name }
    position = start
    return nil
  }

  /// A row of ASCII digits, if one comes next.
  mutating func digits() -> String? {
    guard let first = next, first.isASCII, first.isNumber else { return nil }
    let start = position
    while position < text.count, text[position].isASCII, text[position].isNumber { position += 1 }
    return String(text[start..<position])
  }

  /// Everything up to a comma or a closing brace.
  mutating func word() -> String {
    _ = next
    let start = position
    while position < text.count, !",}] ".contains(text[position]) { position += 1 }
    return String(text[start..<position])
  }

  /// A text in quotes, with `\"`, `\\` and `\n`.
  mutating func quoted() throws(Fault) -> String {
    try expect("\"")
    var result = ""
    while let character = adjacent {
      position += 1
      switch character {
      case "\"": return result
      case "\\":
        guard let escaped = adjacent else { throw unexpected("a character") }
        position += 1
        result.append(escaped == "n" ? "\n" : escaped)
      default: result.append(character)
      }
    }
    throw unexpected("`\"`")
  }

  /// Moves past one character.
  mutating func advance() {
    position += 1
  }

  /// Reads something nested.
  mutating func nested<Result>(
    _ body: (inout TextScanner) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    guard depth < TextScanner.maximumDepth else {
      throw Fault("malformed-text", "brackets are nested more than \(depth) deep")
    }
    depth += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  /// The fault of a text that goes on in another way than it should.
  mutating func unexpected(_ needed: String) -> Fault {
    let found = next.map { "`\($0)`" } ?? "the end"
    return Fault(
      "malformed-text", "expected \(needed) at position \(position), found \(found)",
      needs: needed, found: found)
  }

  private static func continuesName(_ character: Character) -> Bool {
    character.isLetter || character == "_" || (character.isASCII && character.isNumber)
      || character == "."
  }
}
