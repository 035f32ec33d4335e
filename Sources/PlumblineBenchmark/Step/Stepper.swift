// Stepper: something that takes training steps.
// The plain executor is one, so that what is fast can be held against what is plainly right.
import Execution
import IR
import Kernels
import Training

/// A model in training on one batch.
protocol Stepper {
  /// Takes a step and returns the loss before it.
  mutating func step() throws -> Double
}

/// The optimiser's settings, the peer's: no decay, no clipping.
enum StepSettings {
  static let training = TrainingSettings(optimiser: OptimiserSettings(rate: 1e-4, decay: 0))
}

/// Steps with the plain executor.
struct PlainStepper: Stepper {
  private var training: TrainingStep<Float>
  private let batch: TrainingBatch<Float>

  init(_ benchmark: StepBenchmark) throws {
    let graph = benchmark.step.graph
    training = try TrainingStep(
      graph: graph, parameters: Initialisation(seed: 1).parameters(of: graph),
      settings: StepSettings.training)
    batch = TrainingBatch(try benchmark.inputs())
  }

  mutating func step() throws -> Double {
    try training.step([batch]).loss
  }
}
