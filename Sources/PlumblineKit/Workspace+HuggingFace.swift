// Workspace+HuggingFace: a `config.json` where a model file is expected.
// The family's model file is elaborated with the config's values, and findings point into the JSON.
import Diagnostics
import Foundation
import Interchange
import Language
import Validation

extension Workspace {
  /// Whether a text is a config rather than a model file: no model file begins with a brace.
  static func isConfig(path: String, text: String) -> Bool {
    path.hasSuffix(".json") || text.utf8.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
  }

  /// The path of the config of a directory, or beside weights; the path itself for anything else.
  package static func modelPath(_ path: String) -> String {
    if CheckpointFinder.isWeights(path) {
      let config = CheckpointFinder.directory(of: path) + "config.json"
      // A GGUF file says itself what it is.
      return !path.hasSuffix(".gguf") && FileManager.default.fileExists(atPath: config)
        ? config : path
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { return path }
    let config = path + (path.hasSuffix("/") ? "" : "/") + "config.json"
    return FileManager.default.fileExists(atPath: config) ? config : path
  }

  /// The weights that a path names or that lie in a directory; `nil` where there are none.
  package static func weights(beside path: String) -> String? {
    for checkpoint in CheckpointFinder.checkpoints(at: path) {
      switch checkpoint {
      case .whole(let file): return file
      case .shards(let files): return files.first
      }
    }
    return nil
  }

  /// Elaborates the family that a config names, with the config's values.
  ///
  /// The claims and the training plan of the model file are about its defaults, so they are left
  /// out; its loss stays.
  ///
  /// - Parameters:
  ///   - path: the path, as it is shown.
  ///   - text: the text.
  ///   - bytes: the file as it was stored, where that differs from the text.
  ///   - settings: `NAME=VALUE` from the command line.
  /// - Returns: the model, if there is one, and everything found about it.
  static func loadConfig(
    path: String, text: String, stored bytes: [UInt8]? = nil, settings: [Setting]
  ) -> LoadedModel {
    var sources = SourceMap()
    let source = sources.add(path: path, text: text)
    func failed(_ diagnostics: [Diagnostic], _ library: ModuleLibrary? = nil) -> LoadedModel {
      let library =
        library ?? ModuleLibrary(sources: sources, reader: reader, neighbours: neighbours)
      return LoadedModel(
        path: path, model: nil, diagnostics: diagnostics, sources: library.sources, sizes: [:],
        library: library, file: library.preludeFile)
    }
    let (read, found) = HuggingFaceConfig.read(source, in: sources, stored: bytes)
    guard var config = read else { return failed(found) }
    config.liesBesideWeights = hasWeights(beside: path)
    let directory = CheckpointFinder.directory(of: path)
    let generation = besideConfig(directory + "generation_config.json", in: &sources)
    let families = ModelFamilies(besideConfig: path)
    let (name, problem) = config.family { families.names }
    guard let family = name else { return failed([problem].compactMap { $0 }) }
    guard let described = families.file(of: family) else {
      return failed([config.unknownFamily(family, known: families.names)])
    }
    var library = ModuleLibrary(
      sources: sources, reader: described.isEmbedded ? embeddedReader : reader,
      neighbours: neighbours)
    let file = library.load(path: described.text.path, text: described.text.text)
    let fields = fields(of: file, in: library)
    let binding = HuggingFaceBinding(config, to: fields, family: family)
    let rules = ConfigRuleBook.findings(
      in: ConfigSubject(
        config, fields: fields, generation: generation, families: { families.names },
        beside: { name in (try? contents(directory + name)) ?? nil }))
    if binding.lacksValues {
      return failed(FindingCauses.sorted(binding.diagnostics + rules), library)
    }
    var loaded = finish(
      path: path, library: library, file: file, settings: settings, overrides: binding.overrides,
      describesDefaults: false)
    loaded.config = BoundConfig(config: config, fields: fields, binding: binding)
    loaded.ruleFindings += rules
    let blame = ConfigBlame(binding: binding, config: source, settings: settings, loaded: loaded)
    // What a rule of configs explains is told in its words alone.
    let refused = rules.filter { $0.severity == .error }.compactMap(\.range)
    let others = blame.rehomed().filter { finding in
      finding.severity != .error || !refused.contains { $0 == finding.range }
    }
    loaded.diagnostics = FindingCauses.sorted(binding.diagnostics + rules + others)
    if config.liesBesideWeights {
      // Whoever has the weights can't choose the width of a head any more.
      func isAdvice(_ finding: Diagnostic) -> Bool {
        RuleBook.isAdvice(finding.id) || ConfigRuleBook.isAdvice(finding.id)
      }
      loaded.diagnostics.removeAll(where: isAdvice)
      loaded.ruleFindings.removeAll(where: isAdvice)
    }
    return loaded
  }

  /// Another object of keys and values beside a config; what can't be read is nobody's mistake here.
  private static func besideConfig(
    _ path: String, in sources: inout SourceMap
  ) -> HuggingFaceConfig? {
    guard FileManager.default.fileExists(atPath: path), let text = try? read(path) else {
      return nil
    }
    return HuggingFaceConfig.read(sources.add(path: path, text: text), in: sources).config
  }

  /// Whether weights lie in the directory of a config.
  private static func hasWeights(beside config: String) -> Bool {
    !CheckpointFinder.checkpoints(in: CheckpointFinder.directory(of: config)).isEmpty
  }

  /// The config fields of the last model of a file and of those that it derives from, a field's
  /// last word with the keys of its first where it has none of its own.
  static func fields(of file: Int, in library: ModuleLibrary) -> [ConfigField] {
    let declarations = library.files[file].syntax.declarations
    guard let last = declarations.lastIndex(where: { if case .model = $0 { true } else { false } })
    else { return [] }
    var chain: [ModelDeclaration] = []
    var next: DeclarationReference? = DeclarationReference(file: file, index: last)
    while let reference = next, case .model(let model) = library[reference], chain.count < 64 {
      chain.append(model)
      next = model.base.flatMap { library.files[reference.file].names[$0.text] }
      if next == reference { break }
    }
    var fields: [ConfigField] = []
    for case .config(let list, _) in chain.reversed().flatMap(\.members) {
      for var field in list {
        guard let known = fields.firstIndex(where: { $0.name.text == field.name.text }) else {
          fields.append(field)
          continue
        }
        if field.keys.isEmpty, !field.acceptsNone {
          field.keys = fields[known].keys
          field.acceptsNone = fields[known].acceptsNone
        }
        if field.type == nil { field.type = fields[known].type }
        fields[known] = field
      }
    }
    return fields
  }
}
