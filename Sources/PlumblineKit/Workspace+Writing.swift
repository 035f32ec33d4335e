// Workspace+Writing: files of the user that are replaced as a whole or not at all.
// Apart from reading, because commands that only report never come here.
import Foundation

extension Workspace {
  /// Writes beside a file and renames, so that a crash leaves the old text or the new one.
  ///
  /// A link stays a link: its target is replaced. The permissions of an old file are kept.
  /// - Throws: ``UnreadableFile`` when the file can't be written.
  package static func write(_ text: String, to path: String) throws(UnreadableFile) {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let name = ".\(target.lastPathComponent).\(UUID().uuidString)"
    let temporary = target.deletingLastPathComponent().appendingPathComponent(name)
    let files = FileManager.default
    let known = try? files.attributesOfItem(atPath: target.path)[.posixPermissions]
    let attributes = known.map { [FileAttributeKey.posixPermissions: $0] }
    guard
      files.createFile(
        atPath: temporary.path, contents: Data(text.utf8), attributes: attributes),
      rename(temporary.path, target.path) == 0
    else {
      try? files.removeItem(at: temporary)
      throw UnreadableFile(path: path, reason: "it can't be written")
    }
  }
}
