// RunFolder+Claim: whose folder it is: one run at a time, and nothing of anybody else's.
// Apart from its files, because here nothing is written: a folder is claimed before it is touched.
import Foundation
import Interchange

/// The right to write into the folder of a run, which one process has at a time.
///
/// A class, because the system holds the lock for a descriptor, which is closed once.
final class RunClaim: Sendable {
  private let descriptor: Int32

  /// - Throws: ``RunFailure`` while another run writes there.
  init(_ folder: RunFolder) throws(RunFailure) {
    descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    // A process that was killed a moment ago may still be at its last write.
    for _ in 0..<100 {
      // A file system without locks has none to break; a folder's own faults are told elsewhere.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return }
      usleep(20_000)
    }
    close(descriptor)
    throw RunFailure(
      "run-busy", "another process is training in \(folder.path)",
      help: "wait for it or stop it, or name another --out")
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}

extension RunFolder {
  /// Refuses a folder in which a new run would destroy what is no run of ours.
  ///
  /// What a run leaves that was killed before its first state is none of that: the same texts, and a
  /// log without lines.
  /// - Parameters:
  ///   - texts: what the new run writes first, by the name of the file.
  ///   - overwrites: whether files may be destroyed.
  /// - Throws: ``RunFailure`` with their names.
  func refuseForeign(_ texts: [String: String], overwrites: Bool) throws(RunFailure) {
    guard !overwrites else { return }
    guard !hasRun else {
      throw RunFailure(
        "run-exists", "\(path) has a run already",
        help: "go on with it by --resume, begin again with --overwrite, or name another --out")
    }
    let foreign = names.filter { name in
      guard Self.isOwn(name), !name.hasSuffix(DurableFile.suffix) else { return false }
      let size = (try? FileFingerprint(of: path + "/" + name))?.bytes
      if size == 0 { return false }
      return texts[name].map { !holds($0, as: name) } ?? true
    }
    guard foreign.isEmpty else {
      throw RunFailure(
        "folder-not-a-run",
        "\(path) has \(foreign.prefix(6).joined(separator: ", ")), but no state.json: it is no run,"
          + " and a run would replace \(foreign.count == 1 ? "it" : "them")",
        help: "name another --out, or let --overwrite remove \(foreign.count == 1 ? "it" : "them")")
    }
  }

  /// Refuses to remove a file that the new run reads.
  ///
  /// - Parameter inputs: paths, by the option that gave them.
  /// - Throws: ``RunFailure`` with the file and its option.
  func refuseToRemove(_ inputs: [(option: String, path: String)]) throws(RunFailure) {
    for input in inputs where Self.isOwn(DurableFile.name(of: input.path)) {
      let folder = URL(fileURLWithPath: input.path).deletingLastPathComponent()
      let own = URL(fileURLWithPath: path)
      guard
        folder.resolvingSymlinksInPath().standardizedFileURL.path
          == own.resolvingSymlinksInPath().standardizedFileURL.path
      else { continue }
      throw RunFailure(
        "run-exists", "\(input.option) names \(input.path), which the new run would remove",
        help: "name another --out, or copy the file to another place")
    }
  }

  private func holds(_ text: String, as name: String) -> Bool {
    FileManager.default.contents(atPath: path + "/" + name) == Data(text.utf8)
  }
}
