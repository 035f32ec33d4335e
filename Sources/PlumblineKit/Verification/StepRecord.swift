// StepRecord: everything that a real step showed: extents, counters, bytes, numbers.
// It knows the graph that ran and arrays; no predicted type reaches what it reports.
import Dimensions
import Execution
import IR
import Kernels
import Training

/// A step that ran, or as much of it as did.
package struct StepRecord<Scalar: KernelScalar>: Sendable {
  /// One weight before and after, with what moved it.
  package struct Tensor: Sendable {
    package var name: String
    package var before: NDArray<Scalar>
    package var gradient: NDArray<Scalar>?
    package var after: NDArray<Scalar>?
    /// The first moment, or the momentum of SGD.
    package var first: [Scalar]?
    package var second: [Scalar]?
  }

  package internal(set) var observations: [Observation] = []
  package var tensors: [Tensor] = []
  package internal(set) var counters = ExecutionCounters()
  package internal(set) var memory = MemoryReading()
  package internal(set) var sizes: [Symbol: Int] = [:]
  package internal(set) var loss: Double?
  package internal(set) var lossAfter: Double?
  package internal(set) var optimiserBytes = 0
  /// Why the run stopped before its end.
  package internal(set) var fault: String?

  /// Runs forward, backward and one step of the optimiser, then the loss once more.
  ///
  /// - Parameters:
  ///   - step: the side that runs.
  ///   - plan: the optimiser's step.
  ///   - seed: of the weights and the inputs.
  ///   - sizes: the sizes of the dimensions, from which inputs are made.
  ///   - progress: is told what is being done.
  /// - Throws: ``VerificationRefusal`` when weights or inputs can't be made at all; what fails
  ///   afterwards is recorded.
  package init(
    running step: StepProgram, plan: StepPlan, seed: UInt64, sizes: [Symbol: Int],
    progress: @escaping (String) -> Void = { _ in }
  ) throws(VerificationRefusal) {
    let graph = try step.step()
    let forward = try step.forward()
    let parameters: [NDArray<Scalar>]
    progress("initialising \(graph.parameters.count) weights")
    do throws(ExecutionFault) {
      parameters = try Initialisation(seed: seed).parameters(of: graph)
    } catch {
      throw VerificationRefusal("the weights can't be made: \(error)")
    }
    let inputs: [String: NDArray<Scalar>] = try SampleInputs(graph, sizes: sizes).draw(seed: seed)
    tensors = zip(graph.parameters, parameters).map { Tensor(name: $0.name, before: $1) }
    do throws(TrainingFault) {
      var training = try TrainingStep(
        graph: graph, parameters: parameters,
        decayed: graph.parameters.map { plan.decays($0.name, $0.declaration) },
        settings: plan.settings)
      try run(&training, inputs, graph, progress)
      progress("running forward with the new weights")
      lossAfter = try forwardLoss(of: forward, inputs, training.parameters)
    } catch {
      fault = error.description
    }
  }

  private mutating func run(
    _ training: inout TrainingStep<Scalar>, _ inputs: [String: NDArray<Scalar>],
    _ graph: FlatGraph, _ progress: @escaping (String) -> Void
  ) throws(TrainingFault) {
    var seen: [Observation] = []
    seen.reserveCapacity(graph.nodes.count)
    defer { observations = seen }
    let total = graph.nodes.count
    let gradients = try training.gradients(of: [TrainingBatch(inputs)]) { observation in
      seen.append(observation)
      if observation.node % 64 == 0 {
        progress("running the step: operation \(observation.node) of \(total)")
      }
    }
    counters = gradients.counters
    memory = gradients.memory
    loss = gradients.loss
    for index in tensors.indices { tensors[index].gradient = gradients.values[index] }
    progress("stepping the optimiser")
    let report = try training.apply(gradients)
    optimiserBytes = report.optimiserBytes
    for index in tensors.indices {
      tensors[index].after = training.parameters[index]
      let state = training.optimiser.state(of: index)
      tensors[index].first = state?.first
      tensors[index].second = state?.dropFirst().first
    }
  }

  private func forwardLoss(
    of graph: FlatGraph, _ inputs: [String: NDArray<Scalar>], _ parameters: [NDArray<Scalar>]
  ) throws(TrainingFault) -> Double? {
    do throws(ExecutionFault) {
      let result = try Executor<Scalar>(graph).run(inputs: inputs, parameters: parameters)
      return result.outputs["loss"]?.reals.first.map { Double($0) }
    } catch {
      throw .execution(error)
    }
  }
}
