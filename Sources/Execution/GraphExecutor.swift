// GraphExecutor: one graph, run by the engine that was chosen.
// The one switch between the plain executor, which is the reference, and planned steps.
import Dimensions
import IR
import Kernels

/// How graphs are run.
package enum Engine: Hashable, Sendable {
  /// Node by node with the plain kernels: the reference.
  case plain
  /// As planned steps with the fast kernels; numbers in f64 are computed plainly.
  case planned(threads: Int)
}

/// Runs one graph, as often as asked.
package struct GraphExecutor<Scalar: KernelScalar>: Sendable {
  package var graph: FlatGraph { plain.graph }
  private let plain: Executor<Scalar>
  private let planned: PlannedExecutor?

  /// - Throws: ``ExecutionFault`` when the graph is malformed or holds an element type that can't
  ///   be computed.
  package init(_ graph: FlatGraph, engine: Engine = .plain) throws(ExecutionFault) {
    plain = try Executor(graph)
    switch engine {
    case .planned(let threads) where Scalar.self == Float.self:
      var options = StepOptions()
      options.workers = max(1, threads)
      planned = try PlannedExecutor(graph, options: options)
    case .plain, .planned: planned = nil
    }
  }

  /// Runs the graph; see ``Executor/run(inputs:parameters:sizes:observer:)``.
  ///
  /// A planned step shows an observer only the values that exist in it.
  package func run(
    inputs: [String: NDArray<Scalar>], parameters: [NDArray<Scalar>],
    sizes: [Symbol: Int] = [:], observer: ((Observation) -> Void)? = nil
  ) throws(ExecutionFault) -> ExecutionResult<Scalar> {
    guard let planned, let ownInputs = inputs as? [String: NDArray<Float>],
      let ownParameters = parameters as? [NDArray<Float>]
    else {
      return try plain.run(
        inputs: inputs, parameters: parameters, sizes: sizes, observer: observer)
    }
    let result = try planned.run(
      inputs: ownInputs, parameters: ownParameters, sizes: sizes, observer: observer)
    guard let result = result as? ExecutionResult<Scalar> else {
      preconditionFailure("a planned step was chosen for \(Scalar.self)")
    }
    return result
  }
}
