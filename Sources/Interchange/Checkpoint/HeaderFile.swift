// HeaderFile: the front of a file, read in small windows and never mapped.
// Apart from MappedFile: headers are walked once, and a file cut meanwhile must not end the process.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a file could not be opened or read.
package struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  /// The system's words, after the path: "cannot be opened: permission denied".
  package let reason: String

  package var description: String { "\(path): \(reason)" }
}

/// A regular file, or bytes in memory, of which one window is kept.
package struct HeaderFile: ~Copyable {
  /// What is asked of the system at once.
  private static let windowSize = 1 << 16

  package let path: String
  /// The size in bytes when it was opened.
  package let size: Int
  /// Nothing for bytes in memory, of which the window is all.
  private let descriptor: Int32?
  private var window: [UInt8]
  private var start = 0

  /// Takes bytes in memory for a file's.
  package init(path: String, bytes: [UInt8]) {
    self.path = path
    size = bytes.count
    descriptor = nil
    window = bytes
  }

  /// Opens the regular file at a path; links are followed.
  package init(path: String) throws(FileFault) {
    // Without it, opening a named pipe would wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw FileFault(path: path, reason: "cannot be opened: \(HeaderFile.reason)")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = HeaderFile.reason
      close(descriptor)
      throw FileFault(path: path, reason: "cannot be opened: \(reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileFault(path: path, reason: "is not a regular file")
    }
    self.path = path
    size = Int(status.st_size)
    self.descriptor = descriptor
    window = []
  }

  deinit { if let descriptor { close(descriptor) } }

  /// The byte at an offset; `nil` at the end of the file and after it.
  package mutating func byte(at offset: Int) throws(FileFault) -> UInt8? {
    guard offset >= 0, offset < size else { return nil }
    if offset < start || offset - start >= window.count {
      window = try read(at: offset, count: min(Self.windowSize, size - offset))
      start = offset
    }
    return window[offset - start]
  }

  /// A copy of some bytes; `nil` when they reach beyond the end of the file.
  package mutating func bytes(at offset: Int, count: Int) throws(FileFault) -> [UInt8]? {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else { return nil }
    let inWindow = offset >= start && offset - start <= window.count
    if inWindow, count <= window.count - (offset - start) {
      return Array(window[offset - start..<offset - start + count])
    }
    if count >= Self.windowSize { return try read(at: offset, count: count) }
    window = try read(at: offset, count: min(Self.windowSize, size - offset))
    start = offset
    return Array(window.prefix(count))
  }

  private borrowing func read(at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
    guard let descriptor else { preconditionFailure("bytes in memory are their own window") }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress.map { $0 + filled }, count - filled,
          off_t(offset + filled))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard failure == 0 else {
      throw FileFault(
        path: path, reason: "cannot be read: \(String(cString: strerror(failure)).lowercased())")
    }
    guard bytes.count == count else {
      throw FileFault(
        path: path,
        reason: "changed while it was read: \(count) bytes expected, \(bytes.count) found")
    }
    return bytes
  }

  /// The system's words for its last error.
  private static var reason: String { String(cString: strerror(errno)).lowercased() }
}
