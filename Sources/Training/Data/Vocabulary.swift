// Vocabulary: the symbols of a plain text and their ids, at character or byte level.
// Saved beside the weights, without which nobody could read what a model writes.
import Foundation

/// Symbols, each under its place in the list.
///
/// A character is one Unicode scalar, as in Python, so that nothing depends on a table of graphemes.
package struct Vocabulary: Hashable, Sendable {
  /// What a symbol is.
  package enum Level: String, Hashable, Sendable, Codable, CaseIterable {
    case character
    case byte
  }

  package let level: Level
  /// Code points or bytes, by id.
  package let symbols: [UInt32]
  /// For each value up to the highest symbol its id, or -1.
  private let table: [Int32]

  /// The 256 bytes, each its own id.
  package static var bytes: Vocabulary { Vocabulary(.byte, sorted: Array(0..<256)) }

  /// The characters of texts, sorted by code point.
  package init(charactersOf texts: some Sequence<String>) {
    var isPresent = [Bool](repeating: false, count: 0x11_0000)
    for text in texts {
      for scalar in text.unicodeScalars { isPresent[Int(scalar.value)] = true }
    }
    self.init(.character, sorted: isPresent.indices.filter { isPresent[$0] }.map { UInt32($0) })
  }

  /// Takes symbols that are different from one another, and of the level.
  fileprivate init(_ level: Level, sorted symbols: [UInt32]) {
    var table = [Int32](repeating: -1, count: Int(symbols.max() ?? 0) + 1)
    for (id, symbol) in symbols.enumerated() { table[Int(symbol)] = Int32(id) }
    self.level = level
    self.symbols = symbols
    self.table = table
  }

  /// How many symbols there are; the ids are 0 ..< count.
  package var count: Int { symbols.count }

  /// The id of a code point or byte.
  package func id(of symbol: UInt32) -> Int? {
    guard Int(symbol) < table.count else { return nil }
    let id = table[Int(symbol)]
    return id < 0 ? nil : Int(id)
  }

  // MARK: Texts

  /// The ids of a text.
  ///
  /// - Parameters:
  ///   - text: any text; at byte level its UTF-8.
  ///   - path: where the text comes from, for the message.
  /// - Returns: one id for each symbol.
  /// - Throws: ``DataFault`` for the first symbol that is not in the vocabulary.
  package func encode(_ text: String, path: String = "the prompt") throws(DataFault) -> [Int] {
    switch level {
    case .character: try encode(symbols: text.unicodeScalars.lazy.map(\.value), path: path)
    case .byte: try encode(symbols: text.utf8.lazy.map { UInt32($0) }, path: path)
    }
  }

  /// The ids of code points or bytes, in any whole-number type that has room for them.
  func encode<Identifier: FixedWidthInteger>(
    symbols values: some Sequence<UInt32>, path: String
  ) throws(DataFault) -> [Identifier] {
    var ids: [Identifier] = []
    ids.reserveCapacity(values.underestimatedCount)
    var (line, column) = (1, 1)
    for value in values {
      guard let id = id(of: value) else { throw unknown(value, path, line, column) }
      ids.append(Identifier(truncatingIfNeeded: id))
      column += 1
      if value == 0x0A { (line, column) = (line + 1, 1) }
    }
    return ids
  }

  private func unknown(_ value: UInt32, _ path: String, _ line: Int, _ column: Int) -> DataFault {
    let shown =
      switch level {
      case .byte: "byte \(value)"
      case .character: Unicode.Scalar(value).map(DataFault.shown) ?? "\(value)"
      }
    return DataFault(
      id: "symbol-not-in-vocabulary",
      "\(path):\(line):\(column): \(shown) is not among the \(DataFault.grouped(count)) symbols of"
        + " the vocabulary",
      facts: ["the vocabulary has \(summary)"],
      help: "leave it out of the text, or train with a vocabulary that has it")
  }

  /// The first symbols, as a person reads them.
  package var summary: String {
    guard level == .character else { return "\(DataFault.grouped(count)) bytes" }
    let visible = symbols.compactMap { Unicode.Scalar($0) }.filter {
      $0.value > 0x20 && $0.value != 0x7F
    }
    let shown = String(String.UnicodeScalarView(visible.prefix(80)))
    return shown + (visible.count > 80 ? " …" : "")
      + (visible.count < symbols.count
        ? " and \(symbols.count - visible.count) that don't show" : "")
  }

  /// The text of ids; an id beyond the vocabulary, and bytes that are no UTF-8, become U+FFFD.
  package func decode(_ ids: some Sequence<Int>) -> String {
    switch level {
    case .character:
      var text = String.UnicodeScalarView()
      for id in ids {
        text.append(
          symbols.indices.contains(id)
            ? Unicode.Scalar(symbols[id]) ?? "\u{FFFD}" : "\u{FFFD}")
      }
      return String(text)
    case .byte: return String(decoding: ids.flatMap { bytes(of: $0) }, as: UTF8.self)
    }
  }

  /// The bytes that an id stands for, to be printed before the text is whole.
  package func bytes(of id: Int) -> [UInt8] {
    guard symbols.indices.contains(id) else { return Array("\u{FFFD}".utf8) }
    switch level {
    case .byte: return [UInt8(truncatingIfNeeded: symbols[id])]
    case .character: return Array(decode(CollectionOfOne(id)).utf8)
    }
  }
}

// MARK: Files

extension Vocabulary: Codable {
  private enum Key: String, CodingKey {
    case kind
    case symbols
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let level = try container.decode(Level.self, forKey: .kind)
    let symbols: [UInt32]
    switch level {
    case .byte: symbols = try container.decode([UInt8].self, forKey: .symbols).map { UInt32($0) }
    case .character:
      symbols = try container.decode([String].self, forKey: .symbols).map { text in
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
          throw DecodingError.dataCorruptedError(
            forKey: .symbols, in: container,
            debugDescription: "a symbol is one character, found `\(text)`")
        }
        return scalar.value
      }
    }
    guard !symbols.isEmpty, Set(symbols).count == symbols.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .symbols, in: container,
        debugDescription: symbols.isEmpty ? "there are no symbols" : "a symbol is given twice")
    }
    self.init(level, sorted: symbols)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(level, forKey: .kind)
    switch level {
    case .byte: try container.encode(symbols, forKey: .symbols)
    case .character:
      try container.encode(
        symbols.map { String(Unicode.Scalar($0) ?? "\u{FFFD}") }, forKey: .symbols)
    }
  }

  /// The name of the file that stands beside the weights.
  package static var fileName: String { "vocabulary.json" }

  /// The file's text.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a vocabulary of \(count) symbols can't be encoded")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Reads the file's text.
  ///
  /// - Throws: ``DataFault`` when it is no vocabulary.
  package init(json: String, path: String) throws(DataFault) {
    do {
      self = try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    } catch {
      throw DataFault(
        id: "invalid-vocabulary", "\(path) is no vocabulary: \(Self.reason(error))",
        facts: [#"expected {"kind": "character", "symbols": ["\n", " ", …]}, or bytes as numbers"#],
        help: "use the \(Self.fileName) that was written beside the weights")
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "`\(key.stringValue)` is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "`\(context.codingPath.first?.stringValue ?? "the file")` is of the wrong kind"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it is not JSON" : context.debugDescription.replacing(/\.$/, with: "")
    default: "it can't be read"
    }
  }
}
