// JSONDocument: a strict JSON text (RFC 8259), every key and value with its place.
// Our own reader because Foundation's gives no positions, and a diagnostic must point into the file.

/// What the reader accepts before it gives up, so that hostile input costs bounded memory.
package struct JSONLimits: Hashable, Sendable {
  /// How deep arrays and objects may nest.
  package var depth = 512
  /// How many values and keys a document may hold; each costs about a hundred bytes.
  package var values = 4_000_000
  /// How many bytes one number may have.
  package var numberBytes = 4_096
  /// Whether NaN, Infinity and -Infinity are numbers, as Python's writer has them in logs.
  package var allowsNonFinite = false

  package init() {}
}

/// A key that an object gives twice: both ranges include the quotes.
package struct JSONDuplicate: Hashable, Sendable {
  package let key: String
  package let first: Range<Int>
  package let second: Range<Int>
}

/// A JSON text that was read whole.
///
/// The reader is strict: no comments, no trailing commas, no NaN, no leading zeros, only UTF-8.
/// RFC 8259 leaves duplicate keys open; they stay in the tree and are listed in ``duplicates``.
package struct JSONDocument: Hashable, Sendable {
  package let root: JSONNode
  /// Every repeated key, in the order of the second occurrences.
  package let duplicates: [JSONDuplicate]

  /// Reads a whole text.
  package init(utf8 bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    var parser = JSONParser(bytes: bytes, limits: limits)
    root = try parser.parse()
    duplicates = parser.duplicates.sorted { $0.second.lowerBound < $1.second.lowerBound }
  }

  /// Reads a whole text.
  package init(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(utf8: Array(text.utf8), limits: limits)
  }
}
