// SweepAdapters: the `adapt` line of a model with another rank, another alpha or other layers.
// Written into the text, so that the file which a run saves is by construction what was trained.
import Analysis
import Diagnostics
import IR
import Language
import Validation

/// What a point of a study changes in the `adapt` lines of its model.
struct AdapterChange: Hashable {
  /// Values of the adapter's arguments, by name.
  var arguments: [String: String] = [:]
  /// Names of layers, as PEFT's `target_modules` lists them.
  var targets: String?

  var isEmpty: Bool { arguments.isEmpty && targets == nil }
}

/// A model whose `adapt` lines can be changed.
struct AdapterVariation {
  private let loaded: LoadedModel
  private let program: Program
  private let text: String
  private let sources: SourceMap
  private let lines: [AdaptMember]
  private let adapters: [String: AdapterDeclaration]

  /// Whether a model, or one that it derives from, has an `adapt` line.
  static func isAdapted(_ loaded: LoadedModel) -> Bool {
    guard let model = loaded.model else { return false }
    return model.program.definitions.indices.contains { index in
      AdapterAlgebra.wrapped(by: DefinitionID(index: index), in: model.program) != nil
    }
  }

  /// - Throws: ``RunFailure`` when the model can't be written as one file, or adapts nothing.
  init(_ loaded: LoadedModel) throws(RunFailure) {
    let text = try loaded.standalone()
    guard let model = loaded.model else { throw RunFailure(loaded.diagnostics, in: loaded.sources) }
    var sources = SourceMap()
    let source = sources.add(path: "model.model", text: text)
    let (syntax, found) = Parser.parse(source, in: sources)
    guard !found.contains(where: { $0.severity == .error }) else {
      throw RunFailure(found, in: sources)
    }
    var models: [String: ModelDeclaration] = [:]
    var adapters: [String: AdapterDeclaration] = [:]
    var last: ModelDeclaration?
    for declaration in syntax.declarations {
      switch declaration {
      case .model(let model):
        models[model.name.text] = model
        last = model
      case .adapter(let adapter): adapters[adapter.block.name.text] = adapter
      default: continue
      }
    }
    var lines: [AdaptMember] = []
    var seen: Set<String> = []
    while let model = last, seen.insert(model.name.text).inserted {
      lines =
        model.members.compactMap { if case .adapt(let line) = $0 { line } else { nil } } + lines
      last = model.base.flatMap { models[$0.text] }
    }
    guard !lines.isEmpty else {
      throw RunFailure(
        "sweep-without-adapter", "\(model.program.name) has no `adapt` line to vary",
        help: "write `adapt PATH with lora(rank: 8, alpha: 16)` in the model")
    }
    self.loaded = loaded
    program = model.program
    self.text = text
    self.sources = sources
    self.lines = lines
    self.adapters = adapters
  }

  /// The model with the changes in its text.
  ///
  /// - Parameters:
  ///   - change: what is written into the `adapt` lines.
  ///   - settings: `NAME=VALUE` for the model.
  /// - Returns: the model, elaborated and checked.
  /// - Throws: ``RunFailure`` when a change means no line, or more than one.
  func applied(_ change: AdapterChange, settings: [Setting]) throws(RunFailure) -> LoadedModel {
    var edits: [(range: Range<Int>, text: String)] = []
    for (name, value) in change.arguments.sorted(by: { $0.key < $1.key }) {
      edits += try self.edits(name, value)
    }
    var wanted: [String]?
    if let targets = change.targets {
      guard lines.count == 1 else {
        throw RunFailure(
          "sweep-without-adapter",
          "`targets` would change \(lines.count) `adapt` lines, and says one set of layers",
          facts: lines.map { .line(sources.text(in: $0.range)) },
          help: "adapt all layers in one line")
      }
      let sites = try self.sites(targets)
      wanted = sites
      edits.append((lines[0].selection.range.offsets, try paths(to: sites)))
    }
    let changed = Workspace.load(
      path: loaded.path, text: text.replacing(edits), settings: settings)
    if let wanted, let model = changed.model, !changed.isUnsound {
      let found = try Self.adapted(in: model.program)
      guard found == wanted.sorted() else {
        throw RunFailure(
          "sweep-value",
          "the names mean \(wanted.count) layers, but as paths of the model \(found.count)",
          facts: [
            .line("missing: " + Set(wanted).subtracting(found).sorted().joined(separator: ", "))
          ])
      }
    }
    return changed
  }

  // MARK: Arguments

  private func edits(
    _ name: String, _ value: String
  ) throws(RunFailure) -> [(range: Range<Int>, text: String)] {
    var edits: [(range: Range<Int>, text: String)] = []
    var written: [String] = []
    for line in lines {
      guard case .call(let call) = line.adapter.kind, case .name(let callee) = call.callee.kind,
        let place = adapters[callee]?.block.parameters.firstIndex(where: { $0.name.text == name })
      else { continue }
      let isPositional = call.arguments.element(place).map { $0.label == nil } ?? false
      let argument =
        call.arguments.last { $0.label?.text == name }
        ?? (isPositional ? call.arguments.element(place) : nil)
      if let argument {
        written.append(sources.text(in: argument.value.range))
        edits.append((argument.value.range.offsets, value))
      } else {
        written.append("")
        let end = line.adapter.range.upper - 1
        edits.append((end..<end, (call.arguments.isEmpty ? "" : ", ") + "\(name): \(value)"))
      }
    }
    guard !edits.isEmpty else {
      throw RunFailure(
        "sweep-without-adapter", "no adapter of the model takes `\(name)`",
        facts: lines.map { .line(sources.text(in: $0.range)) })
    }
    guard Set(written).count == 1 else {
      throw RunFailure(
        "sweep-without-adapter", "`\(name)` would make lines alike that say different things",
        facts: lines.map { .line(sources.text(in: $0.range)) },
        help: "give the config a field for what is varied, and use it in the lines")
    }
    return edits
  }

  // MARK: Layers

  /// The layers that a list of names adapts.
  private func sites(_ targets: String) throws(RunFailure) -> [String] {
    let inventory = try Self.inventory(program)
    guard let set = StudySet(targets, at: nil, in: inventory) else {
      throw RunFailure("sweep-value", "`targets` varies over names of layers, found none")
    }
    if let refusal = set.subject.resolution.refusal {
      throw RunFailure(
        "adapter-matches-nothing", refusal.text,
        facts: set.findings.first?.facts ?? [])
    }
    let names = Set(set.sites)
    return inventory.modules.map(\.name).filter { names.contains($0) }
  }

  /// The layers as paths of the language: a whole list where every element of it is meant.
  private func paths(to sites: [String]) throws(RunFailure) -> String {
    let all = Dictionary(
      grouping: try Self.inventory(program).modules.filter { !$0.alias }.map(\.name),
      by: Self.pattern)
    var paths: [String] = []
    var known: Set<String> = []
    for site in sites {
      let pattern = Self.pattern(of: site)
      let own = sites.filter { Self.pattern(of: $0) == pattern }
      let path = Set(own) == Set(all[pattern] ?? []) ? pattern : Self.path(to: site)
      if known.insert(path).inserted { paths.append(path) }
    }
    return paths.joined(separator: ", ")
  }

  /// `h[*].attn.c_attn` for `h.0.attn.c_attn`.
  private static func pattern(of name: String) -> String { path(to: name) { _ in "*" } }

  /// `h[0].attn.c_attn` for `h.0.attn.c_attn`.
  private static func path(to name: String, _ index: (Substring) -> String = { String($0) })
    -> String
  {
    var path = ""
    for part in name.split(separator: ".") {
      if Int(part) != nil {
        path += "[" + index(part) + "]"
      } else {
        path += (path.isEmpty ? "" : ".") + part
      }
    }
    return path
  }

  private static func inventory(_ program: Program) throws(RunFailure) -> ModuleInventory {
    do throws(AnalysisError) {
      return try ModuleInventory(program)
    } catch {
      throw RunFailure("too-large-to-run", error.message)
    }
  }

  /// The names of the layers that have an adapter.
  private static func adapted(in program: Program) throws(RunFailure) -> [String] {
    try inventory(program).modules.filter { module in
      guard !module.alias, let id = module.definition else { return false }
      return AdapterAlgebra.wrapped(by: id, in: program) != nil
    }.map(\.name).sorted()
  }
}
