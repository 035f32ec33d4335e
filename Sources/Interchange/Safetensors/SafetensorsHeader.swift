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
  /// The bytes of the file that name it, from the quote on.
  package let place: Range<Int>

  init(
    name: String, dtype: SafetensorsType, shape: [Int], range: Range<Int>,
    place: Range<Int> = 0..<0
  ) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.range = range
    self.place = place
  }

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
    let scan = SafetensorsScan(json: json, fileSize: fileSize)
    if let problem = scan.problems.first { throw problem.error }
    entries = scan.entries
    metadata = scan.metadata
    dataOffset = 8 + json.count
    indices = Dictionary(
      entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
