// SampleSource: what a path names to write with: a model, its weights and its vocabulary.
// A run's folder holds all three; elsewhere the weights are said or lie beside the model.
import Foundation
import Interchange
import Training

/// The files that a text is written with.
package struct SampleSource: Hashable, Sendable {
  /// What is opened as the model.
  package let model: String
  package let weights: String
  /// The weights that are not trained, where the others lie without them.
  package let base: String?
  /// The symbols of the ids; `nil` where ids are all there is.
  package let vocabulary: Vocabulary?

  /// - Parameters:
  ///   - path: the folder of a run, a directory with a config, or a model file.
  ///   - weights: the file that was asked for.
  ///   - vocabulary: the file that was asked for.
  ///   - base: where the weights lie now that a run of adapters began with.
  /// - Throws: ``RunFailure`` when a file is missing or is none of these.
  package init(
    _ path: String, weights: String? = nil, vocabulary: String? = nil, base: String? = nil
  ) throws(RunFailure) {
    let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard path == "-" || Self.exists(folder) else {
      throw RunFailure("unreadable-file", "\(path): no such file or directory")
    }
    let isRun = Self.exists(folder + "/state.json")
    if isRun, !Self.exists(folder + "/model.model") {
      throw RunFailure("run-incomplete", "\(folder) has a state.json, but no model.model beside it")
    }
    model = isRun ? folder + "/model.model" : path
    if let weights {
      guard Self.exists(weights) else {
        throw RunFailure("unreadable-file", "\(weights): no such file or directory")
      }
      self.weights = weights
    } else if isRun {
      self.weights = try Self.newestWeights(of: folder)
    } else if let beside = Workspace.weights(beside: path) {
      self.weights = beside
    } else {
      throw RunFailure(
        "no-weights", "\(path) has no weights beside it, and a model without weights knows nothing",
        help: "say where they are with --weights FILE, or train it with `plumbline train`")
    }
    self.base =
      isRun && RunBase.isPartial(self.weights)
      ? try RunState(of: RunFolder(folder)).base(at: base) : base
    // Weights that lie apart from their run, as merged ones do, have the symbols of the run.
    let home = Self.isFolder(folder) ? folder + "/" : CheckpointFinder.directory(of: path)
    let places = [CheckpointFinder.directory(of: self.weights), home].map {
      $0 + Vocabulary.fileName
    }
    if let file = vocabulary ?? places.first(where: Self.exists) {
      self.vocabulary = try Vocabulary(file: file)
    } else {
      self.vocabulary = nil
    }
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// What is read of a run's state.
  private struct State: Decodable {
    struct File: Decodable {
      let name: String
    }

    let files: [File]
  }

  /// The weights that the state of a run names.
  private static func newestWeights(of folder: String) throws(RunFailure) -> String {
    let path = folder + "/state.json"
    let state: State
    do {
      state = try JSONDecoder().decode(State.self, from: try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw RunFailure(
        "run-incomplete", "\(path) is no state of a run: it can't be read as one")
    }
    guard let file = state.files.map(\.name).last(where: { $0.hasPrefix("weights-") }) else {
      throw RunFailure(
        "no-weights", "the run in \(folder) has made no step yet, so that it has no weights",
        help: "go on with `plumbline train --resume`")
    }
    guard !file.contains("/"), exists(folder + "/" + file) else {
      throw RunFailure("run-incomplete", "\(path) names \(file), which is not there")
    }
    return folder + "/" + file
  }

  // MARK: Prompts

  /// The ids of a text.
  ///
  /// - Throws: ``RunFailure`` when there is no vocabulary, or a symbol is not in it.
  package func ids(of text: String) throws(RunFailure) -> [Int] {
    guard let vocabulary else {
      throw RunFailure(
        "no-vocabulary", "\(weights) has no vocabulary.json beside it, so that text has no ids",
        help: "give the prompt as ids with --ids 1,2,3, or a vocabulary with --vocabulary FILE")
    }
    do throws(DataFault) {
      return try vocabulary.encode(text)
    } catch {
      throw RunFailure(error)
    }
  }

  /// Holds the ids of a prompt against what the model knows.
  ///
  /// - Throws: ``RunFailure`` when there are none, or one is none of the model's.
  package func check(_ prompt: [Int], classes: Int) throws(RunFailure) {
    if let vocabulary, vocabulary.count > classes {
      throw RunFailure(
        "vocabulary-beyond-model",
        "the vocabulary has \(vocabulary.count) symbols, but the model has logits for \(classes)",
        help: "use the vocabulary that was written beside these weights")
    }
    guard !prompt.isEmpty else {
      throw RunFailure(
        "empty-prompt", "the prompt is empty, and the first token needs one before it",
        help: "begin with something, such as --prompt \"\\n\" for a new line")
    }
    for (position, id) in prompt.enumerated() where id < 0 || id >= classes {
      throw RunFailure(
        "index-out-of-range",
        "id \(position + 1) of the prompt is \(id), but the model has"
          + " \(classes) tokens", facts: [.line("0 to \(classes - 1) are allowed")])
    }
  }
}
