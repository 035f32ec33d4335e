// RunFolder: the files of one training run, which of them belong together, and what clears the rest.
// `state.json` is written last and decides: what it does not name is not there.
import Foundation
import Interchange
import Kernels

/// The folder of a run.
package struct RunFolder: Hashable, Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  package var model: String { path + "/model.model" }
  package var vocabulary: String { path + "/vocabulary.json" }
  package var log: String { path + "/log.jsonl" }
  package var state: String { path + "/state.json" }

  /// The name of the weights after so many updates.
  static func weightsName(_ step: Int) -> String { "weights-\(padded(step)).safetensors" }

  /// The name of the optimiser's moments after so many updates.
  static func momentsName(_ step: Int) -> String { "optimizer-\(padded(step)).safetensors" }

  private static func padded(_ step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: max(6 - digits.count, 0)) + digits
  }

  /// Whether a run has begun here.
  package var hasRun: Bool { FileManager.default.fileExists(atPath: state) }

  /// Makes the folder.
  ///
  /// - Throws: ``DiskFault`` when it can't be made or written to.
  func create() throws(DiskFault) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
        throw DiskFault(path, "is a file, a run needs a folder: it can't be written to")
      }
      // Asked once more in the system's own words, which Foundation keeps to itself.
      if mkdir(path, 0o755) != 0, errno != EEXIST { throw DiskFault.system(path, "written to") }
    }
    guard access(path, W_OK) == 0 else {
      throw DiskFault.system(path, "written to")
    }
  }

  /// Removes what a run has written here, its state first, so that no half of it looks like one.
  ///
  /// - Throws: ``DiskFault`` when a file can't be removed.
  func clear() throws(DiskFault) {
    try remove([DurableFile.name(of: state)])
    try DurableFile.synchronise(path)
    try remove(names.filter { Self.isOwn($0) })
  }

  /// Removes unfinished files, and generations that the state does not name.
  ///
  /// - Throws: ``DiskFault`` when a file can't be removed.
  func clearLeftovers(keeping state: RunState) throws(DiskFault) {
    let kept = Set(state.standing.map(\.name))
    try remove(
      names.filter { name in
        name.hasSuffix(DurableFile.suffix) && Self.isOwn(name) || name == Self.cutLog
          || Self.isGeneration(name) && !kept.contains(name)
      })
  }

  /// Removes the checkpoint before the last, for want of room.
  ///
  /// - Returns: whether there was one.
  package func clearPrevious() -> Bool {
    guard let files = (try? RunState(of: self))?.previous?.files else { return false }
    return files.filter { unlink(path + "/" + $0.name) == 0 }.count > 0
  }

  /// A log that was being cut when the run was killed.
  private static let cutLog = "log.jsonl.part"

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  private func remove(_ names: [String]) throws(DiskFault) {
    for name in names where unlink(path + "/" + name) != 0 && errno != ENOENT {
      throw DiskFault.system(path + "/" + name, "removed")
    }
  }

  /// Whether a run of ours writes a file of this name.
  static func isOwn(_ name: String) -> Bool {
    let fixed = ["model.model", "vocabulary.json", "log.jsonl", "state.json"]
    if name.hasSuffix(DurableFile.suffix) {
      return isOwn(String(name.dropLast(DurableFile.suffix.count)))
    }
    return fixed.contains(name) || isGeneration(name) || name == cutLog
  }

  private static func isGeneration(_ name: String) -> Bool {
    guard name.hasSuffix(".safetensors") else { return false }
    let stem = name.dropLast(".safetensors".count)
    return ["weights-", "optimizer-"].contains { prefix in
      stem.hasPrefix(prefix) && stem.count >= prefix.count + 6
        && stem.dropFirst(prefix.count).allSatisfy(\.isNumber)
    }
  }
}

/// What `state.json` says.
package struct RunState: Hashable, Sendable, Codable {
  /// A file as it was.
  package struct File: Hashable, Sendable, Codable {
    package var name: String
    package var bytes: Int
    package var digest: String

    init(_ fingerprint: FileFingerprint) {
      name = fingerprint.name
      bytes = fingerprint.bytes
      digest = fingerprint.digest
    }

    var fingerprint: FileFingerprint {
      FileFingerprint(name: name, bytes: bytes, digest: digest)
    }
  }

  /// What the run reads.
  package struct Source: Hashable, Sendable, Codable {
    package var path: String
    package var files: [File]
    /// What these weights call those of the model, where they call them otherwise; only of a base
    /// that is not in the run's own checkpoints, because nothing of it is trained.
    package var names: [String: String]?
  }

  /// The version of this format.
  package var format = 1
  /// The updates made.
  package var step: Int
  /// The updates of the whole run.
  package var steps: Int
  /// The tokens seen.
  package var tokens: Int
  package var seed: Int
  /// How data are read and how often things are written.
  package var settings: RunSettings
  package var data: Source
  /// The weights that the run began with; none when its initialisers made them.
  package var start: Source?
  package var model: File
  package var vocabulary: File?
  /// The log up to this step.
  package var log: File
  /// Weights and moments after this step; none before the first.
  package var files: [File]
  /// The checkpoint before, which is kept while the run goes on.
  package var previous: Generation?
  /// The instruction set, which decides about the last bits.
  package var kernels: String
  /// ``Digest/text`` of this file without it.
  package var digest: String?

  /// The text of the file.
  var json: String {
    var sealed = self
    sealed.digest = ownDigest
    return sealed.encoded
  }

  /// What ``digest`` is in a file that nobody changed.
  private var ownDigest: String {
    var bare = self
    bare.digest = nil
    return Digest(of: Array(bare.encoded.utf8)).text
  }

  private var encoded: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a state of numbers and names can't be encoded")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Reads the state of a folder.
  ///
  /// - Throws: ``RunFailure`` when there is none, or it is none of ours.
  package init(of folder: RunFolder) throws(RunFailure) {
    guard folder.hasRun else {
      throw RunFailure("no-run", "\(folder.path) has no run: there is no state.json")
    }
    var bytes: [UInt8] = []
    do throws(DiskFault) {
      try DurableFile.read(folder.state) { bytes += $0 }
    } catch {
      throw RunFailure(error)
    }
    do {
      self = try JSONDecoder().decode(RunState.self, from: Data(bytes))
    } catch {
      throw RunFailure(
        "checkpoint-damaged", "\(folder.state) is no state of a run: \(Self.reason(error))",
        help: "restore the file, or begin again with --overwrite")
    }
    guard format == 1, step >= 0, steps >= step else {
      throw RunFailure(
        "checkpoint-damaged",
        "\(folder.state) is of format \(format), at step \(step) of \(steps): expected format 1",
        help: "restore the file, or begin again with --overwrite")
    }
    // Those of an older version have none.
    guard digest == nil || digest == ownDigest else {
      throw RunFailure(
        "checkpoint-damaged",
        "\(folder.state) was changed since it was written after step \(step)",
        help: "restore the file, or begin again with --overwrite")
    }
  }

  init(
    step: Int, steps: Int, tokens: Int, seed: Int, settings: RunSettings, data: Source,
    start: Source?, model: File, vocabulary: File?, log: File, files: [File], kernels: String
  ) {
    self.step = step
    self.steps = steps
    self.tokens = tokens
    self.seed = seed
    self.settings = settings
    self.data = data
    self.start = start
    self.model = model
    self.vocabulary = vocabulary
    self.log = log
    self.files = files
    self.kernels = kernels
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "`\(key.stringValue)` is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` is of the wrong kind"
    default: "it is not JSON, or cut off"
    }
  }
}

/// What a run needs to know beside its model file.
package struct RunSettings: Hashable, Sendable, Codable {
  package var format = "automatic"
  package var level = "character"
  package var width: String?
  package var order = "crops"
  package var validationShare = 0.1
  /// Updates between two validations; 0 for none.
  package var evaluateEvery = -1
  package var evaluationBatches = 8
  package var saveEvery = -1
  package var logEvery = 1

  package init() {}
}
