// Workspace+HuggingFace: a `config.json` where a model file is expected.
// The family's model file is elaborated with the config's values, and findings point into the JSON.
import Diagnostics
import Foundation
import Interchange
import Language

extension Workspace {
  /// Whether a text is a config rather than a model file: no model file begins with a brace.
  static func isConfig(path: String, text: String) -> Bool {
    path.hasSuffix(".json") || text.utf8.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
  }

  /// The path of the config of a directory; the path itself for anything else.
  package static func modelPath(_ path: String) -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { return path }
    let config = path + (path.hasSuffix("/") ? "" : "/") + "config.json"
    return FileManager.default.fileExists(atPath: config) ? config : path
  }

  /// The weights that lie beside the config of a directory; `nil` for anything else.
  package static func weights(beside path: String) -> String? {
    let config = modelPath(path)
    guard config != path else { return nil }
    let weights = config.dropLast("config.json".count) + "model.safetensors"
    return FileManager.default.fileExists(atPath: String(weights)) ? String(weights) : nil
  }

  /// Elaborates the family that a config names, with the config's values.
  ///
  /// The claims and the training plan of the model file are about its defaults, so they are left
  /// out; its loss stays.
  static func loadConfig(path: String, text: String, settings: [Setting]) -> LoadedModel {
    var library = ModuleLibrary(reader: reader, neighbours: neighbours)
    let source = library.sources.add(path: path, text: text)
    func failed(_ diagnostics: [Diagnostic]) -> LoadedModel {
      LoadedModel(
        path: path, model: nil, diagnostics: diagnostics, sources: library.sources, sizes: [:],
        library: library, file: library.preludeFile)
    }
    let (read, found) = HuggingFaceConfig.read(source, in: library.sources)
    guard var config = read else { return failed(found) }
    config.liesBesideWeights = hasWeights(beside: path)
    let families = ModelFamilies(besideConfig: path)
    let (family, unknown) = config.family(among: families.names)
    guard let family, let found = families.file(of: family) else {
      return failed(unknown.map { [$0] } ?? [])
    }
    let file = library.load(path: found.path, text: found.text)
    let binding = HuggingFaceBinding(
      config, to: fields(of: file, in: library), family: family)
    if binding.diagnostics.contains(where: { $0.severity == .error }) {
      return failed(binding.diagnostics)
    }
    var loaded = finish(
      path: path, library: library, file: file, settings: settings, overrides: binding.overrides,
      describesDefaults: false)
    let rules = ConfigRuleBook.findings(
      in: ConfigSubject(config, fields: fields(of: file, in: library)))
    loaded.ruleFindings += rules
    loaded.diagnostics =
      binding.diagnostics + rules
      + loaded.diagnostics.map {
        rehomed($0, from: binding.overrides, config: source, loaded.sources)
      }
    loaded.diagnostics = RuleCheck.sorted(loaded.diagnostics)
    return loaded
  }

  /// Whether weights lie in the directory of a config.
  private static func hasWeights(beside config: String) -> Bool {
    let directory = config.lastIndex(of: "/").map { String(config[...$0]) } ?? "./"
    return ["model.safetensors", "model.safetensors.index.json"].contains {
      FileManager.default.fileExists(atPath: directory + $0)
    }
  }

  /// The config fields of the last model of a file and of those that it derives from, a field's
  /// last word with the keys of its first where it has none of its own.
  private static func fields(of file: Int, in library: ModuleLibrary) -> [ConfigField] {
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

  /// Moves a finding about a condition of the family's file to the value that breaks it.
  private static func rehomed(
    _ diagnostic: Diagnostic, from overrides: [ConfigOverride], config: SourceID,
    _ sources: SourceMap
  ) -> Diagnostic {
    guard let place = diagnostic.range, place.source != config else { return diagnostic }
    var result = diagnostic
    // The family's file is part of the program, so nobody can mend it.
    result.fixes.removeAll { fix in fix.edits.contains { $0.range.source != config } }
    guard let range = culprit(of: diagnostic, at: place, overrides, sources)?.range else {
      return result
    }
    result.range = range
    result.label = nil
    result.notes.removeAll { $0.range == range }
    result.notes.insert(
      Note(message: "the architecture says so here", range: place, label: diagnostic.label), at: 0)
    return result
  }

  /// The value that breaks a condition: the last one that its text names, else a word of the config
  /// that the message quotes.
  private static func culprit(
    of diagnostic: Diagnostic, at place: SourceRange, _ overrides: [ConfigOverride],
    _ sources: SourceMap
  ) -> ConfigOverride? {
    let words = sources.text(in: place).split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    for word in words.reversed() {
      if let found = overrides.first(where: { $0.name == word }) { return found }
    }
    return overrides.first { override in
      guard case .string(let text) = override.value else { return false }
      return diagnostic.message.contains("\"\(text)\"")
    }
  }
}
