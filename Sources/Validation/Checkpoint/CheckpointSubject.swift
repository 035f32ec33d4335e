// CheckpointSubject: a checkpoint beside the model that its config describes, names paired.
// Apart from the rules, which share the pairing and take from it what they explain.
import Analysis
import Dimensions
import IR
import Interchange
import Language

/// A weight of the model under one of its names.
package struct ExpectedWeight: Hashable, Sendable {
  package let name: String
  package let shape: [Int]
  /// The shape in the config's names.
  package let formula: [Dimension]
  /// The weight that this is another name for.
  package let tiedTo: String?
}

/// The weights and lists of a model, as a checkpoint would have them.
package struct ExpectedWeights: Sendable {
  /// Every weight under each of its names.
  package let weights: [ExpectedWeight]
  /// The lists of layers by pattern, `transformer.h`, with their lengths.
  package let lists: [String: LayerList]
  private let places: [String: Int]

  package subscript(name: String) -> ExpectedWeight? { places[name].map { weights[$0] } }

  /// A list of layers: how long, and that in the config's names.
  package struct LayerList: Hashable, Sendable {
    package var length: Int
    package var formula: Dimension
  }

  /// - Returns: nil when the model has more weights than can be listed.
  package init?(_ program: Program) {
    guard let ledger = try? ParameterLedger(program), let tensors = try? ledger.tensors() else {
      return nil
    }
    var weights: [ExpectedWeight] = []
    for tensor in tensors {
      let shape = tensor.declaration.type.shape.compactMap(\.constant)
      guard shape.count == tensor.declaration.type.shape.count else { return nil }
      weights.append(
        ExpectedWeight(
          name: tensor.name, shape: shape, formula: tensor.declaration.formula,
          tiedTo: tensor.tiedTo))
    }
    self.weights = weights
    places = Dictionary(
      weights.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    lists = Self.lists(of: program)
  }

  /// The lists of layers of a model, by pattern.
  static func lists(of program: Program) -> [String: LayerList] {
    var walk = ListWalk(program: program)
    walk.enter(program.root, "")
    return walk.lists
  }
}

/// Finds the lists of a program.
private struct ListWalk {
  let program: Program
  var lists: [String: ExpectedWeights.LayerList] = [:]
  private var visited: Set<Visit> = []

  private struct Visit: Hashable {
    let definition: DefinitionID
    let prefix: String
  }

  init(program: Program) { self.program = program }

  /// Recursion is as deep as blocks nest in the source.
  mutating func enter(_ id: DefinitionID, _ prefix: String) {
    guard visited.count < 10_000, visited.insert(Visit(definition: id, prefix: prefix)).inserted
    else { return }
    for child in program[id].children {
      let path =
        child.transparent ? prefix : prefix.isEmpty ? child.name : "\(prefix).\(child.name)"
      switch child.content {
      case .alias: continue
      case .layer(let layer), .shared(let layer, _): enter(layer.definition, path)
      case .list(let runs, let count):
        let length = runs.last?.elements.upperBound ?? 0
        if let known = lists[path], known.length >= length { continue }
        lists[path] = ExpectedWeights.LayerList(length: length, formula: count)
        for run in runs { enter(run.layer.definition, path + ".*") }
      }
    }
  }
}

/// What the file holds in place of one weight of the model.
package struct StoredWeight: Hashable, Sendable {
  /// The name in the spelling of a Hugging Face checkpoint.
  package var name: String
  package var shape: [Int]
  /// The tensor that holds it, as a place in the checkpoint.
  package var tensor: Int
  /// Whether values are packed, so that the shape was worked out.
  package var isPacked = false
}

/// A checkpoint and the model that it should fit.
package struct CheckpointSubject: Sendable {
  package let checkpoint: Checkpoint
  package let expected: ExpectedWeights
  package let stored: [StoredWeight]
  package let config: CheckpointConfig
  package let map: NameMap
  /// Whether names of the file could not be spelled as the model's, so that what is missing may be
  /// there under them.
  package let hasUnknownNames: Bool
  /// What was noted while names were brought to one spelling.
  package let reading: [CheckpointFinding]

  package init(_ checkpoint: Checkpoint, expected: ExpectedWeights, config: CheckpointConfig) {
    self.checkpoint = checkpoint
    self.expected = expected
    self.config = config
    var reader = StoredWeightReader(checkpoint, expected: expected, config: config)
    reader.read()
    stored = reader.stored
    hasUnknownNames = reader.hasUnknownNames
    reading = reader.findings
    map = Self.pair(stored, expected)
    places = Dictionary(
      stored.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Pairs what is stored with what a model expects.
  static func pair(_ stored: [StoredWeight], _ expected: ExpectedWeights) -> NameMap {
    let ties = expected.weights.compactMap { weight in weight.tiedTo.map { (weight.name, $0) } }
    return NameMap(
      parameters: expected.weights.filter { $0.tiedTo == nil }.map { ($0.name, $0.shape) },
      tensors: stored.map { ($0.name, $0.shape) },
      tied: Dictionary(ties, uniquingKeysWith: { first, _ in first }))
  }

  /// The tensor behind a stored weight's name.
  func tensor(of name: String) -> CheckpointTensor? {
    places[name].map { checkpoint.tensors[stored[$0].tensor] }
  }

  private let places: [String: Int]
}

/// What is left to explain; every rule takes away what it tells.
package struct CheckpointDifferences: Sendable {
  package var missing: [NameMap.Missing]
  package var unexpected: [NameMap.Unexpected]
  package var mismatched: [NameMap.ShapeMismatch]

  /// Nothing left.
  init() {
    missing = []
    unexpected = []
    mismatched = []
  }

  init(_ map: NameMap) {
    missing = map.missing
    unexpected = map.unexpected
    mismatched = map.mismatched
  }

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  /// The parameters and tensors that differ.
  var names: Set<String> {
    Set(missing.map(\.parameter) + unexpected.map(\.tensor) + mismatched.map(\.tensor))
  }

  var count: Int { missing.count + unexpected.count + mismatched.count }
}

/// One rule about checkpoints and models.
package protocol CheckpointRule: Sendable {
  /// The ids of its findings.
  static var ids: [String] { get }

  /// What the rule finds; what it explains leaves `open`.
  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding]
}

/// All rules about checkpoints and models, in the order in which they explain.
package enum CheckpointRuleBook {
  package static var all: [any CheckpointRule.Type] {
    [
      NamesWrapped.self, FurtherLayers.self, HeadDiffers.self, FitsOtherConfig.self,
      LayerCountDiffers.self, TensorTransposed.self, TensorShapeDiffers.self, TensorMissing.self,
      TensorUnexpected.self, StoredTypeDiffers.self, MaskBuffersStored.self,
      TiedWeightStoredTwice.self,
    ]
  }

  /// Everything that the rules find.
  package static func findings(in subject: CheckpointSubject) -> [CheckpointFinding] {
    var open = CheckpointDifferences(subject.map)
    // A tensor whose entry is wrong is there all the same.
    let damaged = subject.checkpoint.damaged
    open.missing.removeAll { damaged.contains($0.parameter) }
    if let names = subject.checkpoint.gguf.flatMap({ GGUFNames($0) }) {
      open.missing.removeAll { missing in
        names.family.dropped.contains { missing.parameter.hasPrefix($0) }
      }
    }
    // What could not be read may hold them, and a second message would say the same.
    if subject.checkpoint.isPartial || subject.checkpoint.isOneOfShards { open.missing = [] }
    return subject.reading + all.flatMap { $0.findings(in: subject, open: &open) }
  }
}
