// PlannedExecutor: runs graphs as planned steps, keeping one step for the sizes that it met last.
// Apart from the step, which has one set of sizes and cannot be shared between threads.
import Dimensions
import IR
import Kernels
import Synchronization

/// Runs one graph in f32, as often as asked.
///
/// A class, because memory and threads have an identity; the lock makes callers wait for each other.
package final class PlannedExecutor: Sendable {
  package let graph: FlatGraph
  private let options: StepOptions
  private let checker: Executor<Float>
  private let step = Mutex<Held?>(nil)

  /// A step behind the lock.
  ///
  /// Sendable although it isn't checked: it is made and used only while the lock is held.
  private struct Held: @unchecked Sendable {
    let step: CompiledStep
  }

  /// - Parameters:
  ///   - graph: what to run.
  ///   - options: how each plan is made; its workers are the threads.
  /// - Throws: ``ExecutionFault`` when the graph is malformed.
  package init(_ graph: FlatGraph, options: StepOptions = StepOptions()) throws(ExecutionFault) {
    self.graph = graph
    self.options = options
    checker = try Executor(graph)
  }

  /// Runs the graph; see ``Executor/run(inputs:parameters:sizes:observer:)``.
  package func run(
    inputs: [String: NDArray<Float>], parameters: [NDArray<Float>],
    sizes: [Symbol: Int] = [:], observer: ((Observation) -> Void)? = nil
  ) throws(ExecutionFault) -> ExecutionResult<Float> {
    let sizes = try checker.sizes(inputs: inputs, parameters: parameters, given: sizes)
    return try step.withLock { held throws(ExecutionFault) -> ExecutionResult<Float> in
      if held?.step.plan.sizes != sizes {
        // Freed first, so that two arenas are never held.
        held = nil
        let plan = try StepCompiler(options).compile(graph, sizes: sizes)
        let pool = ThreadPool(threads: options.workers)
        held = Held(step: try CompiledStep(plan, pool: pool))
      }
      guard let step = held?.step else { preconditionFailure("a step was made and is gone") }
      return try step.run(inputs: inputs, parameters: parameters, observer: observer)
    }
  }
}
