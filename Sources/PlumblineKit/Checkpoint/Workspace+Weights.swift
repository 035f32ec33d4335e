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
    return unknown(file)
  }

  private static func loadGGUF(_ path: String, settings: [Setting]) -> LoadedModel {
    guard let file = try? HeaderFile(path: path), let header = GGUFHeader.scan(file).header,
      let config = GGUFConfig(header)
    else { return unknown(path) }
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
