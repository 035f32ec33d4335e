// SafetensorsDecoder: a tensor's little-endian bytes as Swift numbers.
// Apart from the reader, which knows files and no number formats.

/// A number that tensor elements are converted into.
protocol SafetensorsElement: Sendable {
  /// The name of the type in messages.
  static var typeName: String { get }
  /// The value, or nil when it cannot be held.
  static func converted(_ value: Float) -> Self?
  static func converted(_ value: Double) -> Self?
  static func converted(_ value: Int64) -> Self?
}

extension Float: SafetensorsElement {
  static var typeName: String { "fp32" }
  static func converted(_ value: Float) -> Float? { value }
  static func converted(_ value: Double) -> Float? {
    let rounded = Float(value)
    return rounded.isInfinite && value.isFinite ? nil : rounded
  }
  static func converted(_ value: Int64) -> Float? { Float(value) }
}

extension Double: SafetensorsElement {
  static var typeName: String { "fp64" }
  static func converted(_ value: Float) -> Double? { Double(value) }
  static func converted(_ value: Double) -> Double? { value }
  static func converted(_ value: Int64) -> Double? { Double(value) }
}

extension Int64: SafetensorsElement {
  static var typeName: String { "a 64-bit integer" }
  static func converted(_ value: Float) -> Int64? { Int64(exactly: value) }
  static func converted(_ value: Double) -> Int64? { Int64(exactly: value) }
  static func converted(_ value: Int64) -> Int64? { value }
}

/// One tensor's bytes and what they mean.
struct SafetensorsDecoder {
  let entry: SafetensorsEntry
  /// Exactly the bytes of the entry.
  let bytes: [UInt8]

  /// Every element, converted.
  func values<Element: SafetensorsElement>() throws(SafetensorsError) -> [Element] {
    switch entry.dtype {
    case .f64:
      try each(8) {
        Double(bitPattern: word($0))
      } convert: {
        Element.converted($0)
      }
    case .f32:
      try each(4) {
        Float(bitPattern: word($0))
      } convert: {
        Element.converted($0)
      }
    case .f16:
      try each(2) {
        Self.half(word($0))
      } convert: {
        Element.converted($0)
      }
    case .bf16:
      try each(2) {
        Float(bitPattern: UInt32(word($0) as UInt16) << 16)
      } convert: {
        Element.converted($0)
      }
    case .i64: try integers(8) { Int64(bitPattern: word($0)) }
    case .i32: try integers(4) { Int64(Int32(bitPattern: word($0))) }
    case .i16: try integers(2) { Int64(Int16(bitPattern: word($0))) }
    case .i8: try integers(1) { Int64(Int8(bitPattern: word($0))) }
    case .u32: try integers(4) { Int64(word($0) as UInt32) }
    case .u16: try integers(2) { Int64(word($0) as UInt16) }
    case .u8: try integers(1) { Int64(word($0) as UInt8) }
    case .u64:
      try each(8) {
        word($0) as UInt64
      } convert: { value in
        Int64(exactly: value).flatMap { Element.converted($0) }
      }
    case .bool:
      try each(1) {
        word($0) as UInt8
      } convert: {
        $0 > 1 ? nil : Element.converted(Int64($0))
      }
    case .f4, .f6e2m3, .f6e3m2, .f8e5m2, .f8e4m3, .f8e8m0, .f8e4m3fnuz, .f8e5m2fnuz, .c64:
      throw .unsupportedType(tensor: entry.name, dtype: entry.dtype)
    }
  }

  @inline(__always)
  private func integers<Element: SafetensorsElement>(
    _ stride: Int, read: (Int) -> Int64
  ) throws(SafetensorsError) -> [Element] {
    try each(stride, read: read) { Element.converted($0) }
  }

  @inline(__always)
  private func each<Stored, Element: SafetensorsElement>(
    _ stride: Int, read: (Int) -> Stored, convert: (Stored) -> Element?
  ) throws(SafetensorsError) -> [Element] {
    let count = bytes.count / stride
    var values: [Element] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      let stored = read(index * stride)
      guard let value = convert(stored) else {
        let target = entry.dtype == .bool ? "a truth value" : Element.typeName
        throw .notRepresentable(
          tensor: entry.name, element: index, value: "\(stored)", as: target)
      }
      values.append(value)
    }
    return values
  }

  /// The little-endian word that starts at a byte; the optimiser makes one load of it.
  @inline(__always)
  private func word<Word: FixedWidthInteger & UnsignedInteger>(_ start: Int) -> Word {
    var word: Word = 0
    for byte in 0..<Word.bitWidth / 8 {
      word |= Word(truncatingIfNeeded: bytes[start + byte]) << (8 * byte)
    }
    return word
  }

  /// An IEEE half as fp32; `Float16` does not exist on every platform that Swift knows.
  static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0: return sign * Float(fraction) * 0x1p-24
    case 31:
      return Float(bitPattern: UInt32(bits >> 15) << 31 | 0x7F80_0000 | fraction << 13)
    default:
      return Float(
        bitPattern: UInt32(bits >> 15) << 31 | UInt32(exponent + 112) << 23 | fraction << 13)
    }
  }
}
