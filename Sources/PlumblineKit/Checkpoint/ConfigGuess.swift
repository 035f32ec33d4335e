// ConfigGuess: the family and the config whose weights a file of unknown origin holds.
// Only for weights without a config; what shapes can't tell is listed and not invented.
import Architectures
import Diagnostics
import Dimensions
import IR
import Interchange
import Language
import Validation

/// A config that makes exactly the tensors of a file.
struct ConfigGuess {
  /// The config as JSON.
  let text: String
  /// Keys that no shape decides, with the values that were taken.
  let undecided: [String]
  let modelType: String
  /// Other families whose tensors have the same names.
  let alike: [String]

  /// Below it, a family shares names with the file by chance.
  private static let leastFit = 0.6
  /// Widths of heads to try, the usual ones first.
  private static let headWidths = [64, 128, 32, 96, 80, 256, 16, 8, 4, 2, 1]
  /// Families that are looked at closely.
  private static let most = 3

  /// The best guess for the tensors of a checkpoint.
  ///
  /// - Returns: nil when no family fits, or none can be made to.
  init?(_ checkpoint: Checkpoint) {
    let patterns = Set(checkpoint.tensors.map { TensorPattern($0.name).text })
    guard !patterns.isEmpty, checkpoint.gguf == nil else { return nil }
    var candidates: [FamilyCandidate] = []
    for file in Architectures.all {
      for family in ModelFamilies.families(in: file.bytes) {
        guard var candidate = FamilyCandidate(file: file.name, text: file.text, family: family)
        else { continue }
        candidate.turnSwitches(to: patterns)
        if candidate.fit >= Self.leastFit { candidates.append(candidate) }
      }
    }
    // Of families that are alike, the one that others are derived from is meant.
    let texts = Architectures.all.map(\.text)
    for place in candidates.indices {
      let line = "import \"\(candidates[place].family).model\""
      candidates[place].kin = texts.count { $0.contains(line) }
    }
    let ranked = candidates.sorted {
      ($1.fit, $1.kin, $0.family) < ($0.fit, $0.kin, $1.family)
    }
    for candidate in ranked.prefix(Self.most) {
      guard let found = Self.solve(candidate, checkpoint) else { continue }
      text = found.text
      undecided = found.undecided
      modelType = candidate.family
      alike = ranked.filter { $0.fit == candidate.fit && $0.family != candidate.family }
        .map(\.family).sorted()
      return
    }
    return nil
  }

  private static func solve(
    _ candidate: FamilyCandidate, _ checkpoint: Checkpoint
  ) -> (text: String, undecided: [String])? {
    let symbols = candidate.table.symbols
    let heads = candidate.integers.filter { $0.key.contains("head") && !isWidth($0.key) }
    let widths = candidate.integers.filter { isWidth($0.key) }
    for headWidth in headWidths {
      var values = candidate.values
      for field in widths where symbols.contains(Symbol(field.name)) {
        values[Symbol(field.name)] = headWidth
      }
      let free = Set(candidate.integers.map { Symbol($0.name) })
      let all = candidate.table.solutions(checkpoint.tensors, values: values, free: free)
      // A width of heads is tried, unless the shapes leave only one.
      let keeping = all.filter { solution in
        !widths.contains { solution[Symbol($0.name)] != nil }
      }
      let solutions = all.isEmpty ? [[:]] : keeping.isEmpty && all.count == 1 ? all : keeping
      for solution in solutions.prefix(4) {
        var chosen = values.merging(solution) { $1 }
        // The number of heads where no shape has it: as many as heads of this width fill.
        let width = candidate.integers.first {
          ["hidden_size", "n_embd", "d_model", "dim"].contains($0.key)
        }.flatMap { chosen[Symbol($0.name)] }
        for field in heads where solution[Symbol(field.name)] == nil {
          if let width, width % headWidth == 0 { chosen[Symbol(field.name)] = width / headWidth }
        }
        guard candidate.holds(chosen, checkpoint) else { continue }
        let decided = Set(solution.keys)
        // Where the width of heads was tried, their numbers are no better known.
        let isTried = widths.contains { !decided.contains(Symbol($0.name)) }
        let undecided = candidate.integers.filter { field in
          guard symbols.contains(Symbol(field.name)) else { return true }
          guard isWidth(field.key) || field.key.contains("head") else { return false }
          return isTried || !decided.contains(Symbol(field.name))
        }
        return (
          candidate.json(chosen), undecided.map { "`\($0.key)` \(chosen[Symbol($0.name)] ?? 0)" }
        )
      }
    }
    return nil
  }

  private static func isWidth(_ key: String) -> Bool {
    key.hasSuffix("head_dim") || key == "d_kv"
  }
}

/// One family, with the switches that suit the names of a file.
private struct FamilyCandidate {
  let family: String
  private(set) var table: PatternTable
  private(set) var fit = 0.0
  /// How many families are written in terms of this one.
  var kin = 0
  /// The integer fields that keys fill.
  private(set) var integers: [CheckpointConfig.Field] = []
  /// The integers of all fields.
  private(set) var values: [Symbol: Int] = [:]
  private var switches: [CheckpointConfig.Field] = []
  private let library: ModuleLibrary
  private let file: Int

  init?(file name: String, text: String, family: String) {
    var library = ModuleLibrary(
      sources: SourceMap(), reader: Workspace.embeddedReader, neighbours: Workspace.neighbours)
    file = library.load(path: name, text: text)
    self.library = library
    self.family = family
    var elaborator = Elaborator(library: library, overrides: [])
    let (model, found) = elaborator.elaborate(file: file)
    guard let model, !found.contains(where: { $0.severity == .error }),
      let table = PatternTable(model.program)
    else { return nil }
    self.table = table
    let fields = Workspace.fields(of: file, in: library)
    for value in model.program.config {
      if let number = value.integer { values[Symbol(value.name)] = number }
      guard let field = fields.first(where: { $0.name.text == value.name }),
        let key = field.keys.first?.text, !key.contains(".")
      else { continue }
      if let number = value.integer {
        integers.append(.init(name: value.name, key: key, value: number, range: nil))
      } else if ["true", "false"].contains(value.text) {
        switches.append(
          .init(name: value.name, key: key, value: value.text == "true" ? 1 : 0, range: nil))
      }
    }
  }

  /// Turns over each switch that makes the names fit better.
  mutating func turnSwitches(to patterns: Set<String>) {
    fit = table.fit(patterns)
    // A family that shares next to nothing isn't worth elaborating again.
    guard fit > 0.3 else { return }
    for place in switches.indices {
      let old = switches[place].value
      switches[place].value = old == 1 ? 0 : 1
      if let program = elaborate(values: nil)?.program, let other = PatternTable(program),
        other.fit(patterns) > fit
      {
        fit = other.fit(patterns)
        table = other
      } else {
        switches[place].value = old
      }
    }
    if let program = elaborate(values: values)?.program, let spelled = PatternTable(program) {
      table = spelled
    }
  }

  /// Whether the model of some values has exactly the tensors of a file.
  func holds(_ values: [Symbol: Int], _ checkpoint: Checkpoint) -> Bool {
    guard let model = elaborate(values: values), let expected = ExpectedWeights(model.program)
    else { return false }
    let map = NameMap(
      parameters: expected.weights.filter { $0.tiedTo == nil }.map { ($0.name, $0.shape) },
      tensors: checkpoint.tensors.map { ($0.name, $0.shape) },
      tied: Dictionary(
        expected.weights.compactMap { weight in weight.tiedTo.map { (weight.name, $0) } },
        uniquingKeysWith: { first, _ in first }))
    return map.isComplete
  }

  func json(_ values: [Symbol: Int]) -> String {
    var members = ["  \"model_type\": \(JSONText.quoted(family))"]
    for field in integers {
      guard let value = values[Symbol(field.name)] else { continue }
      members.append("  \(JSONText.quoted(field.key)): \(value)")
    }
    for field in switches {
      members.append("  \(JSONText.quoted(field.key)): \(field.value == 1)")
    }
    return "{\n" + members.joined(separator: ",\n") + "\n}\n"
  }

  private func elaborate(values: [Symbol: Int]?) -> ElaboratedModel? {
    let keyed = Set(integers.map(\.name))
    var overrides = switches.map {
      ConfigOverride(name: $0.name, value: .boolean($0.value == 1), range: nil)
    }
    for (symbol, value) in values ?? [:] where keyed.contains(symbol.name) {
      overrides.append(ConfigOverride(name: symbol.name, value: .literal(value), range: nil))
    }
    var elaborator = Elaborator(library: library, overrides: overrides)
    let (model, found) = elaborator.elaborate(file: file)
    return found.contains { $0.severity == .error } ? nil : model
  }
}
