// NameMap: which tensor of a weights file fills which parameter of a model, and what is left.
// A pure function of names and shapes, so that it can be tested and shown without any file.

/// The pairing of a model's parameters with a file's tensors.
///
/// Names are compared exactly first, then in canonical form (``CheckpointNames``), then with one
/// leading component that only one side has. Nothing is guessed: where two tensors could fill one
/// parameter, neither does.
package struct NameMap: Hashable, Sendable {
  /// How a pair was found.
  package enum Rule: Hashable, Sendable {
    case exact
    /// Equal without the names that wrappers and adapters add.
    case canonical
    /// Equal once this component is put before the tensor's name.
    case addedPrefix(String)
    /// Equal once this component is taken off the tensor's name.
    case removedPrefix(String)
  }

  /// A parameter and the tensor that fills it.
  package struct Match: Hashable, Sendable {
    package let parameter: String
    package let tensor: String
    package let rule: Rule
    /// Whether the tensor bears an alias of the parameter and the owner's name is absent.
    package let isAlias: Bool
  }

  /// A parameter that no tensor fills.
  package struct Missing: Hashable, Sendable {
    package let parameter: String
    package let shape: [Int]
    package let reason: String
  }

  /// A tensor that fills no parameter.
  package struct Unexpected: Hashable, Sendable {
    package let tensor: String
    package let shape: [Int]
    package let reason: String
  }

  /// A pair whose shapes differ.
  package struct ShapeMismatch: Hashable, Sendable {
    package let parameter: String
    package let tensor: String
    package let expected: [Int]
    package let found: [Int]
    package let reason: String
  }

  /// A second tensor for a parameter that is already filled, under an alias that the model ties.
  package struct TiedCopy: Hashable, Sendable {
    package let tensor: String
    package let owner: String
    /// The tensor that fills the owner; the model is as the file says only if both hold the same.
    package let ownerTensor: String
  }

  /// The pairs, in the order of the parameters.
  package let matches: [Match]
  /// Parameters without a tensor, in their order.
  package let missing: [Missing]
  /// Tensors without a parameter, in their order.
  package let unexpected: [Unexpected]
  /// Pairs of different shapes, in the order of the tensors.
  package let mismatched: [ShapeMismatch]
  /// Stored copies of tied parameters, in their order.
  package let tiedCopies: [TiedCopy]
  /// Tensors that are constants of the architecture: masks and the like.
  package let buffers: [String]

  /// Whether every parameter is filled and every tensor is accounted for.
  package var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  /// Pairs names.
  ///
  /// - Parameters:
  ///   - parameters: the model's parameters, each owner once.
  ///   - tensors: the file's tensors.
  ///   - tied: other names of parameters, alias to owner, in the model's spelling.
  ///   - buffers: further tensors that are no parameters, in the model's spelling.
  package init(
    parameters: [(name: String, shape: [Int])], tensors: [(name: String, shape: [Int])],
    tied: [String: String] = [:], buffers: Set<String> = []
  ) {
    let names = parameters.map(\.name) + tied.keys.sorted() + buffers.sorted()
    let pairing = NamePairing(wanted: names, found: tensors.map(\.name))
    var builder = Builder(parameters: parameters, tensors: tensors)

    let owners = Dictionary(
      parameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var aliases: [(tensor: Int, owner: Int)] = []
    for (tensor, pair) in pairing.pairs.enumerated() {
      guard let pair else { continue }
      let name = names[pair.wanted]
      if pair.wanted < parameters.count {
        builder.fill(pair.wanted, with: tensor, rule: pair.rule, isAlias: false)
      } else if let owner = tied[name].flatMap({ owners[$0] }) {
        aliases.append((tensor, owner))
      } else if buffers.contains(name) {
        builder.buffers.append(tensors[tensor].name)
        builder.accounted[tensor] = true
      }
    }
    for (tensor, owner) in aliases {
      guard let rule = pairing.pairs[tensor]?.rule else { continue }
      builder.fill(owner, with: tensor, rule: rule, isAlias: true)
    }
    for (tensor, entry) in tensors.enumerated() where !builder.accounted[tensor] {
      if CheckpointNames.isKnownBuffer(entry.name, shape: entry.shape) {
        builder.buffers.append(entry.name)
        builder.accounted[tensor] = true
      }
    }

    matches = builder.matches.compactMap { $0 }
    mismatched = builder.mismatched
    tiedCopies = builder.tiedCopies
    self.buffers = builder.buffers
    missing = parameters.indices.filter { !builder.touched[$0] }.map { index in
      Missing(
        parameter: parameters[index].name, shape: parameters[index].shape,
        reason: pairing.reasonMissing(index) ?? "no tensor of this name")
    }
    unexpected = tensors.indices.filter { !builder.accounted[$0] }.map { index in
      Unexpected(
        tensor: tensors[index].name, shape: tensors[index].shape,
        reason: pairing.reasonUnexpected(index) ?? "no parameter of this name")
    }
  }
}

/// The tables that fill up while pairs are judged by their shapes.
private struct Builder {
  let parameters: [(name: String, shape: [Int])]
  let tensors: [(name: String, shape: [Int])]
  var matches: [NameMap.Match?]
  /// Parameters that have a match or a mismatch.
  var touched: [Bool]
  /// Tensors that are in some table.
  var accounted: [Bool]
  var mismatched: [NameMap.ShapeMismatch] = []
  var tiedCopies: [NameMap.TiedCopy] = []
  var buffers: [String] = []

  init(parameters: [(name: String, shape: [Int])], tensors: [(name: String, shape: [Int])]) {
    self.parameters = parameters
    self.tensors = tensors
    matches = Array(repeating: nil, count: parameters.count)
    touched = Array(repeating: false, count: parameters.count)
    accounted = Array(repeating: false, count: tensors.count)
  }

  mutating func fill(_ parameter: Int, with tensor: Int, rule: NameMap.Rule, isAlias: Bool) {
    let (owner, entry) = (parameters[parameter], tensors[tensor])
    accounted[tensor] = true
    guard owner.shape == entry.shape else {
      touched[parameter] = true
      mismatched.append(
        NameMap.ShapeMismatch(
          parameter: owner.name, tensor: entry.name, expected: owner.shape, found: entry.shape,
          reason: Self.reason(expected: owner.shape, found: entry.shape)))
      return
    }
    if let filled = matches[parameter] {
      tiedCopies.append(
        NameMap.TiedCopy(tensor: entry.name, owner: owner.name, ownerTensor: filled.tensor))
    } else {
      touched[parameter] = true
      matches[parameter] = NameMap.Match(
        parameter: owner.name, tensor: entry.name, rule: rule, isAlias: isAlias)
    }
  }

  private static func reason(expected: [Int], found: [Int]) -> String {
    if expected.count == 2, found == expected.reversed() { return "stored transposed" }
    guard expected.count == found.count else {
      return "expected \(expected.count) axes, found \(found.count)"
    }
    let axes = expected.indices.filter { expected[$0] != found[$0] }
    let differences = axes.map { "axis \($0): expected \(expected[$0]), found \(found[$0])" }
    return differences.joined(separator: "; ")
  }
}
