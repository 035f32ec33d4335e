// Flattening: a folded program as one list of operations, calls inlined.
// The forward half; the backward half reads the frames that this one leaves.

/// Unfolds functions and derivatives.
package struct Flattening: Sendable {
  /// How deep calls may be nested.
  package static let depthLimit = 512

  package let program: Program
  package let unfolding: Unfolding
  package let nodeLimit: Int
  package let weightLimit: Int

  package init(_ program: Program, nodeLimit: Int = 1_000_000, weightLimit: Int = 1_000_000) {
    self.program = program
    self.nodeLimit = nodeLimit
    self.weightLimit = weightLimit
    unfolding = Unfolding(program)
  }

  /// The forward pass of a function of the model itself.
  ///
  /// - Throws: ``UnfoldingError`` when the graph would pass a limit.
  package func graph(of function: FunctionID) throws(UnfoldingError) -> FlatGraph {
    var flattener = try Flattener(self, sum: nil)
    _ = try flattener.model(function)
    return flattener.graph
  }

  /// The forward pass of a derivative's function, and its backward pass.
  ///
  /// The derivative is a root: it takes no cotangent and makes its own seed.
  ///
  /// - Parameters:
  ///   - derivative: what to unfold.
  ///   - sum: the operation that adds two tensors of one type.
  /// - Returns: the step, with the gradient of each weight that has one.
  /// - Throws: ``UnfoldingError`` when the graph would pass a limit.
  package func graph(
    of derivative: DerivativeID, adding sum: any Operation
  ) throws(UnfoldingError) -> FlatGraph {
    var flattener = try Flattener(self, sum: sum)
    let frame = try flattener.model(program[derivative].function)
    flattener.graph.gradients = [Int?](repeating: nil, count: flattener.graph.parameters.count)
    let outputs = program[program[derivative].function].outputs.count
    _ = try flattener.backward(
      derivative, frame: frame, arriving: [Int?](repeating: nil, count: outputs), depth: 0)
    return flattener.graph
  }
}

/// One application of a function: where its values are in the flat graph.
struct FlatFrame {
  var instance: UnfoldedInstance
  var scope: Int
  /// For each value of the function.
  var values: [Int]
  /// For each call node, the frames of its elements; empty unless a backward pass follows.
  var calls: [Int: [FlatFrame]] = [:]
}

/// The graph under construction.
struct Flattener {
  /// A scope is found again by its owner's scope and the step from there.
  private struct Place: Hashable {
    var parent: Int
    var step: InstanceStep
  }

  let flattening: Flattening
  let program: Program
  let sum: (any Operation)?
  var graph = FlatGraph()
  private var scopes: [Place: Int] = [:]
  /// Functions entered so far: one without operations must not be entered for ever either.
  private var applications = 0

  init(_ flattening: Flattening, sum: (any Operation)?) throws(UnfoldingError) {
    self.flattening = flattening
    self.sum = sum
    program = flattening.program
    guard flattening.unfolding.weightCount <= flattening.weightLimit else {
      throw UnfoldingError(
        "the model has more than \(flattening.weightLimit) weight tensors, too many to unfold")
    }
  }

  /// Inputs, weights and nodes of a function of the model itself.
  mutating func model(_ id: FunctionID) throws(UnfoldingError) -> FlatFrame {
    let function = program[id]
    guard function.definition == program.root else {
      preconditionFailure("function \(id.index) does not belong to the model")
    }
    for (input, name) in zip(function.inputs, function.inputNames) {
      let value = append(function.type(of: input), name: name, scope: 0)
      graph.inputs.append(FlatPort(name: name, value: value))
    }
    for weight in flattening.unfolding.parameters {
      let value = append(weight.declaration.type, name: weight.name, scope: 0)
      graph.parameters.append(
        FlatParameter(name: weight.name, declaration: weight.declaration, value: value))
    }
    let frame = try forward(
      id, at: flattening.unfolding.root, arguments: graph.inputs.map(\.value), depth: 0)
    graph.outputs = zip(function.outputs, function.outputNames).map { output, name in
      FlatPort(name: name, value: frame.values[output.index])
    }
    return frame
  }

  /// The nodes of one application.
  mutating func forward(
    _ id: FunctionID, at instance: UnfoldedInstance, arguments: [Int], depth: Int
  ) throws(UnfoldingError) -> FlatFrame {
    try check(depth)
    applications += 1
    guard applications <= flattening.nodeLimit else {
      throw UnfoldingError(
        "the step has more than \(flattening.nodeLimit) calls of blocks, too many to unfold")
    }
    let function = program[id]
    var frame = FlatFrame(
      instance: instance, scope: scope(of: instance),
      values: [Int](repeating: -1, count: function.values.count))
    for (index, node) in function.nodes.enumerated() {
      switch node.kind {
      case .input(let position):
        frame.values[node.results[0].index] = arguments[position]
      case .parameter(let reference):
        frame.values[node.results[0].index] =
          graph.parameters[weight(reference, from: instance)].value
      case .operation(let operation):
        let operands = node.operands.map { frame.values[$0.index] }
        for result in node.results {
          let value = function.values[result.index]
          frame.values[result.index] = append(value.type, name: value.name, scope: frame.scope)
        }
        try append(
          FlatNode(
            operation: operation, operands: operands,
            results: node.results.map { frame.values[$0.index] }, scope: frame.scope,
            phase: .forward, range: node.range))
      case .call(let call):
        let inner = try forward(call, node: node, frame: &frame, depth: depth)
        if sum != nil { frame.calls[index] = inner }
      case .cotangent, .callBackward:
        preconditionFailure("a forward region of \(program.name) holds a backward node")
      }
    }
    return frame
  }

  /// The applications behind one call: each element takes the first result of the one before.
  private mutating func forward(
    _ call: Call, node: Node, frame: inout FlatFrame, depth: Int
  ) throws(UnfoldingError) -> [FlatFrame] {
    let callee = program[call.function]
    var arguments = node.operands.map { frame.values[$0.index] }
    // A list without elements hands on what it was given.
    var outputs = [arguments.first ?? -1]
    var inner: [FlatFrame] = []
    for element in call.elements.map({ $0.map(Optional.some) }) ?? [nil] {
      guard
        let target = flattening.unfolding.resolve(
          call.target, element: element, from: frame.instance)
      else { preconditionFailure("a call of \(program.name) has no target") }
      let next = try forward(call.function, at: target, arguments: arguments, depth: depth + 1)
      outputs = callee.outputs.map { next.values[$0.index] }
      if call.elements != nil { arguments[0] = outputs[0] }
      if sum != nil { inner.append(next) }
    }
    for (result, value) in zip(node.results, outputs) { frame.values[result.index] = value }
    return inner
  }

  func check(_ depth: Int) throws(UnfoldingError) {
    if depth > Flattening.depthLimit {
      throw UnfoldingError("calls are nested deeper than \(Flattening.depthLimit)")
    }
  }

  /// The absolute index of a weight.
  func weight(_ reference: ParameterReference, from instance: UnfoldedInstance) -> Int {
    guard let index = flattening.unfolding.weight(reference, from: instance),
      graph.parameters.indices.contains(index)
    else { preconditionFailure("a weight of \(program.name) does not exist") }
    return index
  }

  mutating func append(_ type: TensorType, name: String?, scope: Int) -> Int {
    graph.values.append(FlatValue(type: type, name: name, scope: scope))
    return graph.values.count - 1
  }

  mutating func append(_ node: FlatNode) throws(UnfoldingError) {
    guard graph.nodes.count < flattening.nodeLimit else {
      throw UnfoldingError(
        "the step has more than \(flattening.nodeLimit) operations, too many to unfold")
    }
    graph.nodes.append(node)
  }

  /// The scope of an instance, made with those of its owners when it is first seen.
  private mutating func scope(of instance: UnfoldedInstance) -> Int {
    var current = 0
    for (step, level) in zip(instance.steps, instance.levels) {
      let place = Place(parent: current, step: step)
      if let known = scopes[place] {
        current = known
      } else {
        let name = flattening.unfolding.component(of: step, in: level.definition) ?? ""
        graph.scopes.append(FlatScope(parent: current, name: name))
        current = graph.scopes.count - 1
        scopes[place] = current
      }
    }
    return current
  }
}
