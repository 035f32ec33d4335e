// SafetensorsHeader: the table of a weights file, checked in full before anything trusts it.
// Apart from the reader because analysis needs names and shapes, never the data.

import Diagnostics

/// One tensor of a weights file.
package struct SafetensorsEntry: Hashable, Sendable {
  package let name: String
  package let dtype: SafetensorsType
  package let shape: [Int]
  /// The bytes of the tensor, counted from the end of the header.
  package let range: Range<Int>

  /// The product of the shape, 1 for a scalar; the header was refused if it overflowed.
  package var elementCount: Int { Self.elementCount(of: shape) ?? 0 }

  /// The product of a shape; nil when it overflows, even if a later axis is zero.
  static func elementCount(of shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      count = product
    }
    return count
  }
}

/// The names, types, shapes and places of a file's tensors.
///
/// A header exists only if the whole file is well formed: every name once, every size equal to
/// its shape, and the tensors covering the data without overlap, hole or remainder.
/// - Source: the format's description, https://github.com/huggingface/safetensors#format
package struct SafetensorsHeader: Hashable, Sendable {
  /// The longest header that is read; the format's own reader has the same limit.
  package static let maximumLength = 100_000_000

  /// The tensors in the order of the header.
  package let entries: [SafetensorsEntry]
  /// The free texts under `__metadata__`.
  package let metadata: [String: String]
  /// Where the data starts in the file.
  package let dataOffset: Int
  private let indices: [String: Int]

  /// The entry of a name.
  package subscript(name: String) -> SafetensorsEntry? { indices[name].map { entries[$0] } }

  /// Reads the header of a file that lies in memory.
  package init(file bytes: [UInt8]) throws(SafetensorsError) {
    let length = try Self.length(from: bytes.prefix(8), fileSize: bytes.count)
    try self.init(json: Array(bytes[8..<8 + length]), fileSize: bytes.count)
  }

  /// Reads the length of the header from the first eight bytes of a file.
  static func length(
    from prefix: some Collection<UInt8>, fileSize: Int
  ) throws(SafetensorsError) -> Int {
    guard prefix.count == 8, fileSize >= 8 else {
      throw .fileTooShort(bytes: min(prefix.count, fileSize))
    }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumLength) else {
      throw .headerTooLarge(length: length, limit: maximumLength)
    }
    guard length <= UInt64(fileSize - 8) else {
      throw .headerBeyondFile(length: length, available: fileSize - 8)
    }
    return Int(length)
  }

  /// Reads the JSON behind the length and checks it against the size of the file.
  init(json: [UInt8], fileSize: Int) throws(SafetensorsError) {
    guard json.first == UInt8(ascii: "{") else {
      let found = json.first.map { "`\(DisplayText.safe(String(UnicodeScalar($0))))`" }
      throw .headerNotObject(found: found ?? "nothing")
    }
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(utf8: json)
    } catch {
      throw .malformedHeader(
        JSONError(
          offset: error.offset + 8, expected: error.expected, found: error.found, help: error.help))
    }
    guard let members = document.root.members else {
      preconditionFailure("a document that starts with a brace is \(document.root.kind)")
    }
    if let duplicate = document.duplicates.first {
      throw .duplicateName(
        name: duplicate.key, first: Self.inFile(duplicate.first),
        second: Self.inFile(duplicate.second))
    }
    var entries: [SafetensorsEntry] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.node)
      } else {
        entries.append(
          try Self.entry(member.key, member.node, dataSize: fileSize - 8 - json.count))
      }
    }
    try Self.checkCover(entries, dataSize: fileSize - 8 - json.count)
    self.entries = entries
    self.metadata = metadata
    dataOffset = 8 + json.count
    indices = Dictionary(
      entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func inFile(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound + 8..<range.upperBound + 8
  }

  private static func metadata(_ node: JSONNode) throws(SafetensorsError) -> [String: String] {
    guard let members = node.members else { throw .metadataNotText(key: nil, found: node.kind) }
    var metadata: [String: String] = [:]
    for member in members {
      guard let text = member.node.string else {
        throw .metadataNotText(key: member.key, found: member.node.kind)
      }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ node: JSONNode, dataSize: Int
  ) throws(SafetensorsError) -> SafetensorsEntry {
    guard node.members != nil else {
      throw .wrongField(
        tensor: name, field: "entry", expected: "an object", found: node.kind)
    }
    let typeName = try field("dtype", of: name, node, "a text") { $0.string }
    guard let dtype = SafetensorsType(rawValue: typeName) else {
      throw .unknownType(tensor: name, found: typeName)
    }
    var shape: [Int] = []
    let dimensions = try field("shape", of: name, node, "an array") { $0.elements }
    for (axis, dimension) in dimensions.enumerated() {
      guard let size = dimension.integer, size >= 0 else {
        throw .badDimension(tensor: name, axis: axis, found: dimension.kind)
      }
      shape.append(size)
    }
    let offsets = try field("data_offsets", of: name, node, "an array") { $0.elements }
    guard offsets.count == 2 else {
      throw .wrongField(
        tensor: name, field: "data_offsets", expected: "two offsets", found: "\(offsets.count)")
    }
    let begin = try offset(offsets[0], of: name)
    let end = try offset(offsets[1], of: name)
    guard begin <= end else { throw .reversedOffsets(tensor: name, begin: begin, end: end) }
    guard end <= dataSize else {
      throw .offsetsBeyondData(tensor: name, end: end, available: dataSize)
    }
    guard let elements = SafetensorsEntry.elementCount(of: shape),
      !elements.multipliedReportingOverflow(by: dtype.bits).overflow
    else { throw .shapeTooLarge(tensor: name, shape: shape) }
    let expected = dtype.byteCount(of: shape)
    guard expected == end - begin else {
      throw .sizeMismatch(
        tensor: name, dtype: dtype, shape: shape, expected: expected, found: end - begin)
    }
    return SafetensorsEntry(name: name, dtype: dtype, shape: shape, range: begin..<end)
  }

  private static func field<Value>(
    _ field: String, of tensor: String, _ node: JSONNode, _ expected: String,
    _ read: (JSONNode) -> Value?
  ) throws(SafetensorsError) -> Value {
    guard let found = node[field] else { throw .missingField(tensor: tensor, field: field) }
    guard let value = read(found) else {
      throw .wrongField(tensor: tensor, field: field, expected: expected, found: found.kind)
    }
    return value
  }

  private static func offset(
    _ node: JSONNode, of tensor: String
  ) throws(SafetensorsError) -> Int {
    guard let offset = node.integer, offset >= 0 else {
      throw .wrongField(
        tensor: tensor, field: "data_offsets", expected: "a non-negative integer",
        found: node.kind)
    }
    return offset
  }

  /// Checks that the tensors, in the order of their data, cover it exactly once.
  private static func checkCover(
    _ entries: [SafetensorsEntry], dataSize: Int
  ) throws(SafetensorsError) {
    let ordered = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var covered = 0
    var previous = ""
    for entry in ordered {
      let begin = entry.range.lowerBound
      if begin < covered {
        throw .overlap(tensor: entry.name, begin: begin, other: previous, otherEnd: covered)
      }
      if begin > covered { throw .hole(before: entry.name, from: covered, to: begin) }
      covered = entry.range.upperBound
      previous = entry.name
    }
    if covered < dataSize { throw .trailingBytes(count: dataSize - covered, after: covered) }
  }
}
