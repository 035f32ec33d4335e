// Runner: a forward pass, its gradients and AdamW steps, on weights and inputs from files.
// The library form of `plumbline run`; numbers come out under the weights file's names.
import Diagnostics
import Execution
import IR
import Interchange
import Kernels
import Language
import Training

/// Runs models.
package enum Runner {
  /// Runs a model as the options say.
  ///
  /// - Throws: ``RunFailure`` when model, weights and inputs don't fit each other.
  package static func run(
    _ model: ElaboratedModel, _ options: RunOptions
  ) throws(RunFailure) -> RunReport {
    switch options.precision {
    case .single: try Run<Float>(model.program, options).report
    case .double: try Run<Double>(model.program, options).report
    }
  }
}

/// One run in one type of numbers.
private struct Run<Scalar: SafetensorsScalar> {
  private let options: RunOptions
  private let inputs: StepInputs
  private let step: StepGraph
  private var weights: StepWeights<Scalar>
  private(set) var report = RunReport()

  init(_ program: Program, _ options: RunOptions) throws(RunFailure) {
    self.options = options
    inputs = try StepInputs(path: options.inputs, renamed: options.renamed)
    step = try StepGraph(
      program, Self.part(of: program, options, inputs),
      isFused: options.engine != .plain && Scalar.self == Float.self)
    let batch: [String: NDArray<Scalar>] = try inputs.arrays(
      for: step.graph, prefix: options.prefix)
    report.warnings = inputs.unused(by: step.graph, prefix: options.prefix)
    weights = StepWeights(names: [])
    // A pass that changes nothing reads the weights where they lie.
    if step.part != .gradients, case .planned(let threads) = options.engine,
      let path = options.weights, let singles = batch as? [String: NDArray<Float>]
    {
      try runMapped(path, singles, threads)
      return
    }
    if let path = options.weights {
      weights = try StepWeights(reading: path, for: step)
    } else {
      weights = try StepWeights(initialising: step, seed: options.seed)
    }
    try first(batch)
    if options.steps > 0 { try train(first: batch) }
  }

  /// The least that gives what is asked for; the loss comes along where the targets are given.
  private static func part(
    of program: Program, _ options: RunOptions, _ inputs: StepInputs
  ) -> StepPart {
    if options.gradients || options.steps > 0 { return .gradients }
    guard let loss = program.loss else { return .forward }
    let names = Set(inputs.names(under: options.prefix))
    // A measure that needs no targets is none of the model's own.
    let own = program.entry.map { program[$0].inputNames } ?? []
    guard Set(program[loss].inputNames) != Set(own) else { return .forward }
    let wanted = program[loss].inputNames.map { options.renamed[$0] ?? $0 }
    return wanted.allSatisfy { names.contains($0) || ImpliedInputs.value(of: $0) != nil }
      ? .loss : .forward
  }

  private mutating func runMapped(
    _ path: String, _ inputs: [String: NDArray<Float>], _ threads: Int
  ) throws(RunFailure) {
    let run = try MappedRun(step, weights: path, inputs: inputs, threads: threads)
    weights = StepWeights(names: run.names)
    report.mappedWeights = run.mappedWeights
    guard let result = run.result as? ExecutionResult<Scalar> else {
      preconditionFailure("a run in f32 made \(Scalar.self)")
    }
    add(result)
    if let loss = report.loss { report.tensors.append(numbers("loss", [loss])) }
  }

  // MARK: The first batch

  private mutating func first(_ batch: [String: NDArray<Scalar>]) throws(RunFailure) {
    // Accumulated gradients come from the parts; the outputs are those of the whole batch.
    let whole =
      options.accumulate > 1 && step.part == .gradients
      ? try StepGraph(step.program, .loss) : step
    let result: ExecutionResult<Scalar>
    do throws(ExecutionFault) {
      result = try GraphExecutor<Scalar>(whole.graph, engine: options.engine)
        .run(inputs: batch, parameters: weights.arrays)
    } catch {
      throw RunFailure(error)
    }
    add(result)
    var gradients = result.gradients
    if options.accumulate > 1, step.part == .gradients {
      let trainer = try trainer()
      let parts = try micro(batch)
      do throws(TrainingFault) {
        let sum = try trainer.gradients(of: parts)
        report.loss = sum.loss
        gradients = sum.values
      } catch {
        throw RunFailure(error)
      }
    }
    if let loss = report.loss { report.tensors.append(numbers("loss", [loss])) }
    guard options.gradients else { return }
    for (name, gradient) in zip(weights.names, gradients) {
      if let gradient { report.tensors.append(tensor("grads/" + name, gradient)) }
    }
  }

  /// Reports the outputs of the first batch.
  private mutating func add(_ result: ExecutionResult<Scalar>) {
    report.multiplyAdds = result.counters.totalMultiplyAdds
    for output in step.graph.outputs {
      guard let array = result.outputs[output.name] else { continue }
      if output.name == "loss" {
        report.loss = array.reals.first.map { Double($0) }
      } else {
        report.tensors.append(tensor(output.name, array))
      }
    }
  }

  // MARK: Steps

  private mutating func train(first batch: [String: NDArray<Scalar>]) throws(RunFailure) {
    let prefixes = inputs.batches(from: options.prefix)
    var trainer = try trainer()
    let trained = step.graph.gradients.map { $0 != nil }
    for number in 1...options.steps {
      let prefix = prefixes[(number - 1) % prefixes.count]
      let own: [String: NDArray<Scalar>] =
        prefix == options.prefix
        ? batch : try inputs.arrays(for: step.graph, prefix: prefix)
      let parts = try micro(own)
      do throws(TrainingFault) {
        let done = try trainer.step(parts)
        report.losses.append(done.loss)
        report.norms.append(done.gradientNorm)
      } catch {
        throw RunFailure(error)
      }
      for (index, name) in weights.names.enumerated() where trained[index] {
        report.tensors.append(
          tensor("parameters/step\(number)/\(name)", trainer.parameters[index]))
      }
    }
    report.tensors.append(numbers("losses", report.losses))
  }

  private func trainer() throws(RunFailure) -> TrainingStep<Scalar> {
    var settings = TrainingSettings(
      optimiser: options.optimiser, clipping: options.clip.map { GradientClipping(globalNorm: $0) },
      accumulation: options.accumulation == .tokenWeighted
        ? .asOneBatch(step.graph) : options.accumulation)
    settings.engine = options.engine
    let decayed = step.graph.parameters.map { parameter in
      options.decay == .all || parameter.declaration.type.rank >= 2
    }
    do throws(TrainingFault) {
      return try TrainingStep(
        graph: step.graph, parameters: weights.arrays, decayed: decayed, settings: settings)
    } catch {
      throw RunFailure(error)
    }
  }

  private func micro(
    _ batch: [String: NDArray<Scalar>]
  ) throws(RunFailure) -> [TrainingBatch<Scalar>] {
    try MicroBatches.cut(batch, of: step.graph, into: options.accumulate)
  }

  // MARK: Tensors

  private func numbers(_ name: String, _ values: [Double]) -> SafetensorsTensor {
    Scalar.tensor(name, shape: [values.count], values.map { Scalar($0) })
  }

  private func tensor(_ name: String, _ array: NDArray<Scalar>) -> SafetensorsTensor {
    switch array.payload {
    case .real(let values): Scalar.tensor(name, shape: array.extents, values)
    case .index(let values):
      SafetensorsTensor(name: name, shape: array.extents, integers: values)
    case .mask(let values):
      SafetensorsTensor(
        name: name, shape: array.extents, dtype: .bool, bytes: values.map { $0 ? 1 : 0 })
    }
  }
}

/// The types that a run computes in, as the format stores them.
private protocol SafetensorsScalar: KernelScalar {
  static func tensor(_ name: String, shape: [Int], _ values: [Self]) -> SafetensorsTensor
}

extension Float: SafetensorsScalar {
  fileprivate static func tensor(
    _ name: String, shape: [Int], _ values: [Float]
  ) -> SafetensorsTensor {
    SafetensorsTensor(name: name, shape: shape, floats: values)
  }
}

extension Double: SafetensorsScalar {
  fileprivate static func tensor(
    _ name: String, shape: [Int], _ values: [Double]
  ) -> SafetensorsTensor {
    SafetensorsTensor(name: name, shape: shape, doubles: values)
  }
}
