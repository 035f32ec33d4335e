// JSONValue: what a JSON text means, each value with the bytes that it stands on.
// Apart from the reader, so that whoever walks a document does not meet the grammar.

/// One JSON value.
///
/// A number keeps its text, because an integer may be larger than `Int`.
package indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// `integer` is nil when the text has a fraction or an exponent, or does not fit `Int`.
  case number(text: String, double: Double, integer: Int?)
  case string(String)
  case array([JSONNode])
  case object([JSONMember])
}

/// A value and the range of its UTF-8 bytes: a string's range includes its quotes.
package struct JSONNode: Hashable, Sendable {
  package let value: JSONValue
  package let range: Range<Int>

  package init(value: JSONValue, range: Range<Int>) {
    self.value = value
    self.range = range
  }
}

/// A key and its value, in the order of the text.
///
/// Duplicate keys stay, see ``JSONDocument``.
package struct JSONMember: Hashable, Sendable {
  package let key: String
  /// The range of the key's UTF-8 bytes, its quotes included.
  package let keyRange: Range<Int>
  package let node: JSONNode

  package init(key: String, keyRange: Range<Int>, node: JSONNode) {
    self.key = key
    self.keyRange = keyRange
    self.node = node
  }
}

extension JSONNode {
  /// The last member with this key, as every lenient reader takes it; nil outside an object.
  package subscript(key: String) -> JSONNode? { member(key)?.node }

  /// The last member with this key, with the range of the key.
  package func member(_ key: String) -> JSONMember? {
    members?.last { $0.key == key }
  }

  /// The members of an object, in the order of the text.
  package var members: [JSONMember]? {
    if case .object(let members) = value { members } else { nil }
  }

  /// The elements of an array.
  package var elements: [JSONNode]? {
    if case .array(let elements) = value { elements } else { nil }
  }

  /// The text of a string.
  package var string: String? {
    if case .string(let text) = value { text } else { nil }
  }

  /// The value of a number written as an integer that fits `Int`.
  package var integer: Int? {
    if case .number(_, _, let integer) = value { integer } else { nil }
  }

  /// The value of any number, rounded to a double.
  package var double: Double? {
    if case .number(_, let double, _) = value { double } else { nil }
  }

  /// The truth value of `true` or `false`.
  package var bool: Bool? {
    if case .bool(let bool) = value { bool } else { nil }
  }

  /// Whether this is `null`.
  package var isNull: Bool { value == .null }

  /// The value as JSON on one line, numbers as they were written.
  package var compactText: String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text, _, _): text
    case .string(let text): JSONText.quoted(text)
    case .array(let elements): "[" + elements.map(\.compactText).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.map { JSONText.quoted($0.key) + ": " + $0.node.compactText }
        .joined(separator: ", ") + "}"
    }
  }

  /// What the value is, for a message: "a string", "the number 7".
  package var kind: String {
    switch value {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .number(let text, _, _): "the number \(text.count > 40 ? text.prefix(40) + "…" : text)"
    case .string(let text): "the text \"\(text.count > 40 ? text.prefix(40) + "…" : text)\""
    case .array: "an array"
    case .object: "an object"
    }
  }
}
