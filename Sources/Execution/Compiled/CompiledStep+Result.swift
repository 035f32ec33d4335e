// CompiledStep+Result: a planned step as a drop-in for the plain executor's run.
// The same arrays in and out, so that whoever runs graphs can choose with one switch.
import Dimensions
import IR
import Kernels

extension CompiledStep {
  /// Runs once with the given arrays.
  ///
  /// - Returns: what ``Executor/run(inputs:parameters:sizes:observer:)`` returns; the reading of
  ///   memory is the plan's.
  /// - Throws: ``ExecutionFault`` when the arrays don't fit, or a kernel gives up.
  package func run(
    inputs: [String: NDArray<Float>], parameters: [NDArray<Float>],
    observer: ((Observation) -> Void)? = nil
  ) throws(ExecutionFault) -> ExecutionResult<Float> {
    for port in plan.graph.inputs {
      guard let array = inputs[port.name] else {
        throw .missingInput(
          port.name, expected: plan.graph.values[port.value].type.description)
      }
      try setInput(port.name, array)
    }
    guard parameters.count == plan.graph.parameters.count else {
      throw .wrongParameterCount(
        expected: plan.graph.parameters.count, found: parameters.count)
    }
    for (index, array) in parameters.enumerated() where !plan.options.external.contains(index) {
      try setParameter(index, array)
    }
    try run()
    if let observer { observe(observer) }
    return result
  }

  /// Outputs, gradients and counts of the last run.
  package var result: ExecutionResult<Float> {
    var result = ExecutionResult<Float>()
    for output in plan.graph.outputs { result.outputs[output.name] = array(of: output.value) }
    result.gradients = plan.graph.gradients.indices.map { gradient($0) }
    result.counters = counters
    result.sizes = plan.sizes
    result.memory = plan.reading
    return result
  }

  private func observe(_ observer: (Observation) -> Void) {
    for (index, node) in plan.graph.nodes.enumerated() {
      for value in node.results {
        guard let view = plan.views[value] else { continue }
        observer(
          Observation(
            node: index, value: value, extents: view.extents, kind: view.kind,
            byteCount: view.byteCount))
      }
    }
  }
}

extension CompiledPlan {
  /// The plan's bytes in the form in which the plain executor reports what it held.
  var reading: MemoryReading {
    var reading = MemoryReading()
    reading.parameterBytes = memory.classes[.weights] ?? 0
    reading.inputBytes = memory.classes[.inputs] ?? 0
    reading.peakBytes = memory.liveBytes.max() ?? 0
    reading.peakStorageBytes = reading.peakBytes
    reading.peakNode = memory.peakInstruction.flatMap { instructions[$0].members.first }
    reading.finalBytes = memory.liveBytes.last ?? 0
    reading.bytesAtNode = memory.liveBytes
    return reading
  }
}
