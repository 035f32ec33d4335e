// GraphReader: reads the forward graph once, following facts from the inputs to the outputs.
// Works on the folded program: a function is read once for each kind of operands, a list of alike
// layers until nothing new is learnt.
import Diagnostics
import Dimensions
import IR

/// The reading of one model's forward.
struct GraphReader {
  /// What is known of the outputs, by position.
  private(set) var outputs: [GraphFact] = []
  var sites = GraphSites()

  private let program: Program
  /// The source in which nobody can point at anything.
  private let prelude: SourceID?
  /// The calls that led to the function being read.
  private var calls: [SourceRange?] = []
  private var known: [Key: [GraphFact]] = [:]
  /// The function being read.
  private(set) var function: Function
  private var isExhausted = false

  private struct Key: Hashable {
    var function: FunctionID
    var operands: [GraphFact]
  }

  /// A graph with more kinds of functions than these is left alone.
  private static let mostReadings = 4_000
  private static let deepest = 128

  /// - Returns: `nil` when the model has no forward, or is too large to be read.
  init?(_ program: Program, sources: SourceMap) {
    guard let entry = program.entry else { return nil }
    self.program = program
    function = program[entry]
    prelude = sources.files.indices.first { sources.files[$0].path.hasSuffix("prelude.model") }
      .map { SourceID(index: $0) }
    let inputs = program[entry].inputs.enumerated().map { position, value in
      GraphReader.fact(ofInput: position, program[entry].type(of: value))
    }
    outputs = read(entry, inputs)
    if isExhausted { return nil }
  }

  /// Integers run through positions along their last axis, vectors along the axis before.
  private static func fact(ofInput position: Int, _ type: TensorType) -> GraphFact {
    var axes: Set<Int> = []
    let axis = type.element.kind == .index ? type.rank - 1 : type.rank - 2
    if axis >= 1, type.shape[axis].constant == nil { axes = [axis] }
    return GraphFact(reads: [position: Dependence(reach: .own, axes: axes)])
  }

  // MARK: Functions

  private mutating func read(_ id: FunctionID, _ operands: [GraphFact]) -> [GraphFact] {
    let key = Key(function: id, operands: operands)
    if let known = known[key] { return known }
    let function = program[id]
    guard known.count < GraphReader.mostReadings, calls.count < GraphReader.deepest else {
      isExhausted = true
      return function.outputs.map { _ in GraphFact() }
    }
    let outer = self.function
    self.function = function
    defer { self.function = outer }
    var facts = [GraphFact](repeating: GraphFact(), count: function.values.count)
    for node in function.nodes {
      let given = node.operands.map { facts[$0.index] }
      let results: [GraphFact]
      switch node.kind {
      case .input(let position):
        results = [operands.indices.contains(position) ? operands[position] : GraphFact()]
      case .parameter(let reference): results = [weight(reference, in: function.definition)]
      case .operation(let operation):
        results = apply(
          AppliedOperation(
            name: operation.name, attributes: operation.attributes, operands: given,
            types: node.operands.map { function.type(of: $0) },
            results: node.results.map { function.type(of: $0) }, range: node.range))
      case .call(let call): results = read(call, given, at: node.range)
      case .cotangent, .callBackward: results = []
      }
      for (value, fact) in zip(node.results, results) { facts[value.index] = fact }
    }
    let results = function.outputs.map { facts[$0.index] }
    known[key] = results
    return results
  }

  private mutating func read(
    _ call: Call, _ operands: [GraphFact], at range: SourceRange?
  ) -> [GraphFact] {
    calls.append(range)
    defer { calls.removeLast() }
    var results = read(call.function, operands)
    if let own = program[call.function].range, own.source == prelude {
      // A layer of the prelude is read once for all alike operands; its place is this call.
      let place = site(range).range
      for index in results.indices {
        if case .layer(var layer) = results[index].maker {
          layer.place = place
          layer.layer = call.target
          results[index].maker = .layer(layer)
        }
      }
    }
    guard let elements = call.elements, elements.count > 1 else { return results }
    // The first operand is carried; once it comes back as it went in, the rest is alike.
    var carried = operands
    for _ in 1..<min(elements.count, 16) {
      guard let first = results.first, !carried.isEmpty, carried[0] != first else { break }
      carried[0] = first
      results = read(call.function, carried)
    }
    return results
  }

  // MARK: Weights

  private func weight(_ reference: ParameterReference, in owner: DefinitionID) -> GraphFact {
    guard let place = definition(of: reference.instance, from: owner, depth: 0),
      program[place].parameters.indices.contains(reference.parameter)
    else { return GraphFact() }
    let declaration = program[place].parameters[reference.parameter]
    return GraphFact(
      maker: .weight(
        WeightFact(definition: place, index: reference.parameter, declaration: declaration)))
  }

  private func definition(
    of reference: InstanceReference, from owner: DefinitionID, depth: Int
  ) -> DefinitionID? {
    guard depth < 32 else { return nil }
    var current = owner
    if case .external(let index) = reference.base {
      guard program[owner].externals.indices.contains(index) else { return nil }
      current = program[owner].externals[index]
    }
    for step in reference.steps {
      guard program[current].children.indices.contains(step.child) else { return nil }
      switch program[current].children[step.child].content {
      case .layer(let layer), .shared(let layer, _): current = layer.definition
      case .list(let runs, _):
        let run = runs.first { $0.elements.contains(step.element ?? $0.elements.lowerBound) }
        guard let run else { return nil }
        current = run.layer.definition
      case .alias(let other):
        guard let found = definition(of: other, from: current, depth: depth + 1) else { return nil }
        current = found
      }
    }
    return current
  }

  // MARK: Places

  /// The place that a user wrote: the node's own, or the call that led into the prelude.
  func site(_ range: SourceRange?) -> Site {
    let candidates = [range] + calls.reversed()
    let place = candidates.first { candidate in
      candidate.map { $0.source != prelude } ?? false
    }
    return Site(range: place ?? nil, block: program[function.definition].block)
  }
}

/// An operation, what it is applied to, and where.
struct AppliedOperation {
  var name: String
  var attributes: Attributes
  var operands: [GraphFact]
  var types: [TensorType]
  var results: [TensorType]
  var range: SourceRange?
}
