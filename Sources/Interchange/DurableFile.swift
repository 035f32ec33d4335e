// DurableFile: files that have their name only once every byte of them is on the disk.
// Apart from what is written, because losing nothing is a matter of order alone.

import Foundation
import Kernels

/// What a file was when it was written.
package struct FileFingerprint: Hashable, Sendable {
  /// Without its folder.
  package var name: String
  package var bytes: Int
  /// ``Digest/text`` of all bytes.
  package var digest: String

  package init(name: String, bytes: Int, digest: String) {
    self.name = name
    self.bytes = bytes
    self.digest = digest
  }

  /// Of the file as it is now; reads all of it.
  ///
  /// - Throws: ``DiskFault`` when it can't be read.
  package init(of path: String) throws(DiskFault) {
    var digest = Digest()
    var count = 0
    try DurableFile.read(path) { bytes in
      digest.update(bytes)
      count += bytes.count
    }
    self.init(name: DurableFile.name(of: path), bytes: count, digest: digest.text)
  }
}

/// What the file system refused.
package struct DiskFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var path: String
  /// In the system's words.
  package var reason: String
  /// The system's number, such as `ENOSPC`; zero where it gave none.
  package var code: Int32

  package init(_ path: String, _ reason: String, code: Int32 = 0) {
    self.path = path
    self.reason = reason
    self.code = code
  }

  /// A sentence that names its file already.
  package init(_ sentence: String) {
    self.init("", sentence)
  }

  /// What the last call of the system said.
  package static func system(_ path: String, _ action: String) -> DiskFault {
    let code = errno
    return DiskFault(
      path, "cannot be \(action): \(String(cString: strerror(code)).lowercased())", code: code)
  }

  package var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// A file that is being written.
///
/// The bytes go to `NAME.partial`; ``commit()`` brings them to the disk, gives the file its name in one
/// step and brings the folder to the disk. What is not committed is removed.
package struct DurableFile: ~Copyable {
  /// What the name of an unfinished file ends in.
  package static let suffix = ".partial"

  private let path: String
  private let descriptor: Int32
  private var digest = Digest()
  private var bytes = 0
  private var isOpen = true

  /// - Throws: ``DiskFault`` when the folder can't be written to.
  package init(replacing path: String) throws(DiskFault) {
    self.path = path
    descriptor = open(path + DurableFile.suffix, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      let fault = DiskFault.system(path, "written")
      isOpen = false
      throw fault
    }
  }

  deinit {
    guard isOpen else { return }
    close(descriptor)
    unlink(path + DurableFile.suffix)
  }

  /// Writes more bytes.
  ///
  /// - Throws: ``DiskFault``, a full disk for example.
  package mutating func append(_ chunk: [UInt8]) throws(DiskFault) {
    try DurableFile.write(chunk, to: descriptor, path)
    digest.update(chunk)
    bytes += chunk.count
  }

  /// Makes the file what was written.
  ///
  /// - Throws: ``DiskFault``; then the old file stands.
  package consuming func commit() throws(DiskFault) -> FileFingerprint {
    guard fsync(descriptor) == 0 else { throw .system(path, "written") }
    guard rename(path + DurableFile.suffix, path) == 0 else { throw .system(path, "replaced") }
    isOpen = false
    close(descriptor)
    try DurableFile.synchronise(DurableFile.folder(of: path))
    return FileFingerprint(name: DurableFile.name(of: path), bytes: bytes, digest: digest.text)
  }

  /// Replaces a file by a text.
  ///
  /// - Throws: ``DiskFault``; then the old file stands.
  @discardableResult
  package static func write(_ text: String, to path: String) throws(DiskFault) -> FileFingerprint {
    var file = try DurableFile(replacing: path)
    try file.append(Array(text.utf8))
    return try file.commit()
  }

  /// Brings the names in a folder to the disk.
  package static func synchronise(_ folder: String) throws(DiskFault) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(folder, "opened") }
    defer { close(descriptor) }
    // Some file systems know no such thing for folders, and then need none.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw .system(folder, "written")
    }
  }

  /// Gives a file's bytes piece by piece.
  ///
  /// - Throws: ``DiskFault`` when it can't be read.
  package static func read(_ path: String, _ take: ([UInt8]) -> Void) throws(DiskFault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, "opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw DiskFault(path, "is not a regular file")
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(path, "read")
      }
      if count == 0 { return }
      take(count == chunk.count ? chunk : Array(chunk[..<count]))
    }
  }

  /// The last part of a path.
  package static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Writes bytes to a file that is open.
  ///
  /// - Throws: ``DiskFault``, a full disk for example.
  package static func write(
    _ chunk: [UInt8], to descriptor: Int32, _ path: String
  ) throws(DiskFault) {
    var written = 0
    while written < chunk.count {
      let count = chunk.withUnsafeBytes { bytes in
        Foundation.write(
          descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count > 0 {
        written += count
      } else if count == 0 || errno != EINTR {
        throw .system(path, "written")
      }
    }
  }
}
