// EffectiveModel: the model and the section that a training run really uses, as one file.
// Made as text and read again, so that the file which is saved is by construction what ran.
import Analysis
import Diagnostics
import Language

/// A model with every setting written into it.
package struct EffectiveModel: Sendable {
  /// In the standard layout, without imports.
  package let text: String
  /// What the text says, checked with all rules.
  package let loaded: LoadedModel
  /// The model of the text.
  package let model: ElaboratedModel
  package let plan: TrainingPlan
  /// How many claims of the file do not hold under the overrides and were left out.
  package private(set) var droppedClaims = 0
  /// What the rules say of the text, none of it an error.
  package let findings: [Diagnostic]

  /// The section alone, as it is printed.
  package let section: String

  /// Writes the overrides into a model and checks what comes of it.
  ///
  /// - Parameters:
  ///   - loaded: the model as it was opened, with the settings of the command line.
  ///   - overrides: what changes in its `train` section.
  ///   - isVaried: whether the model itself is another than that of its file.
  /// - Throws: ``RunFailure`` with the findings that stop the start.
  package init(
    _ loaded: LoadedModel, _ overrides: TrainingOverrides, isVaried: Bool = false
  ) throws(RunFailure) {
    guard !loaded.isUnsound, let original = loaded.model else {
      guard loaded.diagnostics.isEmpty else {
        throw RunFailure(loaded.diagnostics, in: loaded.sources)
      }
      // Weights alone are nothing wrong to a check, and nothing to train.
      throw RunFailure(
        "unreadable-file", "\(loaded.path) has no model: neither a config.json nor a model file",
        help: "name the model's file; its weights are read with --weights FILE")
    }
    var overrides = overrides
    for (symbol, size) in loaded.sizes where overrides.batch[symbol.name] == nil {
      overrides.batch[symbol.name] = size
    }
    let isChanged = isVaried || !overrides.isEmpty || !loaded.overrides.isEmpty
    let allowed = Set(overrides.allowed)
    for id in overrides.allowed where DiagnosticManual.entry(for: id) == nil {
      let near = Nearest.match(id, in: DiagnosticManual.entries.map { $0.id })
      throw RunFailure(
        "unknown-finding",
        "no finding is called `\(id)`" + (near.map { "; did you mean `\($0)`?" } ?? ""))
    }
    let alone = try loaded.standalone()
    let first = try EffectiveText(alone, loaded, overrides, allowing: [], without: [])
    var (text, result) = (first.text, first.load(loaded.path))
    // Claims that hold no more under other values, and rules that the command line allows.
    let claims = Set(result.claimFindings.filter { $0.severity == .error })
    let rules = result.ruleFindings.filter { $0.severity == .error && allowed.contains($0.id) }
    let dropped = claims.filter { isChanged || allowed.contains($0.id) }
    if !rules.isEmpty || !dropped.isEmpty {
      var syntax = first
      let ranges = dropped.compactMap(\.range)
      let members = syntax.claims(at: ranges)
      droppedClaims = members.count
      syntax = try EffectiveText(
        alone, loaded, overrides, allowing: Set(rules.map(\.id)).sorted(),
        without: first.own(members))
      (text, result) = (syntax.text, syntax.load(loaded.path))
    }
    let found = result.diagnostics
    let findings = ScheduleScaling(loaded, overrides)?.advising(found) ?? found
    guard let model = result.model, !result.isUnsound,
      !findings.contains(where: { $0.severity == .error })
    else {
      // Where nothing was changed, the places in the user's own file say more.
      let own = loaded.diagnostics
      if !isChanged, own.contains(where: { $0.severity == .error }) {
        throw RunFailure(own, in: loaded.sources)
      }
      throw RunFailure(findings, in: result.sources)
    }
    guard let plan = model.plan else {
      throw RunFailure(
        "training-plan-incomplete", "`\(model.program.name)` has no `train` section",
        help: "write one, or give --steps, --rate and --batch")
    }
    try Self.compare(original, model)
    self.text = text
    self.findings = findings
    self.loaded = result
    self.model = model
    self.plan = plan
    section = EffectiveText.section(of: model.program.name, in: text)
  }

  /// Whether the weights are the same ones; anything else is a mistake of ours.
  private static func compare(
    _ original: ElaboratedModel, _ written: ElaboratedModel
  ) throws(RunFailure) {
    func tensors(_ model: ElaboratedModel) -> [String]? {
      try? ParameterLedger(model.program).tensors().map {
        "\($0.name) \($0.declaration.type) \($0.tiedTo ?? "")"
      }
    }
    guard tensors(original) == tensors(written) else {
      throw RunFailure(
        "model-not-self-contained",
        "the model written as one file has other weights than the files it comes from",
        help: "write the blocks that the model uses into its own file")
    }
  }
}

extension LoadedModel {
  /// The model and its loss as one file without imports.
  ///
  /// - Throws: ``RunFailure`` when two of its files give one name to two blocks.
  func standalone() throws(RunFailure) -> String {
    if let text = ModelInliner(library, file: file, keepsLoss: true).text { return text }
    throw RunFailure(
      "model-not-self-contained",
      "the model can't be written as one file: two of its files give one name to two blocks",
      help: "rename one of the blocks")
  }
}

/// The text of a model with values written into it.
private struct EffectiveText {
  let text: String
  private let sources: SourceMap
  private let declarations: [Declaration]

  /// - Parameters:
  ///   - alone: the model in one file.
  ///   - loaded: the model with its settings.
  ///   - overrides: what changes in the section.
  ///   - allowing: ids for which the section gets a line.
  ///   - dropped: ranges of `alone` that are left out.
  /// - Throws: ``RunFailure`` when the overrides are no text of the language.
  init(
    _ alone: String, _ loaded: LoadedModel, _ overrides: TrainingOverrides, allowing: [String],
    without dropped: Set<SourceRange>
  ) throws(RunFailure) {
    var sources = SourceMap()
    let source = sources.add(path: "model.model", text: alone)
    let (syntax, found) = Parser.parse(source, in: sources)
    guard !found.contains(where: { $0.severity == .error }),
      let model = syntax.declarations.compactMap(\.model).last
    else { throw RunFailure(found, in: sources) }
    let train = syntax.declarations.compactMap(\.train).last { $0.model.text == model.name.text }
    var edits: [(range: Range<Int>, text: String)] = []
    let isFamily = loaded.config != nil
    var fields: Set<String> = []
    for member in model.members {
      if case .config(let list, _) = member {
        for field in list {
          fields.insert(field.name.text)
          guard let value = loaded.overrides.last(where: { $0.name == field.name.text })?.value
          else { continue }
          edits.append((field.value.range.offsets, value.source))
        }
      }
      if case .expect = member, isFamily || dropped.contains(member.range) {
        edits.append((member.range.offsets, ""))
      }
    }
    let missing = loaded.overrides.filter { !fields.contains($0.name) }
    if !missing.isEmpty, let brace = alone.utf8Offset(of: "{", from: model.name.range.upper) {
      let list = missing.map { "\($0.name) = \($0.value.source)" }.joined(separator: ", ")
      edits.append((brace + 1..<brace + 1, "\n  config \(list)\n"))
    }
    let kept = isFamily ? train.map { Self.lossOnly($0) } : train
    let section = overrides.section(
      kept, of: model.name.text, allowing: allowing, without: dropped, in: sources)
    if let train {
      edits.append((train.range.offsets, section))
    } else {
      edits.append((alone.utf8.count..<alone.utf8.count, "\n" + section + "\n"))
    }
    var map = SourceMap()
    let edited = map.add(path: "model.model", text: alone.replacing(edits))
    let (tree, faults) = Parser.parse(edited, in: map)
    guard !faults.contains(where: { $0.severity == .error }) else {
      throw RunFailure(faults, in: map)
    }
    text = Formatter.format(tree, map)
    self.sources = sources
    declarations = syntax.declarations
  }

  func load(_ path: String) -> LoadedModel { Workspace.load(path: "model.model", text: text) }

  /// The claims of the formatted text at some places, by their words.
  func claims(at ranges: [SourceRange]) -> [String] {
    var map = SourceMap()
    let source = map.add(path: "model.model", text: text)
    let (tree, _) = Parser.parse(source, in: map)
    let offsets = ranges.map(\.offsets)
    return tree.declarations.flatMap(\.claims).filter { claim in
      offsets.contains { claim.offsets.overlaps($0) }
    }.map { map.text(in: $0).words }
  }

  /// The ranges of the file before formatting that hold these claims.
  func own(_ claims: [String]) -> Set<SourceRange> {
    Set(declarations.flatMap(\.claims).filter { claims.contains(sources.text(in: $0).words) })
  }

  /// What a family's file says of training beside the loss belongs to another config.
  private static func lossOnly(_ train: TrainDeclaration) -> TrainDeclaration {
    var train = train
    train.members = train.members.filter { if case .loss = $0 { true } else { false } }
    return train
  }

  static func section(of name: String, in text: String) -> String {
    var map = SourceMap()
    let source = map.add(path: "model.model", text: text)
    let (tree, _) = Parser.parse(source, in: map)
    let train = tree.declarations.compactMap(\.train).last { $0.model.text == name }
    return train.map { map.text(in: $0.range) } ?? ""
  }
}

extension Declaration {
  fileprivate var model: ModelDeclaration? {
    if case .model(let model) = self { model } else { nil }
  }

  fileprivate var train: TrainDeclaration? {
    if case .train(let train) = self { train } else { nil }
  }

  /// The ranges of the claims in it.
  fileprivate var claims: [SourceRange] {
    let inModel = (model?.members ?? []).compactMap { member -> SourceRange? in
      if case .expect = member { member.range } else { nil }
    }
    let inPlan = (train?.members ?? []).compactMap { member -> SourceRange? in
      if case .expect = member { member.range } else { nil }
    }
    return inModel + inPlan
  }
}

extension StaticValue {
  /// The value as the language writes it.
  fileprivate var source: String {
    switch self {
    case .list(let values): "(" + values.map(\.source).joined(separator: ", ") + ")"
    default: text
    }
  }
}

extension String {
  /// Without the blanks that a layout puts in.
  fileprivate var words: String { filter { !$0.isWhitespace } }

  fileprivate func utf8Offset(of character: Character, from offset: Int) -> Int? {
    let bytes = Array(utf8)
    guard let byte = character.asciiValue else { return nil }
    return bytes.indices.first { $0 >= offset && bytes[$0] == byte }
  }
}
