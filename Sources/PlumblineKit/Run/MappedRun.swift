// MappedRun: a forward pass on weights that stay in their file, by the compiled executor.
// Apart from the runner, whose other ways need weights of their own, because they change them.
import Dimensions
import Execution
import IR
import Interchange
import Kernels

/// One forward pass in f32 that reads weights where they lie.
struct MappedRun {
  let result: ExecutionResult<Float>
  /// What the weights file calls each weight.
  let names: [String]
  /// How many weights were used without a copy.
  let mappedWeights: Int

  /// - Throws: ``RunFailure`` when weights or inputs don't fit the model.
  init(
    _ step: StepGraph, weights path: String, inputs: [String: NDArray<Float>], threads: Int
  ) throws(RunFailure) {
    if path.hasSuffix(".gguf") {
      try self.init(step, WeightsOpening.gguf(path), inputs, threads)
    } else {
      try self.init(step, WeightsOpening.safetensors(path), inputs, threads)
    }
  }

  private init<File: WeightsFile & ~Copyable>(
    _ step: StepGraph, _ file: borrowing File, _ inputs: [String: NDArray<Float>], _ threads: Int
  ) throws(RunFailure) {
    precondition(step.part != .gradients, "weights that are only read have no gradients")
    var external: [Int: ExternalWeight] = [:]
    let tensors = try WeightFindings.tensors(of: file, for: step)
    names = zip(tensors, step.weights).map { $0 ?? $1.name }
    var arrays: [Int: NDArray<Float>] = [:]
    for index in tensors.indices where tensors[index] == nil {
      arrays[index] = try step.implied(index)
    }
    do throws(SafetensorsError) {
      for (index, name) in tensors.enumerated() {
        guard let name, let place = try file.place(name), let start = place.baseAddress else {
          continue
        }
        external[index] = ExternalWeight(
          start, bytes: place.count * MemoryLayout<Float>.stride)
      }
    } catch {
      throw RunFailure(error)
    }
    mappedWeights = external.count
    do throws(ExecutionFault) {
      let compiled = try Self.compiled(step, inputs, external, threads)
      for (name, array) in inputs.sorted(by: { $0.key < $1.key }) {
        try compiled.setInput(name, array)
      }
      for (index, weight) in step.weights.enumerated() where external[index] == nil {
        if let implied = arrays[index] {
          try compiled.setParameter(index, implied)
        } else {
          let copy = try Self.copy(names[index], weight.shape, of: file)
          try compiled.setParameter(index, copy)
        }
      }
      try compiled.run()
      result = compiled.result
    } catch {
      throw RunFailure(error)
    }
    // The step has read its last byte; the caller has kept the file mapped until here.
  }

  private static func compiled(
    _ step: StepGraph, _ inputs: [String: NDArray<Float>], _ external: [Int: ExternalWeight],
    _ threads: Int
  ) throws(ExecutionFault) -> CompiledStep {
    var inference = SizeInference()
    for port in step.graph.inputs {
      let type = step.graph.values[port.value].type
      guard let array = inputs[port.name] else {
        throw .missingInput(port.name, expected: type.description)
      }
      try inference.read(array, as: .input(port.name), declared: type)
    }
    try inference.finish()
    var options = StepOptions()
    options.workers = max(threads, 1)
    options.external = Set(external.keys)
    let plan = try StepCompiler(options).compile(step.graph, sizes: inference.sizes)
    return try CompiledStep(
      plan, pool: ThreadPool(threads: options.workers), external: external)
  }

  private static func copy(
    _ name: String, _ shape: [Int], of file: borrowing some WeightsFile & ~Copyable
  ) throws(ExecutionFault) -> NDArray<Float> {
    do throws(SafetensorsError) {
      return NDArray(extents: shape, real: try file.floats(name))
    } catch {
      throw .malformedGraph(error.description)
    }
  }
}
