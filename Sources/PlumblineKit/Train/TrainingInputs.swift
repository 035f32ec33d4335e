// TrainingInputs: which inputs of a model take the tokens of a text, and which their successors.
// Apart from the data, because only the model says what it wants.
import Dimensions
import Execution
import IR
import Kernels
import Training

/// How a model is fed with tokens.
package struct TrainingInputs: Sendable {
  /// The input that takes the tokens, `[rows, block]`.
  package let tokens: String
  /// The input of the loss that takes the targets, of the same shape.
  package let targets: String
  /// Whether the loss moves the targets by one itself, so that it is given the tokens.
  package let shiftsInside: Bool
  /// The value of the targets that the loss leaves out.
  package let ignored: Int
  /// Inputs that may be left out, with what they hold then.
  package let implied: [String: NDArray<Float>]
  package let rows: Int
  package let block: Int
  /// How many different tokens the model has a row or a class for; `nil` where it does not say.
  package let vocabulary: Int?

  /// Looks at the loss of a model.
  ///
  /// - Parameters:
  ///   - program: the model.
  ///   - graph: its loss, unfolded.
  ///   - sizes: a size for every dimension of its inputs.
  /// - Throws: ``RunFailure`` when an input can't be filled from a text.
  package init(
    _ program: Program, _ graph: FlatGraph, sizes: [Symbol: Int]
  ) throws(RunFailure) {
    guard let entry = program.entry else {
      throw RunFailure("training-input-unfilled", "the model has no forward")
    }
    let own = program[entry].inputNames
    func type(_ port: FlatPort) -> TensorType { graph.values[port.value].type }
    func isTokens(_ port: FlatPort) -> Bool {
      type(port).element.kind == .index && type(port).rank == 2
    }
    let given =
      "tokens of a text fill one input [B, T] of whole numbers and the targets of the loss"
    let other = "give the batches by name: --data FILE.safetensors with batch0/NAME, batch1/NAME, …"
    guard let first = graph.inputs.first(where: { own.contains($0.name) && isTokens($0) }) else {
      throw RunFailure(
        "training-input-unfilled", "no input of the model takes tokens",
        facts: [.line(given)], help: other)
    }
    let others = graph.inputs.filter { $0.name != first.name }
    let wanted = others.filter { !own.contains($0.name) && isTokens($0) }
    guard let target = wanted.first, type(target).shape == type(first).shape else {
      throw RunFailure(
        "training-input-unfilled",
        wanted.isEmpty
          ? "the loss takes no targets"
          : "the targets `\(wanted[0].name)` \(type(wanted[0])) are not of the tokens' shape,"
            + " `\(first.name)` \(type(first))",
        facts: [.line(given)],
        help: "write a loss as `loss cross_entropy(logits : b t [v], targets: i32[B, T])`")
    }
    let extents = type(first).extents(sizes) ?? []
    guard extents.count == 2 else {
      throw RunFailure("training-plan-incomplete", "`\(first.name)` \(type(first)) has no size")
    }
    var implied: [String: NDArray<Float>] = [:]
    for port in others where port.name != target.name {
      guard let value = ImpliedInputs.value(of: port.name), type(port).element.kind == .index,
        let extents = type(port).extents(sizes), let count = try? Extents.count(extents)
      else {
        throw RunFailure(
          "training-input-unfilled",
          "the model wants `\(port.name)` \(type(port)), which a text does not give",
          facts: [.line(given)], help: other)
      }
      implied[port.name] = NDArray(extents: extents, index: Array(repeating: value, count: count))
    }
    tokens = first.name
    targets = target.name
    self.implied = implied
    (rows, block) = (extents[0], extents[1])
    let trace = KeptTargets(graph)
    ignored = trace?.ignore ?? -100
    shiftsInside = try Self.shifts(trace, target.name, extents)
    vocabulary = Self.vocabulary(graph, first, program)
  }

  /// Whether the targets that reach the cross-entropy are those given without the first.
  private static func shifts(
    _ trace: KeptTargets?, _ name: String, _ extents: [Int]
  ) throws(RunFailure) -> Bool {
    guard let trace, extents[1] > 1 else { return false }
    let count = extents[0] * extents[1]
    let ramp = NDArray<Float>(extents: extents, index: (0..<count).map { Int32($0 % extents[1]) })
    // A loss whose targets need more than the labels moves nothing that we could see.
    guard let seen = try? trace.targets([name: ramp], sizes: [:]) else { return false }
    return seen.first == 1
  }

  /// The rows of the table that the tokens look up, or the classes of the logits if those are fewer.
  private static func vocabulary(
    _ graph: FlatGraph, _ tokens: FlatPort, _ program: Program
  ) -> Int? {
    var sizes = graph.nodes.compactMap { node -> Int? in
      guard node.operation.name == "gather", node.operands.count == 2,
        node.operands[1] == tokens.value
      else { return nil }
      return graph.values[node.operands[0]].type.shape.first?.constant
    }
    if let output = graph.outputs.first(where: { $0.name == "logits" }),
      let classes = graph.values[output.value].type.shape.last?.constant
    {
      sizes.append(classes)
    }
    return sizes.min()
  }
}

/// Batches of a corpus under the names of a model's inputs.
package struct TokenBatches: BatchSource {
  package let sampler: BatchSampler
  private let inputs: TrainingInputs

  package init(_ sampler: BatchSampler, _ inputs: TrainingInputs) {
    self.sampler = sampler
    self.inputs = inputs
  }

  package func batch(_ number: Int) -> TrainingBatch<Float> {
    let tokens = sampler.batch(number)
    let extents = [tokens.rows, tokens.block]
    var arrays = inputs.implied
    arrays[inputs.tokens] = NDArray(extents: extents, index: tokens.inputs)
    let targets = inputs.shiftsInside ? tokens.inputs : tokens.targets
    arrays[inputs.targets] = NDArray(extents: extents, index: targets)
    var kept = tokens.rows * (tokens.block - (inputs.shiftsInside ? 1 : 0))
    if inputs.ignored >= 0 {
      for (place, target) in targets.enumerated()
      where Int(target) == inputs.ignored
        && !(inputs.shiftsInside && place % tokens.block == 0)
      {
        kept -= 1
      }
    }
    return TrainingBatch(arrays, keptTargets: kept)
  }
}
