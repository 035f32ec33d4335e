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
  /// Exactly the bytes of the entry; they lie where the file put them, aligned to nothing.
  let bytes: UnsafeRawBufferPointer

  /// Every element, converted.
  func values<Element: SafetensorsElement>() throws(SafetensorsError) -> [Element] {
    var fault: SafetensorsError?
    let values = [Element](unsafeUninitializedCapacity: entry.elementCount) { target, count in
      // The array's own initialiser would lose the type of the error.
      do throws(SafetensorsError) {
        try write(to: UnsafeMutableBufferPointer(rebasing: target.prefix(entry.elementCount)))
        count = entry.elementCount
      } catch {
        fault = error
      }
    }
    if let fault { throw fault }
    return values
  }

  /// Every element, converted and written one after the other.
  ///
  /// - Parameter target: as many elements as the entry has.
  /// - Throws: ``SafetensorsError`` at the first element that can't be held.
  func write<Element: SafetensorsElement>(
    to target: UnsafeMutableBufferPointer<Element>
  ) throws(SafetensorsError) {
    if isStored(as: Element.self), 1.littleEndian == 1 {
      UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
      return
    }
    switch entry.dtype {
    case .f64:
      try each(8, target) {
        Double(bitPattern: word($0))
      } convert: {
        Element.converted($0)
      }
    case .f32:
      try each(4, target) {
        Float(bitPattern: word($0))
      } convert: {
        Element.converted($0)
      }
    case .f16:
      try each(2, target) {
        Self.half(word($0))
      } convert: {
        Element.converted($0)
      }
    case .bf16:
      try each(2, target) {
        Float(bitPattern: UInt32(word($0) as UInt16) << 16)
      } convert: {
        Element.converted($0)
      }
    case .i64: try integers(8, target) { Int64(bitPattern: word($0)) }
    case .i32: try integers(4, target) { Int64(Int32(bitPattern: word($0))) }
    case .i16: try integers(2, target) { Int64(Int16(bitPattern: word($0))) }
    case .i8: try integers(1, target) { Int64(Int8(bitPattern: word($0))) }
    case .u32: try integers(4, target) { Int64(word($0) as UInt32) }
    case .u16: try integers(2, target) { Int64(word($0) as UInt16) }
    case .u8: try integers(1, target) { Int64(word($0) as UInt8) }
    case .u64:
      try each(8, target) {
        word($0) as UInt64
      } convert: { value in
        Int64(exactly: value).flatMap { Element.converted($0) }
      }
    case .bool:
      try each(1, target) {
        word($0) as UInt8
      } convert: {
        $0 > 1 ? nil : Element.converted(Int64($0))
      }
    case .f4, .f6e2m3, .f6e3m2, .f8e5m2, .f8e4m3, .f8e8m0, .f8e4m3fnuz, .f8e5m2fnuz, .c64:
      throw .unsupportedType(tensor: entry.name, dtype: entry.dtype)
    }
  }

  /// Whether the file holds the elements as the machine does.
  private func isStored<Element: SafetensorsElement>(as element: Element.Type) -> Bool {
    entry.dtype == .f32 && element == Float.self || entry.dtype == .f64 && element == Double.self
      || entry.dtype == .i64 && element == Int64.self
  }

  @inline(__always)
  private func integers<Element: SafetensorsElement>(
    _ stride: Int, _ target: UnsafeMutableBufferPointer<Element>, read: (Int) -> Int64
  ) throws(SafetensorsError) {
    try each(stride, target, read: read) { Element.converted($0) }
  }

  @inline(__always)
  private func each<Stored, Element: SafetensorsElement>(
    _ stride: Int, _ target: UnsafeMutableBufferPointer<Element>, read: (Int) -> Stored,
    convert: (Stored) -> Element?
  ) throws(SafetensorsError) {
    for index in target.indices {
      let stored = read(index * stride)
      guard let value = convert(stored) else {
        let name = entry.dtype == .bool ? "a truth value" : Element.typeName
        throw .notRepresentable(
          tensor: entry.name, element: index, value: "\(stored)", as: name)
      }
      target.initializeElement(at: index, to: value)
    }
  }

  /// The little-endian word that starts at a byte.
  @inline(__always)
  private func word<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ start: Int
  ) -> Word {
    Word(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Word.self))
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
