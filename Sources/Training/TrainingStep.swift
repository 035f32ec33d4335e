// TrainingStep: weights, optimiser and executor of one model, advanced step by step.
// Data, epochs and checkpoints live outside; a step sees only arrays by name.
import Execution
import IR
import Kernels
import Schedules

/// What a step needs to know beside the graph.
package struct TrainingSettings: Hashable, Sendable {
  package var optimiser: OptimiserSettings
  /// The learning rate step by step; `nil` keeps the optimiser's.
  package var schedule: Schedule?
  package var clipping: GradientClipping?
  package var accumulation: GradientAccumulation
  /// The name of the graph's output that is minimised.
  package var loss: String
  /// What runs the graph.
  package var engine = Engine.plain

  package init(
    optimiser: OptimiserSettings = OptimiserSettings(), schedule: Schedule? = nil,
    clipping: GradientClipping? = nil, accumulation: GradientAccumulation = .meanOfMeans,
    loss: String = "loss"
  ) {
    self.optimiser = optimiser
    self.schedule = schedule
    self.clipping = clipping
    self.accumulation = accumulation
    self.loss = loss
  }
}

/// Loss and gradients of one or several micro-batches.
package struct StepGradients<Scalar: KernelScalar>: Sendable {
  package internal(set) var loss: Double
  /// For each parameter of the graph; `nil` for a frozen or unused one.
  package internal(set) var values: [NDArray<Scalar>?]
  /// The names, in the same order.
  package let names: [String]
  package internal(set) var counters = ExecutionCounters()
  /// The reading of the micro-batch with the highest peak.
  package internal(set) var memory = MemoryReading()

  /// The gradient of a weight, by its path.
  package subscript(name: String) -> NDArray<Scalar>? {
    names.firstIndex(of: name).flatMap { values[$0] }
  }

  /// The bytes that the gradients occupy.
  package var byteCount: Int { values.reduce(0) { $0 + ($1?.byteCount ?? 0) } }
}

/// What one step did.
package struct StepReport: Hashable, Sendable {
  /// The number of the step, counted from zero.
  package var step: Int
  package var loss: Double
  /// Before clipping.
  package var gradientNorm: Double
  package var rate: Double
  package var parameterBytes: Int
  package var gradientBytes: Int
  package var optimiserBytes: Int
  /// Gradients kept beside those of the running micro-batch; 0 without accumulation.
  package var accumulatorBytes: Int
  package var counters: ExecutionCounters
  package var memory: MemoryReading
}

/// A model in training.
package struct TrainingStep<Scalar: KernelScalar>: Sendable {
  package let executor: GraphExecutor<Scalar>
  package let settings: TrainingSettings
  /// The weights, in the graph's order.
  package private(set) var parameters: [NDArray<Scalar>]
  package private(set) var optimiser: Optimiser<Scalar>
  private let names: [String]

  /// - Parameters:
  ///   - graph: the loss with its backward pass.
  ///   - parameters: the first weights, in the graph's order.
  ///   - decayed: for each weight, whether it decays; all do unless told.
  ///   - settings: optimiser, schedule, clipping and accumulation.
  /// - Throws: ``TrainingFault`` when settings, graph and weights don't fit each other.
  package init(
    graph: FlatGraph, parameters: [NDArray<Scalar>], decayed: [Bool]? = nil,
    settings: TrainingSettings = TrainingSettings()
  ) throws(TrainingFault) {
    try settings.clipping?.check()
    do throws(ExecutionFault) {
      executor = try GraphExecutor(graph, engine: settings.engine)
    } catch {
      throw .execution(error)
    }
    guard graph.outputs.contains(where: { $0.name == settings.loss }) else {
      throw .missingLoss(name: settings.loss, outputs: graph.outputs.map(\.name))
    }
    guard graph.gradients.count == graph.parameters.count else {
      throw .wrongCount(
        of: "gradients", expected: graph.parameters.count, found: graph.gradients.count)
    }
    for (parameter, gradient) in zip(graph.parameters, graph.gradients)
    where gradient != nil && !parameter.declaration.trainable {
      throw .gradientOfFrozen(parameter.name)
    }
    self.settings = settings
    self.parameters = parameters
    names = graph.parameters.map(\.name)
    optimiser = try Optimiser(
      settings.optimiser, for: parameters, trained: graph.gradients.map { $0 != nil },
      decayed: decayed ?? graph.parameters.map { _ in true })
  }

  /// The number of steps taken, which is the number of the next one.
  package var step: Int { optimiser.steps }

  /// The learning rate of the next step.
  package var rate: Double { settings.schedule?.rate(at: step) ?? settings.optimiser.rate }

  /// The bytes of the weights, frozen ones among them.
  package var parameterBytes: Int { parameters.reduce(0) { $0 + $1.byteCount } }

  /// A weight, by its path.
  package subscript(parameter name: String) -> NDArray<Scalar>? {
    names.firstIndex(of: name).map { parameters[$0] }
  }

  /// Replaces a weight by one of the same extents.
  ///
  /// - Throws: ``TrainingFault`` for an unknown name and for other extents.
  package mutating func replace(
    parameter name: String, with array: NDArray<Scalar>
  ) throws(TrainingFault) {
    guard let index = names.firstIndex(of: name) else { throw .unknownParameter(name) }
    guard parameters[index].extents == array.extents, parameters[index].count == array.count,
      case .real = array.payload
    else {
      throw .kernel(
        KernelFault(
          "parameter '\(name)': expected extents \(parameters[index].extents), "
            + "found \(array.extents)"))
    }
    parameters[index] = array
  }

  /// Takes one step of the optimiser over micro-batches.
  ///
  /// - Throws: ``TrainingFault``; then no weight and no moment has changed.
  package mutating func step(
    _ batches: [TrainingBatch<Scalar>], observer: ((Observation) -> Void)? = nil
  ) throws(TrainingFault) -> StepReport {
    try apply(gradients(of: batches, observer: observer), accumulated: batches.count > 1)
  }

  /// Takes one step of the optimiser with gradients that were computed from the present weights.
  ///
  /// - Parameters:
  ///   - gradients: before clipping.
  ///   - accumulated: whether they are the sum of several micro-batches.
  /// - Returns: what the step did.
  /// - Throws: ``TrainingFault``; then no weight and no moment has changed.
  package mutating func apply(
    _ gradients: StepGradients<Scalar>, accumulated: Bool = false
  ) throws(TrainingFault) -> StepReport {
    var gradients = gradients
    let norm =
      if let clipping = settings.clipping {
        try clipping.clip(&gradients.values)
      } else {
        GradientClipping.norm(of: gradients.values)
      }
    let report = StepReport(
      step: step, loss: gradients.loss, gradientNorm: Double(norm), rate: rate,
      parameterBytes: parameterBytes, gradientBytes: gradients.byteCount,
      optimiserBytes: optimiser.stateBytes,
      accumulatorBytes: accumulated ? gradients.byteCount : 0,
      counters: gradients.counters, memory: gradients.memory)
    try optimiser.update(&parameters, gradients: gradients.values, rate: rate)
    return report
  }

  /// The loss of the micro-batches and its gradients, without a step.
  package func gradients(
    of batches: [TrainingBatch<Scalar>], observer: ((Observation) -> Void)? = nil
  ) throws(TrainingFault) -> StepGradients<Scalar> {
    let weights = try settings.accumulation.weights(keptTargets: batches.map(\.keptTargets))
    var total = StepGradients<Scalar>(
      loss: 0, values: names.map { _ in nil }, names: names)
    for (batch, weight) in zip(batches, weights) where weight > 0 {
      // A micro-batch without weight is left out: its mean over nothing would be NaN.
      var (loss, own) = try run(batch, into: &total, observer: observer)
      total.loss += loss * weight
      try accumulate(&own, weight: Scalar(weight), into: &total.values)
    }
    return total
  }

  /// The loss of a batch with the present weights.
  package func loss(of batch: TrainingBatch<Scalar>) throws(TrainingFault) -> Double {
    var total = StepGradients<Scalar>(loss: 0, values: [], names: names)
    return try run(batch, into: &total, observer: nil).loss
  }

  private func run(
    _ batch: TrainingBatch<Scalar>, into total: inout StepGradients<Scalar>,
    observer: ((Observation) -> Void)?
  ) throws(TrainingFault) -> (loss: Double, gradients: [NDArray<Scalar>?]) {
    let result: ExecutionResult<Scalar>
    do throws(ExecutionFault) {
      result = try executor.run(inputs: batch.inputs, parameters: parameters, observer: observer)
    } catch {
      throw .execution(error)
    }
    total.counters.add(result.counters)
    if result.memory.peakBytes >= total.memory.peakBytes { total.memory = result.memory }
    guard let loss = result.outputs[settings.loss], loss.count == 1, let value = loss.reals.first
    else {
      throw .lossIsNoScalar(
        name: settings.loss, extents: result.outputs[settings.loss]?.extents ?? [])
    }
    return (Double(value), result.gradients)
  }

  /// Adds gradients to the sums, emptying the list so that each array has one owner.
  private func accumulate(
    _ gradients: inout [NDArray<Scalar>?], weight: Scalar, into sums: inout [NDArray<Scalar>?]
  ) throws(TrainingFault) {
    do throws(KernelFault) {
      for index in gradients.indices {
        guard var gradient = gradients[index] else { continue }
        gradients[index] = nil
        if var sum = sums[index] {
          sums[index] = nil
          try sum.withMutableReals { elements throws(KernelFault) in
            try OptimiserKernels.add(gradient.reals, times: weight, to: &elements)
          }
          sums[index] = sum
        } else {
          if weight != 1 {
            try gradient.withMutableReals { elements throws(KernelFault) in
              OptimiserKernels.scale(&elements, by: weight)
            }
          }
          sums[index] = gradient
        }
      }
    } catch {
      throw .kernel(error)
    }
  }
}
