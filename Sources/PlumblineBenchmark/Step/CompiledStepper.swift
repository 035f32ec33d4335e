// CompiledStepper: steps of the planned executor, which is what the benchmark is about.
// Weights and moments live in the step's arena, so taking a step copies nothing.
import Execution
import IR
import Kernels

/// Steps with a plan.
struct CompiledStepper: Stepper {
  let compiled: CompiledStep
  private let loss = "loss"

  init(_ benchmark: StepBenchmark, threads: Int, unfused: Bool = false) throws {
    let graph = benchmark.step.graph
    var options = StepOptions()
    options.workers = threads
    if unfused { options.fusions = [] }
    options.keepsGradients = false
    options.outputs = [loss]
    let settings = StepSettings.training.optimiser
    options.optimiser = OptimiserOptions(
      settings, decayed: graph.parameters.map { _ in false })
    let plan = try StepCompiler(options).compile(graph, sizes: benchmark.sizes)
    compiled = try CompiledStep(plan, pool: ThreadPool(threads: threads))
    let initialisation = Initialisation(seed: 1)
    for (index, parameter) in graph.parameters.enumerated() {
      try compiled.setParameter(
        index, initialisation.array(for: parameter.declaration, named: parameter.name))
    }
    for (name, array) in try benchmark.inputs() { try compiled.setInput(name, array) }
  }

  mutating func step() throws -> Double {
    try compiled.train(rate: StepSettings.training.optimiser.rate)
    return Double(compiled.output(loss)?.reals.first ?? .nan)
  }

  /// Takes a step, and notes the time of each instruction.
  func step(into profile: inout StepProfile) throws {
    try compiled.train(rate: StepSettings.training.optimiser.rate, into: &profile)
  }
}
