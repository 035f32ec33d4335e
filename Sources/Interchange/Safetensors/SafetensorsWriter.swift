// SafetensorsWriter: weights files of ours, whole or not at all.
// Apart from the reader: writing has no hostile input, only a disk that may fail.

import Foundation

/// A tensor to be written.
package struct SafetensorsTensor: Hashable, Sendable {
  package let name: String
  package let shape: [Int]
  package let dtype: SafetensorsType
  private let values: Values

  /// Kept as they come, so that handing over a model's arrays copies nothing until writing.
  private enum Values: Hashable, Sendable {
    case floats([Float])
    case doubles([Double])
    case longs([Int64])
    case integers([Int32])
    case bytes([UInt8])
  }

  /// A tensor of fp32 values in row-major order.
  package init(name: String, shape: [Int], floats: [Float]) {
    (self.name, self.shape, dtype, values) = (name, shape, .f32, .floats(floats))
  }

  /// A tensor of fp64 values in row-major order.
  package init(name: String, shape: [Int], doubles: [Double]) {
    (self.name, self.shape, dtype, values) = (name, shape, .f64, .doubles(doubles))
  }

  /// A tensor of 64-bit integers in row-major order.
  package init(name: String, shape: [Int], integers: [Int64]) {
    (self.name, self.shape, dtype, values) = (name, shape, .i64, .longs(integers))
  }

  /// A tensor of 32-bit integers in row-major order.
  package init(name: String, shape: [Int], integers: [Int32]) {
    (self.name, self.shape, dtype, values) = (name, shape, .i32, .integers(integers))
  }

  /// A tensor of any type as its little-endian bytes, to pass on what was read.
  package init(name: String, shape: [Int], dtype: SafetensorsType, bytes: [UInt8]) {
    (self.name, self.shape, self.dtype, values) = (name, shape, dtype, .bytes(bytes))
  }

  /// The values of a tensor of fp32 or fp64; `nil` for another kind.
  package var doubles: [Double]? {
    switch values {
    case .floats(let values): values.map { Double($0) }
    case .doubles(let values): values
    case .longs, .integers, .bytes: nil
    }
  }

  /// The number of bytes, once it is known that they fit the shape.
  fileprivate func byteCount() throws(SafetensorsError) -> Int {
    if let axis = shape.firstIndex(where: { $0 < 0 }) {
      throw .badDimension(tensor: name, axis: axis, found: "\(shape[axis])")
    }
    let expected = dtype.byteCount(of: shape)
    let (count, found) =
      switch values {
      case .floats(let values): (values.count, values.count * 4)
      case .doubles(let values): (values.count, values.count * 8)
      case .longs(let values): (values.count, values.count * 8)
      case .integers(let values): (values.count, values.count * 4)
      case .bytes(let bytes): (bytes.count * 8 / dtype.bits, bytes.count)
      }
    guard expected == found else {
      throw .valueCountMismatch(tensor: name, shape: shape, found: count)
    }
    return found
  }

  /// The little-endian bytes.
  fileprivate func bytes() -> [UInt8] {
    switch values {
    case .floats(let values):
      #if _endian(little)
      values.withUnsafeBytes { [UInt8]($0) }
      #else
      Self.bytes(values.map { $0.bitPattern.littleEndian })
      #endif
    case .doubles(let values): Self.bytes(values.map { $0.bitPattern.littleEndian })
    case .longs(let values): Self.bytes(values.map { $0.littleEndian })
    case .integers(let values): Self.bytes(values.map { $0.littleEndian })
    case .bytes(let bytes): bytes
    }
  }

  private static func bytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
    words.withUnsafeBytes { [UInt8]($0) }
  }
}

/// Writes tensors in the order given.
package struct SafetensorsWriter: Sendable {
  private let tensors: [SafetensorsTensor]
  /// The length and the JSON, padded with spaces so that the data starts at a multiple of eight.
  private let header: [UInt8]

  /// Lays out a file.
  ///
  /// - Parameters:
  ///   - tensors: the tensors in the order of their data.
  ///   - metadata: free texts; `format: pt` is what loaders of PyTorch weights look for.
  /// - Throws: ``SafetensorsError`` for a name given twice, or values that do not fill a shape.
  package init(
    _ tensors: [SafetensorsTensor], metadata: [String: String] = ["format": "pt"]
  ) throws(SafetensorsError) {
    self.tensors = tensors
    header = try Self.header(of: tensors, metadata: metadata)
  }

  /// The whole file in memory.
  package func encoded() -> [UInt8] {
    tensors.reduce(into: header) { $0 += $1.bytes() }
  }

  /// Writes the file under its name once every byte is on the disk, and says what it is.
  ///
  /// - Throws: ``DiskFault``; then whatever was at the path stands.
  package func writeDurably(to path: String) throws(DiskFault) -> FileFingerprint {
    var file = try DurableFile(replacing: path)
    try file.append(header)
    for tensor in tensors { try file.append(tensor.bytes()) }
    return try file.commit()
  }

  /// Writes the file, or leaves whatever was at the path untouched.
  ///
  /// The bytes go to a new file beside the target, reach the disk, and take the target's name in
  /// one step. A link is followed, so that it stays a link.
  package func write(to path: String) throws(SafetensorsError) {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let temporary = target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).\(UUID().uuidString).tmp")
    do {
      guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
        throw SafetensorsError.file(
          path: path, reason: "cannot be written: \(String(cString: strerror(errno)).lowercased())")
      }
      let handle = try FileHandle(forWritingTo: temporary)
      defer { try? handle.close() }
      try handle.write(contentsOf: header)
      for tensor in tensors { try handle.write(contentsOf: tensor.bytes()) }
      try handle.synchronize()
      guard rename(temporary.path, target.path) == 0 else {
        throw SafetensorsError.file(
          path: path,
          reason: "cannot be replaced: \(String(cString: strerror(errno)).lowercased())")
      }
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      if let error = error as? SafetensorsError { throw error }
      throw .file(path: path, reason: "cannot be written: \(SafetensorsReader.reason(error))")
    }
  }

  private static func header(
    of tensors: [SafetensorsTensor], metadata: [String: String]
  ) throws(SafetensorsError) -> [UInt8] {
    var members: [String] = []
    var names: Set<String> = []
    var offset = 0
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }
        .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    for tensor in tensors {
      guard tensor.name != "__metadata__", names.insert(tensor.name).inserted else {
        throw .duplicateName(name: tensor.name, first: 0..<0, second: 0..<0)
      }
      let (end, overflow) = offset.addingReportingOverflow(try tensor.byteCount())
      guard !overflow else { throw .shapeTooLarge(tensor: tensor.name, shape: tensor.shape) }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(tensor.dtype.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    guard json.count <= SafetensorsHeader.maximumLength else {
      throw .headerTooLarge(
        length: UInt64(json.count), limit: SafetensorsHeader.maximumLength)
    }
    let length = UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + json
  }
}
