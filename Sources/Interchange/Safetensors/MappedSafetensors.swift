// MappedSafetensors: a weights file whose fp32 tensors are used where they lie, without a copy.
// Apart from SafetensorsReader, which copies what it reads and so survives a file that is cut.

/// A weights file whose header has been checked and whose data is mapped.
///
/// Nothing of the data is in memory until it is touched, and what was touched can be taken back by
/// the system at any time: the file itself is its swap space.
package struct MappedSafetensors: ~Copyable, Sendable {
  package let header: SafetensorsHeader
  private let file: MappedFile

  /// Maps the file at a path and checks its header against its size.
  ///
  /// - Throws: ``SafetensorsError`` as ``SafetensorsReader`` does.
  package init(path: String) throws(SafetensorsError) {
    let file = try MappedFile(path: path)
    let prefix = file.bytes(0..<min(8, file.count))
    let length = try SafetensorsHeader.length(from: prefix, fileSize: file.count)
    header = try SafetensorsHeader(
      json: Array(file.bytes(8..<8 + length)), fileSize: file.count)
    self.file = file
  }

  package var path: String { file.path }

  /// The tensors in the order of the header.
  package var entries: [SafetensorsEntry] { header.entries }

  /// An fp32 tensor where it lies in the file, in row-major order.
  ///
  /// - Returns: `nil` when the values have to be converted or moved first: another type, a place that
  ///   is no multiple of four, a machine with the other byte order. The pointer must not outlive the
  ///   mapping.
  /// - Throws: ``SafetensorsError`` when there is no such tensor, or the file has changed its size.
  package borrowing func place(
    _ name: String
  ) throws(SafetensorsError) -> UnsafeBufferPointer<Float>? {
    let entry = try entry(name)
    let bytes = try bytes(of: entry)
    guard entry.dtype == .f32, 1.littleEndian == 1 else { return nil }
    guard let start = bytes.baseAddress, !bytes.isEmpty else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    guard Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 else { return nil }
    // The bytes are never written, and no other type is ever bound to them.
    return UnsafeBufferPointer(
      start: start.assumingMemoryBound(to: Float.self), count: entry.elementCount)
  }

  /// Lends a tensor's values as fp32: where they lie if that is possible, else from a copy.
  ///
  /// - Throws: ``SafetensorsError`` as ``floats(_:)`` does, and what `body` throws.
  package borrowing func withFloats<Result>(
    _ name: String, _ body: (Span<Float>) throws(SafetensorsError) -> Result
  ) throws(SafetensorsError) -> Result {
    if let place = try place(name) { return try body(place.span) }
    let copy = try floats(name)
    return try body(copy.span)
  }

  /// A copy of a tensor's values as fp32, in row-major order.
  ///
  /// - Throws: ``SafetensorsError`` when a finite value would become infinite.
  package borrowing func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    let entry = try entry(name)
    return try SafetensorsDecoder(entry: entry, bytes: bytes(of: entry)).values()
  }

  /// A copy of a tensor's values as fp64, in row-major order.
  package borrowing func doubles(_ name: String) throws(SafetensorsError) -> [Double] {
    let entry = try entry(name)
    return try SafetensorsDecoder(entry: entry, bytes: bytes(of: entry)).values()
  }

  /// Writes a tensor's values as fp32 where the caller wants them, without another copy.
  ///
  /// - Parameters:
  ///   - name: the tensor's.
  ///   - target: as many elements as the tensor has.
  /// - Throws: ``SafetensorsError`` as ``floats(_:)`` does; `target` is then partly written.
  package borrowing func copy(
    _ name: String, to target: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) {
    let entry = try entry(name)
    guard entry.elementCount == target.count else {
      throw .valueCountMismatch(tensor: name, shape: entry.shape, found: target.count)
    }
    try SafetensorsDecoder(entry: entry, bytes: bytes(of: entry)).write(to: target)
  }

  /// Whether two tensors have the same type, shape and bytes.
  package borrowing func holdsSame(
    _ name: String, _ other: String
  ) throws(SafetensorsError) -> Bool {
    let (left, right) = (try entry(name), try entry(other))
    guard left.dtype == right.dtype, left.shape == right.shape else { return false }
    return try bytes(of: left).elementsEqual(bytes(of: right))
  }

  private func entry(_ name: String) throws(SafetensorsError) -> SafetensorsEntry {
    guard let entry = header[name] else { throw .noSuchTensor(name: name) }
    return entry
  }

  /// The size is asked for once more, so that a file that was cut is an error as long as possible.
  private func bytes(
    of entry: SafetensorsEntry
  ) throws(SafetensorsError) -> UnsafeRawBufferPointer {
    try file.checkSize()
    let start = header.dataOffset + entry.range.lowerBound
    return file.bytes(start..<start + entry.range.count)
  }
}
