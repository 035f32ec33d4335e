// GGUFParser: the grammar of a GGUF header, read front to back with every count bounded.
// Apart from GGUFHeader, which judges what was read.

/// The most of everything that is read; far above what any published file has.
package enum GGUFLimits {
  package static let tensors = 1 << 20
  package static let keys = 1 << 16
  /// Elements of arrays that have to be walked one by one, over the whole file.
  package static let elements = 1 << 24
  /// Bytes of the header.
  package static let length = 1 << 30
  /// Bytes of a key or of a tensor's name.
  package static let name = 1 << 16
  /// Bytes of a text that is kept, and of all that are.
  package static let text = 1 << 20
  package static let allText = 1 << 25
  /// Elements of an array that are kept, and of all arrays.
  package static let kept = 1 << 12
  package static let allKept = 1 << 16
  package static let nesting = 8
  package static let axes: UInt32 = 8
}

/// What the file says of one tensor, not yet judged.
struct GGUFRawTensor {
  let name: String
  /// The axes as the file has them, the fastest one first.
  let axes: [UInt64]
  let type: UInt32
  let place: UInt64
  /// Where its entry begins.
  let offset: Int
}

/// Reads a header.
struct GGUFParser: ~Copyable {
  var file: HeaderFile
  private(set) var offset = 0
  private(set) var problems: [GGUFError] = []
  private var walked = 0
  private var keptText = 0
  private var keptElements = 0

  init(_ file: consuming HeaderFile) { self.file = file }

  mutating func note(_ problem: GGUFError) { problems.append(problem) }

  /// The magic, the version and the two counts.
  mutating func frame() throws(GGUFError) -> (version: UInt32, tensors: Int, keys: Int) {
    let magic = try bytes(min(4, file.size), reading: "the magic")
    guard magic == Array("GGUF".utf8) else { throw .wrongMagic(found: magic) }
    let version = UInt32(try number(4, reading: "the version"))
    guard version == 2 || version == 3 else {
      // The bytes of a small version in the other order make a large one.
      if version != 0, version & 0xFFFF == 0 { throw .otherByteOrder }
      throw .unsupportedVersion(version)
    }
    let tensors = try count("tensors", atLeast: 24, limit: GGUFLimits.tensors)
    let keys = try count("metadata keys", atLeast: 13, limit: GGUFLimits.keys)
    return (version, tensors, keys)
  }

  /// A key with its value.
  mutating func entry() throws(GGUFError) -> (key: String, value: GGUFValue, offset: Int) {
    let start = offset
    let key = try name("a metadata key")
    let typeOffset = offset
    let number = UInt32(try number(4, reading: "the type of `\(key.prefix(80))`"))
    guard let type = GGUFValueType(rawValue: number) else {
      throw .unknownValueType(offset: typeOffset, key: key, number: number)
    }
    return (key, try value(type, of: key, depth: 0), start)
  }

  /// A tensor's entry.
  mutating func tensor() throws(GGUFError) -> GGUFRawTensor {
    let start = offset
    let name = try name("the name of a tensor")
    let axisCount = UInt32(try number(4, reading: "the number of axes"))
    guard axisCount <= GGUFLimits.axes else {
      throw .tooManyAxes(
        offset: offset - 4, tensor: name, found: axisCount, limit: Int(GGUFLimits.axes))
    }
    var axes: [UInt64] = []
    for _ in 0..<axisCount {
      axes.append(try number(8, reading: "an axis of `\(name.prefix(80))`"))
    }
    let type = UInt32(try number(4, reading: "the type of `\(name.prefix(80))`"))
    let place = try number(8, reading: "the place of `\(name.prefix(80))`")
    return GGUFRawTensor(name: name, axes: axes, type: type, place: place, offset: start)
  }

  // MARK: Values

  /// Nesting is bounded by `depth`, so that recursion is.
  private mutating func value(
    _ type: GGUFValueType, of key: String, depth: Int
  ) throws(GGUFError) -> GGUFValue {
    let reading = "the value of `\(key.prefix(80))`"
    switch type {
    case .string: return try text(of: key)
    case .array: return try array(of: key, depth: depth)
    case .bool:
      let byte = UInt8(try number(1, reading: reading))
      if byte > 1 { note(.notTruthValue(offset: offset - 1, key: key, found: byte)) }
      return .bool(byte != 0)
    case .f32:
      let bits = UInt32(try number(4, reading: reading))
      return .float(Double(Float(bitPattern: bits)))
    case .f64: return .float(Double(bitPattern: try number(8, reading: reading)))
    case .u64:
      let wide = try number(8, reading: reading)
      return Int(exactly: wide).map { .integer($0) } ?? .largeInteger(wide)
    case .u8, .u16, .u32:
      let wide = try number(type.byteCount ?? 4, reading: reading)
      return .integer(Int(truncatingIfNeeded: wide))
    case .i8: return .integer(Int(Int8(truncatingIfNeeded: try number(1, reading: reading))))
    case .i16: return .integer(Int(Int16(truncatingIfNeeded: try number(2, reading: reading))))
    case .i32: return .integer(Int(Int32(truncatingIfNeeded: try number(4, reading: reading))))
    case .i64: return .integer(Int(truncatingIfNeeded: try number(8, reading: reading)))
    }
  }

  private mutating func text(of key: String) throws(GGUFError) -> GGUFValue {
    let length = try textLength("the text of `\(key.prefix(80))`")
    guard length <= GGUFLimits.text, keptText + length <= GGUFLimits.allText else {
      offset += length
      return .longText(bytes: length)
    }
    let start = offset
    let bytes = try bytes(length, reading: "the text of `\(key.prefix(80))`")
    keptText += length
    // Vocabularies hold pieces of characters, so only a text of its own has to be UTF-8.
    if let text = String(validating: bytes, as: UTF8.self) { return .text(text) }
    note(.notText(offset: start, what: "the text of `\(key.prefix(80))`"))
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  private mutating func array(of key: String, depth: Int) throws(GGUFError) -> GGUFValue {
    let start = offset
    guard depth < GGUFLimits.nesting else {
      throw .nestedTooDeep(offset: start, key: key, limit: GGUFLimits.nesting)
    }
    let number = UInt32(try number(4, reading: "the element type of `\(key.prefix(80))`"))
    guard let type = GGUFValueType(rawValue: number) else {
      throw .unknownValueType(offset: start, key: key, number: number)
    }
    // A text is at least its length, an array its type and its length.
    let least = type.byteCount ?? (type == .string ? 8 : 12)
    let count = try count("elements of `\(key.prefix(80))`", atLeast: least, limit: nil)
    var elements: [GGUFValue] = []
    let keeps = count <= GGUFLimits.kept && keptElements + count <= GGUFLimits.allKept
    if keeps { keptElements += count }
    if let size = type.byteCount, !keeps {
      offset += size * count
      return .array(type: type, count: count, elements: [])
    }
    for _ in 0..<count {
      walked += 1
      guard walked <= GGUFLimits.elements else {
        throw .tooManyEntries(
          offset: start, what: "elements of arrays", count: UInt64(walked),
          limit: GGUFLimits.elements)
      }
      if type == .string, !keeps {
        offset += try textLength("a text of `\(key.prefix(80))`")
      } else if type == .string {
        elements.append(try lenientText(of: key))
      } else {
        let value = try value(type, of: key, depth: depth + 1)
        if keeps { elements.append(value) }
      }
    }
    return .array(type: type, count: count, elements: elements)
  }

  private mutating func lenientText(of key: String) throws(GGUFError) -> GGUFValue {
    let length = try textLength("a text of `\(key.prefix(80))`")
    guard length <= GGUFLimits.text, keptText + length <= GGUFLimits.allText else {
      offset += length
      return .longText(bytes: length)
    }
    keptText += length
    let bytes = try bytes(length, reading: "a text of `\(key.prefix(80))`")
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  // MARK: Bytes

  /// A length that the rest of the file can hold.
  private mutating func textLength(
    _ what: @autoclosure () -> String
  ) throws(GGUFError) -> Int {
    let start = offset
    let length = try number(8, reading: "the length of \(what())")
    guard length <= UInt64(file.size - offset) else {
      throw .endsEarly(
        offset: start, reading: what(), needed: length, available: file.size - offset)
    }
    return Int(length)
  }

  private mutating func name(_ what: String) throws(GGUFError) -> String {
    let start = offset
    let length = try textLength(what)
    guard length <= GGUFLimits.name else {
      throw .tooManyEntries(
        offset: start, what: "bytes for \(what)", count: UInt64(length), limit: GGUFLimits.name)
    }
    let bytes = try bytes(length, reading: what)
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    note(.notText(offset: start + 8, what: what))
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func count(
    _ what: String, atLeast size: Int, limit: Int?
  ) throws(GGUFError) -> Int {
    let start = offset
    let count = try number(8, reading: "the number of \(what)")
    let available = file.size - offset
    guard count <= UInt64(available / size), let number = Int(exactly: count) else {
      throw .countBeyondFile(offset: start, what: what, count: count, available: available)
    }
    if let limit, number > limit {
      throw .tooManyEntries(offset: start, what: what, count: count, limit: limit)
    }
    return number
  }

  /// The little-endian number that begins here.
  private mutating func number(_ size: Int, reading: @autoclosure () -> String)
    throws(GGUFError) -> UInt64
  {
    guard offset <= GGUFLimits.length else {
      throw .headerTooLong(offset: offset, limit: GGUFLimits.length)
    }
    guard size <= file.size - offset else {
      throw .endsEarly(
        offset: offset, reading: reading(), needed: UInt64(size), available: file.size - offset)
    }
    var result: UInt64 = 0
    do throws(FileFault) {
      for index in 0..<size {
        result |= UInt64(try file.byte(at: offset + index) ?? 0) << UInt64(8 * index)
      }
    } catch {
      throw .file(error)
    }
    offset += size
    return result
  }

  private mutating func bytes(_ count: Int, reading: String) throws(GGUFError) -> [UInt8] {
    do throws(FileFault) {
      if let bytes = try file.bytes(at: offset, count: count) {
        offset += count
        return bytes
      }
    } catch {
      throw .file(error)
    }
    throw .endsEarly(
      offset: offset, reading: reading, needed: UInt64(count), available: file.size - offset)
  }
}
