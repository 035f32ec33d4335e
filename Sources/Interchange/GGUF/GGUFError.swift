// GGUFError: every way in which a GGUF file can be wrong, with the byte, the tensor and the numbers.
// Apart from the parser and the checks, which share it.

/// Why a GGUF header cannot be read, or what is wrong in it.
package enum GGUFError: Error, Hashable, Sendable {
  // The frame: nothing after it can be read.
  case wrongMagic(found: [UInt8])
  case otherByteOrder
  case unsupportedVersion(UInt32)
  case endsEarly(offset: Int, reading: String, needed: UInt64, available: Int)
  case countBeyondFile(offset: Int, what: String, count: UInt64, available: Int)
  case tooManyEntries(offset: Int, what: String, count: UInt64, limit: Int)
  case headerTooLong(offset: Int, limit: Int)
  case unknownValueType(offset: Int, key: String, number: UInt32)
  case nestedTooDeep(offset: Int, key: String, limit: Int)
  case badAlignment(offset: Int, found: String)
  case tooManyAxes(offset: Int, tensor: String, found: UInt32, limit: Int)
  // One entry: the others can still be told.
  case notText(offset: Int, what: String)
  case duplicateKey(key: String, first: Int, second: Int)
  case notTruthValue(offset: Int, key: String, found: UInt8)
  case duplicateName(tensor: String, first: Int, second: Int)
  case unknownType(offset: Int, tensor: String, number: UInt32)
  case badDimension(offset: Int, tensor: String, axis: Int, found: UInt64)
  case shapeTooLarge(offset: Int, tensor: String, shape: [Int])
  case partialBlock(offset: Int, tensor: String, type: GGUFType, axis: Int)
  case misaligned(offset: Int, tensor: String, place: UInt64, alignment: Int)
  case beyondFile(offset: Int, tensor: String, begin: UInt64, bytes: Int, available: Int)
  // The tensors together.
  case overlap(offset: Int, tensor: String, begin: Int, other: String, otherEnd: Int)
  case hole(offset: Int, tensor: String, from: Int, to: Int)
  case trailingBytes(count: Int, after: Int)
  // The file system.
  case file(FileFault)
}

extension GGUFError: CustomStringConvertible {
  /// One fact, lower case, both sides named.
  package var description: String {
    switch self {
    case .wrongMagic(let found):
      return "expected a file that begins with `GGUF`, found \(Self.spelled(found))"
    case .otherByteOrder:
      return "the file is written in big-endian order, which is not read"
    case .unsupportedVersion(let version):
      return "GGUF version \(version) is not read; 2 and 3 are"
    case .endsEarly(_, let reading, let needed, let available):
      return "\(reading) takes \(needed) bytes, the file has \(available) from there"
    case .countBeyondFile(_, let what, let count, let available):
      return "the file claims \(count) \(what), more than its \(available) bytes can hold"
    case .tooManyEntries(_, let what, let count, let limit):
      return "the file claims \(count) \(what), the limit is \(limit)"
    case .headerTooLong(_, let limit):
      return "the header goes on after \(limit) bytes, which is the limit"
    case .unknownValueType(_, let key, let number):
      return "metadata key `\(Self.short(key))` has the unknown value type \(number)"
    case .nestedTooDeep(_, let key, let limit):
      return "metadata key `\(Self.short(key))` nests arrays deeper than \(limit)"
    case .badAlignment(_, let found):
      return "expected a power of two from 8 on as `general.alignment`, found \(found)"
    case .tooManyAxes(_, let tensor, let found, let limit):
      return "tensor `\(Self.short(tensor))` has \(found) axes, at most \(limit) are possible"
    case .notText(_, let what):
      return "\(what) is not UTF-8"
    case .duplicateKey(let key, let first, let second):
      return "metadata key `\(Self.short(key))` is given twice, at byte \(first) and at \(second)"
    case .notTruthValue(_, let key, let found):
      return "expected 0 or 1 as the truth value of `\(Self.short(key))`, found \(found)"
    case .duplicateName(let tensor, let first, let second):
      return "tensor `\(Self.short(tensor))` is given twice, at byte \(first) and at \(second)"
    case .unknownType(_, let tensor, let number):
      let name = GGUFType.removed[number].map { "\($0), which ggml has removed" }
      return "tensor `\(Self.short(tensor))` has the unknown type \(name ?? "\(number)")"
    case .badDimension(_, let tensor, let axis, let found):
      return "axis \(axis) of tensor `\(Self.short(tensor))` is \(found), which is no size"
    case .shapeTooLarge(_, let tensor, let shape):
      return "shape \(shape) of tensor `\(Self.short(tensor))` has more bytes than can be counted"
    case .partialBlock(_, let tensor, let type, let axis):
      return
        "rows of tensor `\(Self.short(tensor))` have \(axis) elements, \(type.name) packs"
        + " \(type.blockElements) together"
    case .misaligned(_, let tensor, let place, let alignment):
      return "tensor `\(Self.short(tensor))` begins at \(place), no multiple of \(alignment)"
    case .beyondFile(_, let tensor, let begin, let bytes, let available):
      return
        "tensor `\(Self.short(tensor))` takes \(bytes) bytes from \(begin), the file holds"
        + " \(available) bytes of data"
    case .overlap(_, let tensor, let begin, let other, let otherEnd):
      return
        "tensor `\(Self.short(tensor))` begins at \(begin), inside `\(Self.short(other))`, which"
        + " ends at \(otherEnd)"
    case .hole(_, let tensor, let from, let to):
      return "no tensor covers the bytes \(from)..<\(to) before `\(Self.short(tensor))`"
    case .trailingBytes(let count, let after):
      return "\(count) bytes follow the end of the last tensor at \(after)"
    case .file(let fault): return fault.description
    }
  }

  /// The byte of the file that is wrong, where one can be named.
  package var offset: Int? {
    switch self {
    case .wrongMagic, .file: 0
    case .otherByteOrder, .unsupportedVersion: 4
    case .endsEarly(let offset, _, _, _), .countBeyondFile(let offset, _, _, _),
      .tooManyEntries(let offset, _, _, _), .headerTooLong(let offset, _),
      .unknownValueType(let offset, _, _), .nestedTooDeep(let offset, _, _),
      .badAlignment(let offset, _), .tooManyAxes(let offset, _, _, _), .notText(let offset, _),
      .notTruthValue(let offset, _, _), .unknownType(let offset, _, _),
      .badDimension(let offset, _, _, _), .shapeTooLarge(let offset, _, _),
      .partialBlock(let offset, _, _, _), .misaligned(let offset, _, _, _),
      .beyondFile(let offset, _, _, _, _), .overlap(let offset, _, _, _, _),
      .hole(let offset, _, _, _):
      offset
    case .duplicateKey(_, _, let second), .duplicateName(_, _, let second): second
    case .trailingBytes: nil
    }
  }

  /// The tensor that is wrong, when one is.
  package var tensor: String? {
    switch self {
    case .tooManyAxes(_, let tensor, _, _), .duplicateName(let tensor, _, _),
      .unknownType(_, let tensor, _), .badDimension(_, let tensor, _, _),
      .shapeTooLarge(_, let tensor, _), .partialBlock(_, let tensor, _, _),
      .misaligned(_, let tensor, _, _), .beyondFile(_, let tensor, _, _, _),
      .overlap(_, let tensor, _, _, _), .hole(_, let tensor, _, _):
      tensor
    default: nil
    }
  }

  private static func short(_ name: String) -> String {
    name.utf8.count > 200 ? "\(name.prefix(200))…" : name
  }

  private static func spelled(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "an empty file" }
    if bytes.allSatisfy({ 0x20...0x7E ~= $0 }) {
      return "`\(String(decoding: bytes, as: UTF8.self))`"
    }
    return "the bytes " + bytes.map { String($0, radix: 16) }.joined(separator: " ")
  }
}
