// RunBase: the weights that a run began with: where they lie, and whether they are still the same.
// A checkpoint of adapters holds what is trained and refers to these, so they must be found again.
import Diagnostics
import Foundation
import Interchange
import Language
import Training

/// Weights to begin with.
package enum RunBase {
  /// What the metadata of a checkpoint says under `holds` where the base's weights are elsewhere.
  static let holdsTrained = "trained"

  /// The file that a path names: a file of weights, the folder of a run, or that of a model.
  ///
  /// - Throws: ``RunFailure`` for a folder without weights, and for a run that is itself adapters.
  static func file(_ path: String) throws(RunFailure) -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return path }
    let folder = RunFolder(path)
    guard folder.hasRun else {
      if let file = Workspace.weights(beside: path) { return file }
      throw RunFailure(
        "no-weights", "\(path) has no weights", help: "name the file itself, or the folder of a run"
      )
    }
    let state = try RunState(of: folder)
    guard let file = state.files.first(where: { $0.name == RunFolder.weightsName(state.step) })
    else {
      throw RunFailure(
        "no-weights", "the run in \(path) has made no step yet, so that it has no weights",
        help: "go on with `plumbline train --resume`")
    }
    guard state.start?.names == nil else {
      throw RunFailure(
        "base-holds-adapters", "the run in \(path) holds what it trained beside a frozen base",
        help: "merge it first: plumbline adapter \(path) --merge FILE.safetensors")
    }
    return folder.path + "/" + file.name
  }

  /// Whether a text names a file of weights, and not a model that loaders fetch.
  package static func isFile(_ text: String) -> Bool { CheckpointFinder.isWeights(text) }

  /// Whether weights may lie where a text says.
  package static func isPath(_ text: String) -> Bool {
    isFile(text) || FileManager.default.fileExists(atPath: text)
  }

  /// A path that means the same from any folder.
  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// Whether a checkpoint leaves out the weights that are not trained.
  static func isPartial(_ path: String) -> Bool {
    guard path.hasSuffix(".safetensors"), let file = try? SafetensorsReader(path: path) else {
      return false
    }
    return file.header.metadata["holds"] == holdsTrained
  }

  /// The symbols that the weights were trained with, where they are known.
  ///
  /// - Throws: ``RunFailure`` for a file that is no vocabulary.
  static func vocabulary(beside weights: String) throws(RunFailure) -> Vocabulary? {
    let path = CheckpointFinder.directory(of: weights) + Vocabulary.fileName
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try Vocabulary(file: path)
  }
}

extension RunState {
  /// The file of the weights that the run began with, when it is still what it was.
  ///
  /// - Parameter other: where it lies now, when it was moved.
  /// - Returns: `nil` for a run that began with none.
  /// - Throws: ``RunFailure`` when it is gone or another.
  func base(at other: String?) throws(RunFailure) -> String? {
    guard let start, let wanted = start.files.first else {
      guard let other else { return nil }
      throw RunFailure(
        "base-changed", "the run began with weights as they were drawn, and not with \(other)",
        help: "leave the option out, or begin another run with another --out")
    }
    let path = try RunBase.file(other ?? start.path)
    let expected: [Fact] = [
      .line("expected: \(wanted.name), \(wanted.bytes) bytes, digest \(wanted.digest)")
    ]
    let help = "say where it lies now with --base PATH, or begin another run with another --out"
    guard FileManager.default.fileExists(atPath: path) else {
      throw RunFailure(
        "base-missing", "the base of the run is not there: \(path)", facts: expected, help: help)
    }
    let found: FileFingerprint
    do throws(DiskFault) {
      found = try FileFingerprint(of: path)
    } catch {
      throw RunFailure(error)
    }
    // A file may have been given another name.
    guard found.bytes == wanted.bytes, found.digest == wanted.digest else {
      throw RunFailure(
        "base-changed", "\(path) is not the base that the run began with",
        facts: expected
          + [.line("found: \(found.name), \(found.bytes) bytes, digest \(found.digest)")],
        help: help)
    }
    return path
  }
}
