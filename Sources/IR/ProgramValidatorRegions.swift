// RegionValidator: the invariants of one region, forward or backward.
// SSA form, types as the operations state them, calls that fit, references that lead somewhere.
import Dimensions

/// Checks one region of a program.
struct RegionValidator {
  let program: Program
  let function: Function
  let name: String
  let prover: Prover
  private(set) var problems: [String] = []
  private var values: [Value] = []
  private var defined: [Bool] = []

  init(program: Program, function: Function, name: String, prover: Prover) {
    self.program = program
    self.function = function
    self.name = name
    self.prover = prover
  }

  /// Checks the function itself.
  mutating func checkForward() {
    values = function.values
    defined = values.map { _ in false }
    check(function.inputs.count == function.inputNames.count, "input names")
    check(function.outputs.count == function.outputNames.count, "output names")
    for (index, node) in function.nodes.enumerated() {
      guard checkPlaces(of: node, index) else { return }
      switch node.kind {
      case .input(let position):
        let fits = function.inputs.indices.contains(position)
        check(fits && node.results == [function.inputs[position]], "node \(index): input")
      case .parameter(let reference):
        let declared = program.declaration(of: reference, from: function.definition)
        check(
          declared.map { types(node.results) == [$0.type] } ?? false, "node \(index): weight")
      case .operation(let operation): check(operation, node, index)
      case .call(let call): check(call, node, index)
      case .cotangent, .callBackward: check(false, "node \(index) is a backward node")
      }
    }
    for (index, value) in defined.enumerated() { check(value, "%\(index) has no producer") }
    for value in function.inputs + function.outputs {
      check(values.indices.contains(value.index), "no value \(value)")
    }
    for (position, input) in function.inputs.enumerated() {
      let produced = function.nodes.contains {
        if case .input(position) = $0.kind { $0.results == [input] } else { false }
      }
      check(produced, "input \(position) has no node")
    }
  }

  /// Checks a derivative of the function.
  mutating func checkBackward(_ derivative: Derivative) {
    values = derivative.values
    defined = values.indices.map { $0 < function.values.count }
    for (index, node) in derivative.nodes.enumerated() {
      guard checkPlaces(of: node, index) else { return }
      switch node.kind {
      case .operation(let operation): check(operation, node, index)
      case .cotangent(let position):
        let arrives =
          derivative.arriving.indices.contains(position) && derivative.arriving[position]
        check(
          arrives
            && agree(types(node.results), [function.type(of: function.outputs[position])]),
          "node \(index): cotangent \(position)")
      case .callBackward(let call, let first, let rest):
        check(backwardOf: call, first: first, rest: rest, node, index)
      case .input, .parameter, .call: check(false, "node \(index) is a forward node")
      }
    }
    for (index, value) in defined.enumerated() { check(value, "%\(index) has no producer") }
    for (input, gradient) in derivative.inputGradients.enumerated() {
      guard let gradient else { continue }
      check(derivative.wanted[input], "the gradient of input \(input) is not wanted")
      check(
        values.indices.contains(gradient.index)
          && agree(types([gradient]), [function.type(of: function.inputs[input])]),
        "the gradient of input \(input)")
    }
    for (reference, gradient) in derivative.parameterGradients {
      let declared = program.declaration(of: reference, from: function.definition)
      check(declared?.trainable ?? false, "a gradient of a weight that is not trained")
      check(
        values.indices.contains(gradient.index)
          && agree(types([gradient]), declared.map { [$0.type] } ?? []),
        "the gradient of a weight")
    }
  }

  private mutating func check(_ holds: Bool, _ text: @autoclosure () -> String) {
    if !holds { problems.append("\(name): \(text())") }
  }

  private func types(_ ids: [ValueID]) -> [TensorType] {
    ids.map { values[$0.index].type }
  }

  private func agree(_ left: [TensorType], _ right: [TensorType]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { $0.isEqual(to: $1, prover: prover) }
  }

  /// Operands are defined, results are not yet, and both exist.
  private mutating func checkPlaces(of node: Node, _ index: Int) -> Bool {
    let before = problems.count
    for operand in node.operands {
      check(
        defined.indices.contains(operand.index) && defined[operand.index],
        "node \(index): \(operand) is used before it is defined")
    }
    for result in node.results {
      guard defined.indices.contains(result.index), !defined[result.index] else {
        check(false, "node \(index): \(result) has another producer, or is no value")
        continue
      }
      defined[result.index] = true
    }
    switch node.kind {
    case .input, .parameter, .cotangent:
      check(node.operands.isEmpty && node.results.count == 1, "node \(index): one result")
    case .operation, .call, .callBackward: break
    }
    return problems.count == before
  }

  private mutating func check(_ operation: any Operation, _ node: Node, _ index: Int) {
    do throws(Fault) {
      let expected = try operation.resultTypes(of: types(node.operands), prover: prover)
      let found = types(node.results)
      check(
        agree(found, expected),
        "node \(index): \(operation.name) makes \(expected), found \(found)")
    } catch {
      check(false, "node \(index): \(operation.name) rejects its operands: \(error.message)")
    }
  }

  private mutating func check(_ call: Call, _ node: Node, _ index: Int) {
    let callee = program[call.function]
    let inputs = callee.inputs.map { callee.type(of: $0) }
    let outputs = callee.outputs.map { callee.type(of: $0) }
    check(agree(types(node.operands), inputs), "node \(index): operands of @\(call.function.index)")
    check(agree(types(node.results), outputs), "node \(index): results of @\(call.function.index)")
    guard let target = program.target(of: call.target, from: function.definition) else {
      check(false, "node \(index): the call has no target")
      return
    }
    if call.repetitions > 0 {
      let block = program[callee.definition].block
      check(
        target.definition(of: call.elements) == callee.definition,
        "node \(index): the target is no \(block)")
    }
    guard call.elements != nil else { return }
    check(!inputs.isEmpty, "node \(index): a chained list needs an operand")
    if call.repetitions != 1 {
      check(
        outputs.count == 1 && agree(outputs, Array(inputs.prefix(1))),
        "node \(index): a chained list hands on one value of one type")
    }
  }

  private mutating func check(
    backwardOf forward: Int, first: DerivativeID, rest: DerivativeID, _ node: Node, _ index: Int
  ) {
    guard function.nodes.indices.contains(forward),
      case .call(let call) = function.nodes[forward].kind, call.repetitions > 0
    else {
      check(false, "node \(index): node \(forward) is no call")
      return
    }
    let derivatives = program.derivatives.indices
    guard derivatives.contains(first.index), derivatives.contains(rest.index),
      program[first].function == call.function, program[rest].function == call.function,
      program[first].arriving == program[rest].arriving
    else {
      check(false, "node \(index): not the derivatives of @\(call.function.index)")
      return
    }
    let callee = program[call.function]
    let arriving = zip(callee.outputs, program[first].arriving).filter(\.1).map(\.0)
    check(
      agree(types(node.operands), arriving.map { callee.type(of: $0) }),
      "node \(index): the cotangents of @\(call.function.index)")
    let inputs = program.gradientInputs(of: call, first: first, rest: rest)
    check(
      agree(types(node.results), inputs.map { callee.type(of: callee.inputs[$0]) }),
      "node \(index): the gradients of @\(call.function.index)")
  }
}
