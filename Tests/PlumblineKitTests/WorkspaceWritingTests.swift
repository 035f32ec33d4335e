// WorkspaceWritingTests: files of the user that a command writes: whole, and what they were before.
// Apart from what is written: a picture, a text and a formatted model go the same way.
import Foundation
import PlumblineKit
import Testing

@Suite struct WorkspaceWritingTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("a pipe or a device is written to, and still one afterwards")
  func pipe() throws {
    let path = folder.path + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try Workspace.write("a text", to: path)
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(reader, &bytes, bytes.count)
    #expect(count == 6 && String(decoding: bytes.prefix(6), as: UTF8.self) == "a text")
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test("a link stays a link, and permissions stay what they were")
  func link() throws {
    let file = try folder.file("file", "old")
    #expect(chmod(file, 0o640) == 0)
    #expect(symlink(file, folder.path + "/link") == 0)
    try Workspace.write("new", to: folder.path + "/link")
    #expect(try folder.text(file) == "new")
    var status = stat()
    #expect(lstat(folder.path + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test("what can't be written is told in the system's words, and nothing is left behind")
  func refusals() throws {
    let missing = #expect(throws: UnreadableFile.self) {
      try Workspace.write("text", to: folder.path + "/nowhere/file")
    }
    #expect(missing?.reason.contains("no such file or directory") == true)
    let directory = #expect(throws: UnreadableFile.self) {
      try Workspace.write("text", to: folder.path)
    }
    #expect(directory?.reason.contains("is a directory") == true)
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let full = #expect(throws: UnreadableFile.self) { try Workspace.write("text", to: "/dev/full") }
    #expect(full?.reason.contains("no space left") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
