// SafetensorsReader: a weights file on disk, its header in memory and its data left where it is.
// Reads one tensor at a time, so a file larger than memory can be listed and used.

import Foundation

/// A weights file whose header has been read and checked.
///
/// Data is read with plain reads and not through a mapping: a mapped file that someone truncates
/// kills the process, a short read is an error. ``MappedSafetensors`` is for weights, which are large.
package struct SafetensorsReader: Hashable, Sendable {
  package let path: String
  package let header: SafetensorsHeader
  private let fileSize: Int

  /// Reads and checks the header of the file at a path.
  package init(path: String) throws(SafetensorsError) {
    self.path = path
    fileSize = try Self.size(of: path)
    let prefix = try Self.read(path, at: 0, count: min(8, fileSize))
    let length = try SafetensorsHeader.length(from: prefix, fileSize: fileSize)
    let json = try Self.read(path, at: 8, count: length)
    header = try SafetensorsHeader(json: json, fileSize: fileSize)
  }

  /// The tensors in the order of the header.
  package var entries: [SafetensorsEntry] { header.entries }

  /// A tensor's values as fp32, in row-major order.
  ///
  /// - Throws: ``SafetensorsError`` when a finite value would become infinite; wider values and
  ///   integers are rounded to the nearest.
  package func floats(_ name: String) throws(SafetensorsError) -> [Float] {
    try values(entry(name))
  }

  /// A tensor's values as fp64, in row-major order; 64-bit integers are rounded to the nearest.
  package func doubles(_ name: String) throws(SafetensorsError) -> [Double] {
    try values(entry(name))
  }

  /// A tensor's values as integers, in row-major order.
  ///
  /// - Throws: ``SafetensorsError`` when a value is not a whole number that fits.
  package func integers(_ name: String) throws(SafetensorsError) -> [Int64] {
    try values(entry(name))
  }

  /// A tensor's bytes as they lie in the file, little-endian.
  package func bytes(_ name: String) throws(SafetensorsError) -> [UInt8] {
    try bytes(of: entry(name))
  }

  private func entry(_ name: String) throws(SafetensorsError) -> SafetensorsEntry {
    guard let entry = header[name] else { throw .noSuchTensor(name: name) }
    return entry
  }

  private func values<Element: SafetensorsElement>(
    _ entry: SafetensorsEntry
  ) throws(SafetensorsError) -> [Element] {
    try bytes(of: entry).withUnsafeBufferPointer { bytes throws(SafetensorsError) in
      try SafetensorsDecoder(entry: entry, bytes: UnsafeRawBufferPointer(bytes)).values()
    }
  }

  private func bytes(of entry: SafetensorsEntry) throws(SafetensorsError) -> [UInt8] {
    try Self.read(
      path, at: header.dataOffset + entry.range.lowerBound, count: entry.range.count)
  }

  /// The size of a regular file; links are followed, as caches of published models need.
  private static func size(of path: String) throws(SafetensorsError) -> Int {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes: [FileAttributeKey: Any]
    do {
      attributes = try FileManager.default.attributesOfItem(atPath: resolved)
    } catch {
      throw .file(path: path, reason: "cannot be opened: \(Self.reason(error))")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw .file(path: path, reason: "is not a regular file")
    }
    guard let size = (attributes[.size] as? NSNumber)?.intValue else {
      throw .file(path: path, reason: "has no size")
    }
    return size
  }

  private static func read(
    _ path: String, at offset: Int, count: Int
  ) throws(SafetensorsError) -> [UInt8] {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      data = try handle.read(upToCount: count) ?? Data()
    } catch {
      throw .file(path: path, reason: "cannot be read: \(Self.reason(error))")
    }
    guard data.count == count else {
      throw .file(
        path: path,
        reason: "changed while it was read: \(count) bytes expected, \(data.count) found")
    }
    return [UInt8](data)
  }

  /// What went wrong in the system's own words, without Foundation's frame around them.
  static func reason(_ error: any Error) -> String {
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    if cause.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(truncatingIfNeeded: cause.code))).lowercased()
    }
    return switch (error as? CocoaError)?.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: "no such file or directory"
    case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
    case .fileWriteOutOfSpace: "no space left on device"
    default: cause.localizedDescription
    }
  }
}
