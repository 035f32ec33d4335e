// KeptTargets: over how many targets a loss takes its mean, counted on the data.
// The loss says how its targets come from the inputs, so a shift by one is counted as it runs.
import Dimensions
import Execution
import IR
import Kernels

/// Counts the targets of a cross-entropy that are not ignored.
package struct KeptTargets: Sendable {
  /// The part of the graph that makes the targets.
  private let graph: FlatGraph
  /// The target that counts for nothing.
  let ignore: Int

  /// Finds the targets; `nil` when the loss is no mean cross-entropy, or they depend on weights.
  ///
  /// - Parameter graph: a step with a loss.
  package init?(_ graph: FlatGraph) {
    guard let loss = graph.outputs.first(where: { $0.name == "loss" })?.value,
      let node = graph.nodes.first(where: { $0.results.contains(loss) }),
      node.operation.name == "cross_entropy", node.operands.count == 2,
      node.operation.attributes.string("reduction") != "sum"
    else { return nil }
    ignore = node.operation.attributes.integer("ignore") ?? -100
    var needed: Set<Int> = [node.operands[1]]
    var nodes: [FlatNode] = []
    for candidate in graph.nodes.reversed()
    where candidate.results.contains(where: needed.contains) {
      needed.formUnion(candidate.operands)
      nodes.append(candidate)
    }
    guard !graph.parameters.contains(where: { needed.contains($0.value) }) else { return nil }
    var part = graph
    part.nodes = nodes.reversed()
    part.inputs = graph.inputs.filter { needed.contains($0.value) }
    part.parameters = []
    part.gradients = []
    part.outputs = [FlatPort(name: "targets", value: node.operands[1])]
    self.graph = part
  }

  /// The number of targets that count, for the inputs of a step.
  ///
  /// - Throws: ``RunFailure`` when the inputs don't fit.
  package func count<Scalar: KernelScalar>(
    _ inputs: [String: NDArray<Scalar>], sizes: [Symbol: Int]
  ) throws(RunFailure) -> Int {
    try targets(inputs, sizes: sizes).reduce(0) { Int($1) == ignore ? $0 : $0 + 1 }
  }

  /// The targets as they reach the loss, row by row.
  ///
  /// - Throws: ``RunFailure`` when the inputs don't fit.
  func targets<Scalar: KernelScalar>(
    _ inputs: [String: NDArray<Scalar>], sizes: [Symbol: Int]
  ) throws(RunFailure) -> [Int32] {
    let own = inputs.filter { name, _ in graph.inputs.contains { $0.name == name } }
    do throws(ExecutionFault) {
      let result = try Executor<Scalar>(graph).run(inputs: own, parameters: [], sizes: sizes)
      return result.outputs["targets"].map { Array($0.indices) } ?? []
    } catch {
      throw RunFailure(error)
    }
  }
}
