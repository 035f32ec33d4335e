// Elaborator: turns the syntax of a model and of what it imports into a folded program.
// The idea of the room: each block is elaborated once per static arguments and operand types.
import Diagnostics
import Dimensions
import IR
import Operations

/// Elaborates one model of a library.
package struct Elaborator: Sendable {
  /// Identity of a definition: block, static arguments, and what selections reach below it.
  struct DefinitionKey: Hashable {
    var block: DeclarationReference
    var arguments: [StaticValue]
    var selection: SelectionState
    /// The layer that an adapter wraps.
    var base: DefinitionID?
  }

  /// Identity of a function: definition, operand types, known values of integer operands.
  struct FunctionKey: Hashable {
    var definition: DefinitionID
    var operands: [TensorType]
    var ranges: [IndexRange?]
  }

  /// What `freeze` and `adapt` mean for a layer and everything below it.
  struct SelectionState: Hashable {
    var frozen = false
    var freezing: Set<PathSelector> = []
    var thawing: Set<PathSelector> = []
    var adapting: Set<PathSelector> = []
    /// Exceptions of `adapt`.
    var sparing: Set<PathSelector> = []

    var dependsOnElement: Bool {
      freezing.contains(where: \.dependsOnElement) || thawing.contains(where: \.dependsOnElement)
        || adapting.contains(where: \.dependsOnElement)
        || sparing.contains(where: \.dependsOnElement)
    }

    /// The first elements of the stretches of a list that no selection tells apart, ascending.
    func borders(below count: Int) -> [Int] {
      var borders: Set<Int> = [0]
      for selector in [freezing, thawing, adapting, sparing].joined() {
        for case .some(.range(let range)) in selector.remaining.map(\.elements) {
          borders.formUnion([range.lowerBound, range.upperBound])
        }
      }
      return borders.filter { (0..<count).contains($0) }.sorted()
    }
  }

  /// A diagnostic and the definitions in which it was found, so that one mistake is told once.
  struct Finding {
    var diagnostic: Diagnostic
    var definitions: Set<Int>
    /// Where else in the same definition the same mistake stands.
    var repeats: [SourceRange] = []
  }

  let library: ModuleLibrary
  let overrides: [ConfigOverride]
  var program = Program(name: "", root: DefinitionID(index: 0))
  var contexts: [BlockContext] = []
  var functions: [FunctionKey: FunctionID] = [:]
  var definitions: [DefinitionKey: DefinitionID] = [:]
  var findings: [Finding] = []
  var findingIndex: [String: Int] = [:]
  /// Blocks being instantiated, for recursion.
  var instantiating: [DefinitionKey] = []
  /// Where each of them is written.
  var instantiationSites: [SourceRange] = []
  var callSites: [CallSite] = []
  /// `adapt` members in order: selections refer to them by index.
  var adaptations: [(member: AdaptMember, file: Int)] = []
  /// The range of each path of a selection, whether it met anything, and which `adapt` it serves.
  var selectionRanges: [SourceRange] = []
  var matchedSelections: Set<Int> = []
  var adaptationOf: [Int: Int] = [:]
  var selectionOf: [Int: Set<Int>] = [:]
  /// Adaptations that take every layer of their type; other types are passed over.
  var eagerAdaptations: Set<Int> = []
  var usedOverrides: Set<String> = []
  /// Where the static names stand that some expression read.
  var readPlaces: Set<SourceRange> = []
  /// The fields of the model's config, for blocks that read it.
  var configStatics: [String: StaticBinding] = [:]
  /// Sizes below 1 that were reported: what one wrong number breaks is told once.
  var wrongSizes: Set<Int> = []
  /// The `dim` item of each bounded dimension, for fixes.
  var boundSyntax: [String: DimensionBound] = [:]
  /// The member below which a `dim` line may be added.
  var dimensionPlace: SourceRange?
  var elementType = ElementType.f32
  var prover = Prover(assuming: .none)
  /// Functions whose promise was reported: their callers were written for the other shape.
  var doubtful: Set<FunctionID> = []
  /// True while what is evaluated rests on a promise that was reported.
  var restsOnDoubt = false
  /// How deep evaluation is nested at this moment.
  var nesting = 0
  /// How many expressions were evaluated so far.
  var steps = 0

  /// How many expressions were evaluated: what elaborating the same model again would cost.
  package var effort: Int { steps }

  package init(library: ModuleLibrary, overrides: [ConfigOverride] = []) {
    self.library = library
    self.overrides = overrides
  }

  /// The most layers that a list may have.
  static let longestList = 1_000_000
  /// The deepest nesting of blocks, and of forwards that call one another.
  static let deepestNesting = 64
  /// The deepest nesting of expressions and branches across all blocks that are open at once.
  ///
  /// Honest models stay below a hundred; the stack of a thread, 8 MiB, is reached far above this.
  static let deepestEvaluation = 320
  /// The most definitions, and the most functions, of one model.
  static let mostDefinitions = 50_000
  /// The most expressions that are evaluated for one model: a second or two of work.
  ///
  /// A thousand layers that are all different need some fifty thousand.
  static let mostSteps = 2_000_000
  /// The most symbolic dimensions of a model: what is known of each costs every proof something.
  static let mostDimensions = 256
  /// The most elements of a static list, those of its lists included, and bytes of a string.
  static let largestStatic = 10_000
  /// After this many findings, unknown names are reported without the nearest known one.
  static let mostSuggestions = 100
  /// The deepest nesting of a block in itself, with ever other arguments.
  static let deepestSelfNesting = 24

  /// Elaborates the model that a file declares last, or the one named.
  ///
  /// - Parameters:
  ///   - file: index of the file in the library.
  ///   - model: the model's name; `nil` for the last of the file.
  /// - Returns: the model, if the file has one that could be elaborated, and all findings.
  package mutating func elaborate(
    file: Int, model: String? = nil
  ) -> (ElaboratedModel?, [Diagnostic]) {
    reportTrainsOfNothing(file: file)
    guard let reference = chooseModel(file: file, name: model) else {
      return (nil, finishedDiagnostics())
    }
    let result = elaborateModel(reference, requestedFrom: file)
    return (result, finishedDiagnostics())
  }

  /// A plan whose model is misspelt would train nothing, and nobody would hear of it.
  private mutating func reportTrainsOfNothing(file: Int) {
    let loaded = library.files[file]
    let models = loaded.names.keys.filter { key in
      if let found = loaded.names[key], case .model = library[found] { true } else { false }
    }
    for case .train(let plan) in loaded.syntax.declarations where !models.contains(plan.model.text)
    {
      reportUnknown(plan.model, kind: "model", candidates: models)
    }
  }

  private mutating func chooseModel(file: Int, name: String?) -> DeclarationReference? {
    let declarations = library.files[file].syntax.declarations
    let models = declarations.enumerated().compactMap { index, declaration in
      if case .model(let model) = declaration {
        (DeclarationReference(file: file, index: index), model)
      } else {
        nil
      }
    }
    guard let name else {
      if let last = models.last { return last.0 }
      report(
        Diagnostic(
          id: "no-model", severity: .error,
          message: "the file declares no model, so there is nothing to analyse",
          range: SourceRange(source: library.files[file].syntax.source, at: 0),
          facts: [.line("write `model name { … }` with a `forward`, or check a file that has one")])
      )
      return nil
    }
    if let found = models.first(where: { $0.1.name.text == name }) { return found.0 }
    let near = Nearest.match(name, in: models.map(\.1.name.text))
    report(
      Diagnostic(
        id: "unknown-model", severity: .error,
        message: "the file has no model `\(name)`" + (near.map { "; did you mean `\($0)`?" } ?? ""),
        range: SourceRange(source: library.files[file].syntax.source, at: 0)))
    return nil
  }

  // MARK: Reporting

  /// Records a finding; the same mistake found through another definition, or again in the same
  /// one, is only counted.
  ///
  /// - Parameters:
  ///   - found: the finding.
  ///   - definition: the definition in which it was found.
  ///   - claim: the obligation about sizes that fails; one that fails again is the same mistake.
  ///   - cause: what the mistake comes from, where two messages may come from one.
  mutating func report(
    _ found: Diagnostic, definition: Int? = nil, claim: Constraint? = nil, cause: String? = nil
  ) {
    var diagnostic = found
    if restsOnDoubt, diagnostic.severity == .error,
      Elaborator.followsFromSizes.contains(found.id)
    {
      return
    }
    if let definition, diagnostic.severity == .error {
      if contexts[definition].breaksRequirement, Elaborator.followsFromSizes.contains(found.id) {
        return
      }
      contexts[definition].hasErrors = true
    }
    if let site = userSite(of: diagnostic.range) {
      diagnostic.range = site
      diagnostic.label = nil
    }
    let place = diagnostic.range.map { "\($0.source.index):\($0.lower):\($0.upper)" } ?? "-"
    let key = diagnostic.id + "@" + place
    if let index = findingIndex[key] {
      if let definition { findings[index].definitions.insert(definition) }
      return
    }
    var sameness = "\(diagnostic.id)|\(diagnostic.message)|\(definition ?? -1)"
    if let claim, !claim.symbols.isEmpty { sameness = "\(claim)" }
    if let cause { sameness = cause }
    if diagnostic.severity == .error, let index = findingIndex[sameness],
      let range = diagnostic.range
    {
      findingIndex[key] = index
      findings[index].repeats.append(range)
      findings[index].join(diagnostic.fixes)
      return
    }
    findingIndex[key] = findings.count
    findingIndex[sameness] = findings.count
    findings.append(
      Finding(diagnostic: diagnostic, definitions: definition.map { [$0] } ?? []))
  }

  /// Runs a part of the evaluation one level deeper; `nil` after a report when that is too deep.
  mutating func nested<Result>(
    at range: SourceRange, definition: Int?, _ body: (inout Elaborator) -> Result
  ) -> Result? {
    guard nesting < Elaborator.deepestEvaluation else {
      report(
        Diagnostic(
          id: "nested-too-deeply", severity: .error,
          message: "expressions and blocks are nested more than"
            + " \(Elaborator.deepestEvaluation) levels deep together", range: range),
        definition: definition)
      return nil
    }
    guard takeStep() else { return nil }
    nesting += 1
    defer { nesting -= 1 }
    return body(&self)
  }

  /// Counts an expression or an element of a list; false after a report when there are too many.
  mutating func takeStep() -> Bool {
    steps += 1
    if steps <= Elaborator.mostSteps { return true }
    report(
      Diagnostic(
        id: "model-too-large", severity: .error,
        message: "the model takes more than \(Elaborator.mostSteps) steps to work out",
        range: contexts.first?.nameRange,
        facts: [.line("every layer of a list with an index, and every expression, is a step")]))
    return false
  }

  /// Reports a model that would never be finished.
  mutating func reportSize(_ what: String, range: SourceRange, definition: Int?) {
    report(
      Diagnostic(
        id: "model-too-large", severity: .error,
        message: "the model has more than \(Elaborator.mostDefinitions) different \(what)",
        range: range,
        facts: [.line("alike layers count once; these differ in their arguments or shapes")]),
      definition: definition)
  }

  /// Mistakes that a failed requirement explains.
  private static let followsFromSizes: Set = [
    "shape-mismatch", "size-mismatch", "not-divisible", "shapes-do-not-broadcast",
    "result-mismatch", "annotation-mismatch", "cannot-unpack", "negative-size",
    "size-out-of-range", "division-by-zero",
  ]

  /// For a place inside the prelude: where the user's text asks for that layer.
  private func userSite(of range: SourceRange?) -> SourceRange? {
    let prelude = library.files[library.preludeFile].syntax.source
    guard range?.source == prelude else { return nil }
    let sites = instantiating.isEmpty ? callSites.map(\.range) : instantiationSites
    return sites.last { $0.source != prelude }
  }

  /// Whether any error was found so far.
  var hasErrors: Bool {
    findings.contains { $0.diagnostic.severity == .error }
  }

  /// The text of a range, as the user wrote it.
  func text(_ range: SourceRange) -> String {
    library.sources.text(in: range)
  }

  private func finishedDiagnostics() -> [Diagnostic] {
    let paths = findings.isEmpty ? [] : foldedPaths(limit: 10_000)
    return findings.map { finding in
      var diagnostic = finding.diagnostic
      if !finding.repeats.isEmpty {
        let places = finding.repeats.prefix(4).map { position($0) }.joined(separator: ", ")
        let more = finding.repeats.count > 4 ? " and \(finding.repeats.count - 4) more" : ""
        diagnostic.facts.append(.line("the same mistake at \(places)\(more) (shown once)"))
      }
      diagnostic.notes += reachedFrom(finding.definitions, paths: paths)
      return diagnostic
    }
  }
}

extension Elaborator.Finding {
  /// Adds the edits that the same fixes make at another place.
  fileprivate mutating func join(_ fixes: [FixIt]) {
    // Nobody reads more, and comparing all with all would take long.
    guard repeats.count <= 64 else { return }
    for fix in fixes {
      guard let index = diagnostic.fixes.firstIndex(where: { $0.message == fix.message }) else {
        continue
      }
      for edit in fix.edits where !diagnostic.fixes[index].edits.contains(edit) {
        diagnostic.fixes[index].edits.append(edit)
      }
    }
  }
}
