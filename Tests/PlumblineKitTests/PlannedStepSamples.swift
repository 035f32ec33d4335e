// PlannedStepSamples: whole models as graphs with seeded weights and inputs, for planned steps.
// Small enough for the plain kernels in a debug build.
import Dimensions
import Execution
import IR
import Kernels

@testable import PlumblineKit

/// A model, its sizes, and what a run of it needs.
struct PlannedStepSample {
  static let paths = [
    "Fixtures/numeric/1_gpt2", "Fixtures/models/encoder-decoder-tiny.model",
    "Fixtures/models/gpt2-lora-tiny.model",
  ]

  /// As it was read.
  let program: Program
  let graph: FlatGraph
  let inputs: [String: NDArray<Float>]
  let parameters: [NDArray<Float>]
  let sizes: [Symbol: Int]

  /// The sizes that are not given are small primes.
  init(
    _ path: String, sizes: [String: Int] = [:], part: StepPart = .gradients, seed: UInt64 = 7
  ) throws {
    let loaded = try Workspace.load(Fixture.path(path))
    guard let model = loaded.model else { throw MissingTensor(name: path) }
    program = model.program
    let step = try StepGraph(program, part)
    graph = step.graph
    let given = Dictionary(uniqueKeysWithValues: sizes.map { (Symbol($0.key), $0.value) })
    self.sizes = try SampleSizes(step.program, given: given).sizes
    inputs = try SampleInputs(graph, sizes: self.sizes).draw(seed: seed)
    parameters = try Initialisation(seed: seed).parameters(of: graph)
  }

  /// The plain executor's values, all of them.
  func plain() throws -> ExecutionResult<Float> {
    try Executor<Float>(graph).run(inputs: inputs, parameters: parameters)
  }

  /// A step with everything in place to run.
  func step(_ options: StepOptions) throws -> CompiledStep {
    let plan = try StepCompiler(options).compile(graph, sizes: sizes)
    let step = try CompiledStep(plan, pool: ThreadPool(threads: options.workers))
    for (name, array) in inputs { try step.setInput(name, array) }
    for (index, array) in parameters.enumerated() { try step.setParameter(index, array) }
    return step
  }
}
