// Workspace+Weights: weights without a config where a model is expected.
// A GGUF file says what it is; of other files the shapes are asked.
import Diagnostics
import Foundation
import Interchange
import Language

extension Workspace {
  /// The model of weights that no config lies beside; nil for any other path.
  static func loadWeights(_ path: String, settings: [Setting]) -> LoadedModel? {
    let file: String
    if CheckpointFinder.isWeights(path) {
      guard !path.hasSuffix(".json") || path.hasSuffix(".index.json") else { return nil }
      file = path
    } else {
      var isDirectory: ObjCBool = false
      guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
        isDirectory.boolValue,
        let first = CheckpointFinder.checkpoints(at: path).first
      else { return nil }
      switch first {
      case .whole(let whole): file = whole
      case .shards(let shards): file = shards.first ?? path
      }
    }
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    if file.hasSuffix(".gguf") { return loadGGUF(file, settings: settings) }
    return loadGuess(file, settings: settings)
  }

  /// The model whose weights a file without a config holds, when one fits exactly.
  private static func loadGuess(_ path: String, settings: [Setting]) -> LoadedModel {
    guard let guess = ConfigGuess(Checkpoint(path: path)) else { return unknown(path) }
    var loaded = loadConfig(path: path, text: guess.text, settings: settings)
    let keys = guess.text.split(separator: "\n").dropFirst().dropLast()
    var facts = keys.map { Fact.line($0.drop { $0 == " " }.trimmingComma) }
    if !guess.undecided.isEmpty {
      facts.append(
        .line("no shape decides " + guess.undecided.joined(separator: ", ") + ": others may do"))
    }
    if !guess.alike.isEmpty {
      let shown = guess.alike.prefix(8).map { "`\($0)`" }.joined(separator: ", ")
      facts.append(.line("tensors of these names also: " + shown))
    }
    loaded.diagnostics.append(
      Diagnostic(
        id: "config-inferred", severity: .note,
        message: "no config lies beside `\(path.fileName)`; its tensors are those of"
          + " `\(guess.modelType)` with the values below",
        facts: facts))
    return loaded
  }

  private static func loadGGUF(_ path: String, settings: [Setting]) -> LoadedModel {
    guard let file = try? HeaderFile(path: path), let header = GGUFHeader.scan(file).header,
      var config = GGUFConfig(header)
    else { return unknown(path) }
    if let weights = try? MappedGGUF(path: path), let factors = weights.rotaryFactors() {
      config.setRotaryFactors(short: factors.short, long: factors.long, of: header)
    }
    return loadConfig(path: path, text: config.text, settings: settings)
  }

  /// No model: headers can be checked all the same.
  private static func unknown(_ path: String) -> LoadedModel {
    let library = ModuleLibrary(reader: reader, neighbours: neighbours)
    return LoadedModel(
      path: path, model: nil, diagnostics: [], sources: library.sources, sizes: [:],
      library: library, file: library.preludeFile)
  }
}

extension Substring {
  /// The text without a comma at its end.
  fileprivate var trimmingComma: String { hasSuffix(",") ? String(dropLast()) : String(self) }
}
