// Workspace: from a path on the command line to an elaborated model and its diagnostics.
// The one place that opens model files; everything below works on texts.
import Architectures
import Diagnostics
import Dimensions
import Foundation
import IR
import Interchange
import Language
import Validation

/// Why a file could not be read at all.
package struct UnreadableFile: Error, Hashable, Sendable {
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// A model as `check` leaves it.
package struct LoadedModel: Sendable {
  /// The path as the user gave it.
  package var path: String
  /// The elaborated model; `nil` when there were errors that leave none.
  package var model: ElaboratedModel?
  package var diagnostics: [Diagnostic]
  package var sources: SourceMap
  /// Sizes of dimensions given with `--set B=32`.
  package var sizes: [Symbol: Int]
  /// The parsed files, for `format` and `explain`.
  package var library: ModuleLibrary
  /// The index of the file asked for.
  package var file: Int
  /// The values that a `config.json` or the command line gave to config fields.
  package var overrides: [ConfigOverride] = []
  /// How much work elaborating was, in expressions.
  var effort = 0
  /// How many claims were decided and hold.
  package var heldExpectations = 0

  /// Findings about claims, which are among the diagnostics; the model itself may be sound.
  package var claimFindings: [Diagnostic] = []

  /// Findings of the rules, which are among the diagnostics; the model itself may be sound.
  package var ruleFindings: [Diagnostic] = []

  /// The config that the model was made from, when it was.
  package var config: BoundConfig?

  /// What was found about each checkpoint beside the model, for the summary.
  package var checkpoints: [CheckpointReport] = []

  /// True when the text itself is wrong, so that no model was looked at.
  var stopsBeforeModels: Bool {
    library.diagnostics.contains { $0.severity == .error } || path.hasSuffix(".json")
  }

  /// True when the model has an error, whatever is claimed of it.
  package var isUnsound: Bool {
    func errors(_ found: [Diagnostic]) -> Int { found.count { $0.severity == .error } }
    return model == nil || errors(diagnostics) > errors(claimFindings) + errors(ruleFindings)
  }

  /// What was found about the model itself, claims left out.
  package var modelFindings: [Diagnostic] {
    diagnostics.filter { !claimFindings.contains($0) && !ruleFindings.contains($0) }
  }

  /// One line for commands that go on when claims fail, as they do under other settings.
  package var claimNote: String? {
    let failed = claimFindings.count { $0.severity == .error }
    guard failed > 0 else { return nil }
    return failed == 1
      ? "a claim of the file fails under these settings, which `plumbline check` explains"
      : "\(failed) claims of the file fail under these settings, which `plumbline check` explains"
  }

  /// True when an error was found.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// Opens and elaborates models.
package enum Workspace {
  /// The largest file that is read; nobody writes 64 MiB of model by hand.
  package static let largestFile = 64 << 20

  /// Loads a model file, a Hugging Face `config.json` or a directory with one.
  ///
  /// - Parameters:
  ///   - path: the path; `-` reads standard input.
  ///   - settings: `NAME=VALUE` from the command line.
  /// - Returns: the model and everything found about it.
  /// - Throws: ``UnreadableFile`` when there is nothing to check.
  package static func load(
    _ path: String, settings: [Setting] = []
  ) throws(UnreadableFile) -> LoadedModel {
    let path = modelPath(path)
    if let loaded = loadWeights(path, settings: settings) { return loaded }
    let bytes = try contents(path)
    let text = String(decoding: bytes, as: UTF8.self)
    let shown = path == "-" ? "<stdin>" : path
    if isConfig(path: path, text: text) {
      let isMended = !text.utf8.elementsEqual(bytes)
      return loadConfig(
        path: shown, text: text, stored: isMended ? bytes : nil, settings: settings)
    }
    return load(path: shown, text: text, settings: settings)
  }

  /// Elaborates a text under a path that is only shown.
  package static func load(
    path: String, text: String, settings: [Setting] = []
  ) -> LoadedModel {
    if isConfig(path: path, text: text) {
      return loadConfig(path: path, text: text, settings: settings)
    }
    var library = ModuleLibrary(reader: reader, neighbours: neighbours)
    let file = library.load(path: path, text: text)
    var loaded = finish(path: path, library: library, file: file, settings: settings)
    loaded.diagnostics =
      FixTrial(path: path, text: text, settings: settings, loaded: loaded).judgedDiagnostics()
    return loaded
  }

  /// The other models that the file declares, each as it stands: settings are for the last.
  package static func others(of loaded: LoadedModel) -> [LoadedModel] {
    guard loaded.library.files.indices.contains(loaded.file), !loaded.stopsBeforeModels else {
      return []
    }
    let declarations = loaded.library.files[loaded.file].syntax.declarations
    let names = declarations.compactMap { declaration -> String? in
      if case .model(let model) = declaration { model.name.text } else { nil }
    }
    return names.dropLast().prefix(mostModels).map { name in
      var elaborator = Elaborator(library: loaded.library)
      let (model, found) = elaborator.elaborate(file: loaded.file, model: name)
      var other = loaded
      other.model = model
      other.sizes = [:]
      other.diagnostics = found
      other.heldExpectations = 0
      other.claimFindings = []
      other.ruleFindings = []
      if let model {
        let verdict = Verdict(
          model, found: found, library: loaded.library, file: loaded.file, name: name)
        other.heldExpectations = verdict.held
        other.claimFindings = verdict.claims
        other.ruleFindings = verdict.rules
        other.diagnostics = FindingCauses.sorted(verdict.all)
      }
      return other
    }
  }

  /// More models than anybody writes into one file; a file of nothing but models takes its time.
  private static let mostModels = 64

  static func finish(
    path: String, library: ModuleLibrary, file: Int, settings: [Setting],
    overrides: [ConfigOverride] = [], describesDefaults: Bool = true
  ) -> LoadedModel {
    var library = library
    var overrides = overrides
    var sizes: [Symbol: Int] = [:]
    var diagnostics = library.diagnostics
    for setting in settings {
      if setting.isDimension {
        if let value = setting.integer { sizes[Symbol(setting.name)] = value }
        continue
      }
      let text = "\(setting.name)=\(setting.value)"
      let source = library.sources.add(path: "--set", text: text)
      let range = SourceRange(
        source: source, lower: setting.name.utf8.count + 1, upper: text.utf8.count)
      overrides.removeAll { $0.name == setting.name }
      overrides.append(
        ConfigOverride(name: setting.name, value: setting.staticValue, range: range))
    }
    var model: ElaboratedModel?
    var effort = 0
    var held = 0
    var claims: [Diagnostic] = []
    var rules: [Diagnostic] = []
    if !diagnostics.contains(where: { $0.severity == .error }) {
      var elaborator = Elaborator(library: library, overrides: overrides)
      var (elaborated, found) = elaborator.elaborate(file: file)
      if !describesDefaults {
        elaborated?.expectations = []
        elaborated?.plan = nil
      }
      model = elaborated
      effort = elaborator.effort
      if let elaborated {
        let verdict = Verdict(
          elaborated, found: found, library: library, file: file, overrides: overrides,
          isAsWritten: describesDefaults && overrides.isEmpty)
        held = verdict.held
        claims = verdict.claims
        rules = verdict.rules
        diagnostics += verdict.all
      } else {
        diagnostics += found
      }
    }
    return LoadedModel(
      path: path, model: model,
      diagnostics: FindingCauses.grouped(diagnostics, in: library).flatMap(\.findings),
      sources: library.sources, sizes: sizes, library: library, file: file,
      overrides: overrides, effort: effort, heldExpectations: held, claimFindings: claims,
      ruleFindings: rules)
  }

  /// The text of a file or of standard input.
  package static func read(_ path: String) throws(UnreadableFile) -> String {
    String(decoding: try contents(path), as: UTF8.self)
  }

  /// The bytes of a file or of standard input; what is too large is not read at all.
  static func contents(_ path: String) throws(UnreadableFile) -> [UInt8] {
    func tooLarge(_ count: Int) -> UnreadableFile {
      UnreadableFile(path: path, reason: "it has \(count) bytes, more than \(largestFile)")
    }
    let data: Data
    if path == "-" {
      data = FileHandle.standardInput.readDataToEndOfFile()
    } else {
      // The system's own call: Foundation's attributes also look up who owns the file, which takes
      // as long as proving a model.
      var status = stat()
      guard stat(path, &status) == 0 else {
        throw UnreadableFile(path: path, reason: "there is no such file")
      }
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw UnreadableFile(path: path, reason: "this is a directory without a config.json")
      }
      guard status.st_size <= largestFile else { throw tooLarge(Int(status.st_size)) }
      guard let contents = FileManager.default.contents(atPath: path) else {
        throw UnreadableFile(path: path, reason: "it can't be read")
      }
      data = contents
    }
    guard data.count <= largestFile else { throw tooLarge(data.count) }
    return [UInt8](data)
  }

  /// The model files beside an importer and the embedded ones.
  static let neighbours: ModuleLibrary.Neighbours = { path, importer in
    func directory(_ path: String) -> String {
      path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }
    let folder = directory(path)
    let whole = (path.hasPrefix("/") ? "" : directory(importer)) + folder
    let beside = try? FileManager.default.contentsOfDirectory(atPath: whole.isEmpty ? "." : whole)
    return (beside ?? []).filter { $0.hasSuffix(".model") }.map { folder + $0 }
      + Architectures.all.map(\.name)
  }

  /// Finds an import among the embedded models alone: a family of the program means the same
  /// wherever it is asked for.
  static let embeddedReader: ModuleLibrary.Reader = { path, _ in
    Architectures.file(named: path).map {
      ModuleLibrary.ImportedText(path: $0.name, text: $0.text)
    }
  }

  /// Finds an import beside its importer, then among the embedded models.
  static let reader: ModuleLibrary.Reader = { path, importer in
    let directory = importer.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let beside = (directory + [Substring(path)]).joined(separator: "/")
    let candidate = withoutDetours(path.hasPrefix("/") ? path : beside)
    if let text = try? read(candidate) {
      return ModuleLibrary.ImportedText(path: candidate, text: text)
    }
    guard let embedded = Architectures.file(named: path) else { return nil }
    return ModuleLibrary.ImportedText(path: embedded.name, text: embedded.text)
  }

  /// The path without `.` and without `name/..`, so that a file has one name however it is reached.
  private static func withoutDetours(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part == "." { continue }
      if part == "..", let last = parts.last, !last.isEmpty, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }
}
