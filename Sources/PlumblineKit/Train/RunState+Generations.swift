// RunState+Generations: the checkpoints that a state names, whether they are whole, and the way back.
// Apart from the state's text: here files are looked at.
import Diagnostics
import Interchange
import Kernels

extension RunState {
  /// A checkpoint: what was known of the run after an update.
  package struct Generation: Hashable, Sendable, Codable {
    package var step: Int
    package var tokens: Int
    package var log: File
    package var files: [File]
  }

  /// The checkpoint of this state; `nil` before the first.
  var generation: Generation? {
    files.isEmpty ? nil : Generation(step: step, tokens: tokens, log: log, files: files)
  }

  /// The files of weights and moments that this state needs or may need.
  var standing: [File] { files + (previous?.files ?? []) }

  /// This state after an earlier checkpoint of the run.
  ///
  /// - Parameters:
  ///   - step: the updates after which that checkpoint was written.
  ///   - folder: of the run.
  /// - Returns: what the state was then.
  /// - Throws: ``RunFailure`` when no such checkpoint is kept.
  func back(to step: Int, in folder: RunFolder) throws(RunFailure) -> RunState {
    if step == self.step { return self }
    guard let earlier = previous, earlier.step == step else {
      let kept = [previous?.step, generation?.step].compactMap { $0 }.map { "\($0)" }
      throw RunFailure(
        "no-checkpoint",
        "\(folder.path) has no checkpoint of step \(step)",
        facts: [
          .line(
            kept.isEmpty
              ? "none was written yet" : "those of step \(kept.joined(separator: " and ")) are kept"
          )
        ],
        help: kept.isEmpty ? "leave --from out" : "say --from \(kept.joined(separator: " or "))")
    }
    var state = self
    (state.step, state.tokens) = (earlier.step, earlier.tokens)
    (state.log, state.files, state.previous) = (earlier.log, earlier.files, nil)
    return state
  }

  /// Whether everything of the run is still what it was; says what can be done where it is not.
  ///
  /// - Throws: ``RunFailure`` with the first file that is damaged.
  func checkWhole(in folder: RunFolder) throws(RunFailure) {
    do throws(RunFailure) {
      for file in [model, vocabulary].compactMap({ $0 }) { try check(file, in: folder) }
    } catch {
      throw helped(error, folder, because: weightsHelp(in: folder))
    }
    guard let generation else { return try check(log: log, in: folder) }
    do throws(RunFailure) {
      try check(generation, in: folder)
    } catch {
      var help = weightsHelp(in: folder)
      if let previous, isWhole(previous, in: folder) {
        help =
          "the checkpoint of step \(previous.step) is whole, go on from it with"
          + " `plumbline train --resume --from \(previous.step) --out \(folder.path)`"
      }
      throw helped(error, folder, because: help)
    }
  }

  private func helped(
    _ failure: RunFailure, _ folder: RunFolder, because help: String?
  ) -> RunFailure {
    var told = failure
    for index in told.diagnostics.indices {
      told.diagnostics[index].fixes = [
        FixIt(
          message: help ?? "restore the file, or begin again with --overwrite", effect: .none)
      ]
    }
    return told
  }

  /// What can be done with weights that are whole when something else is not.
  private func weightsHelp(in folder: RunFolder) -> String? {
    // Those of adapters are no model without their base.
    guard start?.names == nil, let weights = files.first(where: { $0.name.hasPrefix("weights-") }),
      (try? check(weights, in: folder)) != nil
    else { return nil }
    return "restore the file, or begin another run with these weights:"
      + " --weights \(folder.path)/\(weights.name)"
  }

  private func isWhole(_ generation: Generation, in folder: RunFolder) -> Bool {
    (try? check(generation, in: folder)) != nil
  }

  private func check(_ generation: Generation, in folder: RunFolder) throws(RunFailure) {
    for file in generation.files { try check(file, in: folder) }
    try check(log: generation.log, in: folder)
  }

  /// Whether a file of the folder is still what it was.
  ///
  /// - Throws: ``RunFailure`` with both sizes, or when it can't be read.
  func check(_ file: File, in folder: RunFolder) throws(RunFailure) {
    let path = folder.path + "/" + file.name
    let found: FileFingerprint
    do throws(DiskFault) {
      found = try FileFingerprint(of: path)
    } catch {
      throw RunFailure(
        "checkpoint-damaged", "the checkpoint of step \(step) is not whole: \(error)")
    }
    guard found != file.fingerprint else { return }
    throw RunFailure(
      "checkpoint-damaged",
      found.bytes == file.bytes
        ? "\(path) has other bytes than those that were saved"
        : "\(path) has \(found.bytes) bytes, \(file.bytes) were saved",
      facts: [.line("digest \(found.digest), expected \(file.digest)")],
      help: "restore the file, or begin again with --overwrite")
  }

  /// Whether the log begins with what was known of it; more lines may follow.
  private func check(log known: File, in folder: RunFolder) throws(RunFailure) {
    _ = try RunLogFile.beginning(of: folder, known)
  }
}
