// MappedFile: a file of the disk as bytes in memory, read by the system when they are touched.
// Apart from the format, because it owns a mapping and knows nothing of tensors.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A regular file, mapped for reading.
///
/// The size is taken once, when the file is opened, and asked for again by ``checkSize()``. A file
/// that somebody cuts shorter *while* its bytes are being read ends the process with SIGBUS: that is
/// the price of a mapping, and who can't pay it reads with ``SafetensorsReader``. Replacing a file by
/// another, as every careful program does, is harmless: the mapping keeps the old one.
///
/// Sending it elsewhere is safe: nothing of it changes between opening and closing, and the pages are
/// mapped for reading alone.
package struct MappedFile: ~Copyable, @unchecked Sendable {
  package let path: String
  /// The size in bytes.
  package let count: Int
  /// The first byte, at the start of a page; `nil` for an empty file, of which nothing is mapped.
  private let start: UnsafeRawPointer?
  private let descriptor: Int32

  /// Opens and maps the file at a path; links are followed.
  ///
  /// - Throws: ``SafetensorsError/file(path:reason:)`` for what is no regular file or can't be read.
  package init(path: String) throws(SafetensorsError) {
    // Without it, opening a named pipe would wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw .file(path: path, reason: "cannot be opened: \(MappedFile.reason)")
    }
    let count: Int
    do throws(SafetensorsError) {
      count = try MappedFile.size(of: descriptor, path)
    } catch {
      close(descriptor)
      throw error
    }
    var start: UnsafeRawPointer?
    if count > 0 {
      guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
        address != MAP_FAILED
      else {
        let reason = MappedFile.reason
        close(descriptor)
        throw .file(path: path, reason: "cannot be mapped: \(reason)")
      }
      start = UnsafeRawPointer(address)
    }
    self.path = path
    self.count = count
    self.start = start
    self.descriptor = descriptor
  }

  deinit {
    if let start { munmap(UnsafeMutableRawPointer(mutating: start), count) }
    close(descriptor)
  }

  /// The bytes of a range that lies in the file; they must not outlive the mapping.
  package borrowing func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count,
      "bytes \(range) of a mapping of \(count)")
    return UnsafeRawBufferPointer(start: start.map { $0 + range.lowerBound }, count: range.count)
  }

  /// Reads bytes of the file without touching where it is mapped.
  ///
  /// - Returns: false when the file has fewer bytes by now, or can't be read.
  package borrowing func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Whether the file still has the size that was mapped.
  ///
  /// - Throws: ``SafetensorsError/file(path:reason:)`` when somebody cut or lengthened it.
  package borrowing func checkSize() throws(SafetensorsError) {
    let found = try MappedFile.size(of: descriptor, path)
    guard found == count else {
      throw .file(
        path: path,
        reason: "changed while it was read: \(count) bytes expected, \(found) found")
    }
  }

  private static func size(
    of descriptor: Int32, _ path: String
  ) throws(SafetensorsError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .file(path: path, reason: "cannot be opened: \(MappedFile.reason)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .file(path: path, reason: "is not a regular file")
    }
    return Int(status.st_size)
  }

  /// The system's words for its last error.
  private static var reason: String { String(cString: strerror(errno)).lowercased() }
}
