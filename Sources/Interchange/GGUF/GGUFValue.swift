// GGUFValue: what stands behind a key of a GGUF file's metadata.
// Apart from the parser, so that whoever asks for a key meets no bytes.

/// The type of a metadata value, by its number in the file.
package enum GGUFValueType: UInt32, Hashable, Sendable, CaseIterable {
  case u8, i8, u16, i16, u32, i32, f32, bool, string, array, u64, i64, f64

  /// The bytes of one value; nil for texts and arrays, which say their length.
  package var byteCount: Int? {
    switch self {
    case .u8, .i8, .bool: 1
    case .u16, .i16: 2
    case .u32, .i32, .f32: 4
    case .u64, .i64, .f64: 8
    case .string, .array: nil
    }
  }
}

/// A value of a GGUF file's metadata.
package indirect enum GGUFValue: Hashable, Sendable {
  case integer(Int)
  /// A whole number beyond `Int`, which only an unsigned one can be.
  case largeInteger(UInt64)
  case float(Double)
  case bool(Bool)
  case text(String)
  /// A text too long to keep.
  case longText(bytes: Int)
  /// `elements` holds the first ones: vocabularies are counted and not kept.
  case array(type: GGUFValueType, count: Int, elements: [GGUFValue])

  /// The value as a whole number.
  package var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value as a number.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .largeInteger(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The value of a text.
  package var text: String? {
    if case .text(let value) = self { value } else { nil }
  }

  /// The value of a truth value.
  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array all of which were kept.
  package var elements: [GGUFValue]? {
    if case .array(_, let count, let elements) = self, elements.count == count {
      elements
    } else {
      nil
    }
  }

  /// The length of an array, kept or not.
  package var count: Int? {
    if case .array(_, let count, _) = self { count } else { nil }
  }
}
