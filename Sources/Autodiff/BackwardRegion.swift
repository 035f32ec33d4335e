// BackwardRegion: the backward of one function, emitted in reverse order of its nodes.
// Apart from the differentiator, which remembers; this one walks.
import Dimensions
import IR
import Operations

/// A derivative under construction.
struct BackwardRegion {
  private let id: FunctionID
  private let function: Function
  private let wanted: [Bool]
  private var arriving: [Bool]
  private let depth: Int
  private let active: [Bool]
  private var builder: RegionBuilder
  /// For each forward value, the sum of what has reached it so far.
  private var cotangents: [ValueID?]
  private var parameterGradients: [(reference: ParameterReference, value: ValueID)] = []

  init(
    _ id: FunctionID, wanted: [Bool], in differentiator: inout Differentiator, depth: Int
  ) throws(DifferentiationError) {
    self.id = id
    self.wanted = wanted
    self.depth = depth
    function = differentiator.program[id]
    arriving = function.outputs.map { _ in false }
    active = try differentiator.activity.values(of: id, inputs: wanted, depth: depth)
    builder = RegionBuilder(values: function.values, prover: differentiator.prover)
    cotangents = [ValueID?](repeating: nil, count: function.values.count)
  }

  /// Starts from the gradients that arrive for the outputs.
  mutating func receive(_ arriving: [Bool]) throws(DifferentiationError) {
    self.arriving = arriving
    for (position, output) in function.outputs.enumerated()
    where arriving[position] && active[output.index] {
      builder.range = function.values[output.index].range
      let value = builder.append(.cotangent(position), types: [function.type(of: output)])[0]
      try accumulate(value, for: output)
    }
  }

  /// Starts from one: the gradient of a scalar output by itself.
  mutating func seed(_ position: Int) throws(DifferentiationError) {
    let output = function.outputs[position]
    guard active[output.index] else { return }
    builder.range = function.values[output.index].range
    do throws(Fault) {
      cotangents[output.index] = try builder.scalar(1, like: output)
    } catch {
      throw DifferentiationError(operation: "fill", error.message, range: builder.range)
    }
  }

  /// Walks the function in reverse and drops what nothing reads.
  mutating func finish(
    in differentiator: inout Differentiator
  ) throws(DifferentiationError) -> Derivative {
    for (index, node) in function.nodes.enumerated().reversed() {
      builder.range = node.range
      switch node.kind {
      case .input: break
      case .parameter(let reference):
        let result = node.results[0]
        if active[result.index], let gradient = cotangents[result.index] {
          parameterGradients.append((reference, gradient))
        }
      case .operation(let operation):
        try differentiate(operation, node)
      case .call(let call):
        try differentiate(call, node, index, in: &differentiator)
      case .cotangent, .callBackward:
        preconditionFailure("function \(id.index) holds a backward node")
      }
    }
    let inputGradients = zip(function.inputs, wanted).map { input, isWanted in
      isWanted ? cotangents[input.index] : nil
    }
    return Derivative(
      function: id, wanted: wanted, arriving: arriving, values: builder.values,
      nodes: builder.nodes, inputGradients: inputGradients, parameterGradients: parameterGradients
    ).droppingUnused { differentiator.reachesWeights($0) }
  }

  private mutating func differentiate(
    _ operation: any Operation, _ node: Node
  ) throws(DifferentiationError) {
    let arriving = node.results.map { cotangents[$0.index] }
    let wanted = node.operands.map { active[$0.index] }
    guard arriving.contains(where: { $0 != nil }), wanted.contains(true) else { return }
    let gradients: [ValueID?]
    do throws(Fault) {
      gradients = try operation.gradient(
        &builder, operands: node.operands, results: node.results, cotangents: arriving,
        wanted: wanted)
    } catch {
      throw DifferentiationError(
        operation: operation.name, error.message, range: node.range)
    }
    guard gradients.count == node.operands.count else {
      preconditionFailure(
        "\(operation.name) has \(gradients.count) gradients for \(node.operands.count) operands")
    }
    for (operand, gradient) in zip(node.operands, gradients) {
      guard let gradient, active[operand.index] else { continue }
      let found = builder.type(of: gradient)
      let expected = function.type(of: operand)
      guard found.isEqual(to: expected, prover: builder.prover) else {
        throw DifferentiationError(
          operation: operation.name, "expected a gradient of type \(expected), found \(found)",
          range: node.range)
      }
      try accumulate(gradient, for: operand)
    }
  }

  private mutating func differentiate(
    _ call: Call, _ node: Node, _ index: Int, in differentiator: inout Differentiator
  ) throws(DifferentiationError) {
    let arriving = node.results.map { cotangents[$0.index] }
    let operands = node.operands.map { active[$0.index] }
    guard arriving.contains(where: { $0 != nil }) else { return }
    guard call.repetitions > 0 else {
      // A list without elements hands on what it was given, and so does its backward.
      if let gradient = arriving[0] { try accumulate(gradient, for: node.operands[0]) }
      return
    }
    let arrives = arriving.map { $0 != nil }
    var wanted = operands
    if call.repetitions > 1 {
      guard arriving.count == 1 else {
        throw DifferentiationError("a chained list needs one result", range: node.range)
      }
      let carried = try differentiator.activity.values(
        of: call.function, inputs: operands, depth: depth + 1)
      let output = differentiator.program[call.function].outputs[0]
      wanted = differentiator.activity.rest(
        of: call, operands: operands, carried: carried[output.index])
    }
    let rest = try differentiator.derivative(
      of: call.function, wanted: wanted, arriving: arrives, depth: depth + 1)
    var first = rest
    if wanted != operands, differentiator.program[rest].inputGradients[0] != nil {
      first = try differentiator.derivative(
        of: call.function, wanted: operands, arriving: arrives, depth: depth + 1)
    }
    let inputs = differentiator.program.gradientInputs(of: call, first: first, rest: rest)
    guard
      !inputs.isEmpty || differentiator.reachesWeights(first)
        || differentiator.reachesWeights(rest)
    else { return }
    let gradients = builder.append(
      .callBackward(node: index, first: first, rest: rest), operands: arriving.compactMap(\.self),
      types: inputs.map { function.type(of: node.operands[$0]) })
    for (input, gradient) in zip(inputs, gradients) where active[node.operands[input].index] {
      try accumulate(gradient, for: node.operands[input])
    }
  }

  /// Adds a contribution to the gradient of a forward value, in the order of the walk.
  private mutating func accumulate(
    _ gradient: ValueID, for value: ValueID
  ) throws(DifferentiationError) {
    guard let gathered = cotangents[value.index] else {
      cotangents[value.index] = gradient
      return
    }
    do throws(Fault) {
      cotangents[value.index] = try builder.add(gathered, gradient)
    } catch {
      throw DifferentiationError(operation: "add", error.message, range: builder.range)
    }
  }
}
