// Executor: runs a flat graph node by node with the plain kernels.
// Shapes come from the data and never from the predicted types, so that the two can be compared.
import Dimensions
import IR
import Kernels

/// Runs one graph, as often as asked.
///
/// f32 and f64 are computed as `Scalar`, integers as 32-bit ones; a graph with f16 or bf16 values
/// is refused, because computing them as `Scalar` would hide their rounding and their bytes.
package struct Executor<Scalar: KernelScalar>: Sendable {
  package let graph: FlatGraph
  private let plan: ExecutionPlan

  /// - Throws: ``ExecutionFault`` when the graph is malformed or holds an element type that can't
  ///   be computed.
  package init(_ graph: FlatGraph) throws(ExecutionFault) {
    self.graph = graph
    plan = try ExecutionPlan(graph)
  }

  /// Runs the graph.
  ///
  /// - Parameters:
  ///   - inputs: one array for each input of the graph.
  ///   - parameters: one array for each parameter of the graph, in its order.
  ///   - sizes: sizes of symbols that no input shows; the inputs must agree with them.
  ///   - observer: is shown every result as it came out of its kernel.
  /// - Returns: outputs, gradients and what was counted on the way.
  /// - Throws: ``ExecutionFault`` when the arrays don't fit the declarations, or a kernel gives up.
  package func run(
    inputs: [String: NDArray<Scalar>], parameters: [NDArray<Scalar>],
    sizes: [Symbol: Int] = [:], observer: ((Observation) -> Void)? = nil
  ) throws(ExecutionFault) -> ExecutionResult<Scalar> {
    var result = ExecutionResult<Scalar>()
    result.sizes = try self.sizes(inputs: inputs, parameters: parameters, given: sizes)
    var values = [NDArray<Scalar>?](repeating: nil, count: graph.values.count)
    var ledger = MemoryLedger()
    for port in graph.inputs {
      guard let array = inputs[port.name] else { continue }
      values[port.value] = array
      ledger.supply(input: array)
    }
    for (parameter, array) in zip(graph.parameters, parameters) {
      values[parameter.value] = array
      ledger.supply(parameter: array)
    }

    for (index, node) in graph.nodes.enumerated() {
      var context = EvaluationContext(sizes: result.sizes)
      let made = try apply(node, at: index, to: values, in: &context)
      result.counters.record(node, context.counter)
      for (value, array) in zip(node.results, made) {
        ledger.allocate(array)
        observer?(
          Observation(
            node: index, value: value, extents: array.extents, kind: array.elementKind,
            byteCount: array.byteCount))
        values[value] = array
      }
      ledger.mark(node: index)
      for value in plan.deaths[index] {
        guard let array = values[value] else { continue }
        ledger.release(array)
        values[value] = nil
      }
    }

    for output in graph.outputs { result.outputs[output.name] = values[output.value] }
    result.gradients = graph.gradients.map { gradient in gradient.flatMap { values[$0] } }
    result.memory = ledger.finish()
    return result
  }

  /// Checks the arrays against the declared types and reads the sizes of the symbols.
  package func sizes(
    inputs: [String: NDArray<Scalar>], parameters: [NDArray<Scalar>],
    given sizes: [Symbol: Int] = [:]
  ) throws(ExecutionFault) -> [Symbol: Int] {
    let known = graph.inputs.map(\.name)
    // Sorted, so that the same wrong call names the same input each time.
    for name in inputs.keys.sorted() where !known.contains(name) {
      throw .unknownInput(name, known: known)
    }
    guard parameters.count == graph.parameters.count else {
      throw .wrongParameterCount(expected: graph.parameters.count, found: parameters.count)
    }
    var inference = SizeInference(given: sizes)
    for port in graph.inputs {
      let type = graph.values[port.value].type
      guard let array = inputs[port.name] else {
        throw .missingInput(port.name, expected: type.description)
      }
      try inference.read(array, as: .input(port.name), declared: type)
    }
    for (parameter, array) in zip(graph.parameters, parameters) {
      try inference.read(
        array, as: .parameter(parameter.name), declared: parameter.declaration.type)
    }
    try inference.finish()
    return inference.sizes
  }

  private func apply(
    _ node: FlatNode, at index: Int, to values: [NDArray<Scalar>?],
    in context: inout EvaluationContext
  ) throws(ExecutionFault) -> [NDArray<Scalar>] {
    let operands = node.operands.map { operand in
      guard let array = values[operand] else {
        preconditionFailure("value %\(operand) died before node \(index) read it")
      }
      return array
    }
    let made: [NDArray<Scalar>]
    do throws(KernelFault) {
      made = try node.operation.evaluate(operands, in: &context)
    } catch {
      throw failure(of: node, at: index, error.message)
    }
    guard made.count == node.results.count else {
      throw failure(
        of: node, at: index, "expected \(node.results.count) results, found \(made.count)")
    }
    if let wrong = made.first(where: { !$0.isConsistent }) {
      throw failure(
        of: node, at: index, "a result has extents \(wrong.extents) but \(wrong.count) elements")
    }
    return made
  }

  private func failure(of node: FlatNode, at index: Int, _ message: String) -> ExecutionFault {
    .kernel(
      FailedApplication(
        scope: graph.path(of: node.scope), operation: node.operation.name, node: index,
        message: message))
  }
}
