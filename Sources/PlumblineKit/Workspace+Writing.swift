// Workspace+Writing: files of the user that are replaced as a whole or not at all.
// Apart from reading, because commands that only report never come here.
import Foundation
import Interchange

extension Workspace {
  /// Writes beside a file and renames, so that a crash leaves the old text or the new one.
  ///
  /// A link stays a link: its target is replaced. The permissions of an old file are kept. A device
  /// or a pipe is written to, never replaced.
  /// - Throws: ``UnreadableFile`` when the file can't be written.
  package static func write(_ text: String, to path: String) throws(UnreadableFile) {
    do throws(DiskFault) {
      var status = stat()
      let isThere = stat(path, &status) == 0
      if isThere, status.st_mode & S_IFMT == S_IFDIR {
        throw DiskFault(path, "is a directory")
      }
      if isThere, status.st_mode & S_IFMT != S_IFREG || isOpenAlready(path) {
        return try send(text, to: path)
      }
      try replace(path, by: text, mode: isThere ? status.st_mode & 0o7777 : nil)
    } catch {
      throw UnreadableFile(path: path, reason: "it can't be written: \(error.reason)")
    }
  }

  /// Whether the path names what a process has open, such as its standard output.
  private static func isOpenAlready(_ path: String) -> Bool {
    path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
  }

  private static func send(_ text: String, to path: String) throws(DiskFault) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw system(path) }
    defer { close(descriptor) }
    do throws(DiskFault) {
      try DurableFile.write(Array(text.utf8), to: descriptor, path)
    } catch {
      throw system(path, error.code)
    }
  }

  private static func replace(
    _ path: String, by text: String, mode: mode_t?
  ) throws(DiskFault) {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let name = ".\(target.lastPathComponent).\(UUID().uuidString)"
    let temporary = target.deletingLastPathComponent().appendingPathComponent(name).path
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw system(path) }
    defer { close(descriptor) }
    do throws(DiskFault) {
      if let mode, fchmod(descriptor, mode) != 0 { throw system(path) }
      do throws(DiskFault) {
        try DurableFile.write(Array(text.utf8), to: descriptor, path)
      } catch {
        throw system(path, error.code)
      }
      guard rename(temporary, target.path) == 0 else { throw system(path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// What the last call of the system said, in its own words.
  private static func system(_ path: String, _ code: Int32 = errno) -> DiskFault {
    DiskFault(path, String(cString: strerror(code)).lowercased(), code: code)
  }
}
