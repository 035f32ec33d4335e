// KeptTargets: over how many targets a loss takes its mean, counted on the data.
// The loss says how its targets come from the inputs, so a shift by one is counted as it runs.
import Dimensions
import Execution
import IR
import Kernels
import Training

/// Counts the targets of a cross-entropy that are not ignored.
package struct KeptTargets: Sendable {
  /// The part of the graph that makes the targets.
  private let graph: FlatGraph
  /// The target that counts for nothing.
  let ignore: Int
  /// How many classes the loss chooses among; `nil` where that depends on a size.
  private let classes: Int?

  /// Finds the targets; `nil` when the loss contains no mean cross-entropy, or several over
  /// different targets, or they depend on weights.
  ///
  /// A loss may scale its cross-entropy or add other terms: the mean inside is still one over the
  /// targets that count.
  /// - Parameter graph: a step with a loss.
  package init?(_ graph: FlatGraph) {
    guard let loss = graph.outputs.first(where: { $0.name == "loss" })?.value else { return nil }
    let means = graph.crossEntropies(below: loss).filter { !$0.sums }
    guard let node = means.first?.node,
      means.allSatisfy({
        $0.node.operands[1] == node.operands[1]
          && $0.node.operation.attributes == node.operation.attributes
      })
    else { return nil }
    ignore = node.operation.attributes.integer("ignore") ?? -100
    classes = graph.values[node.operands[0]].type.shape.last?.constant
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

  /// The number of targets that count, all of which are classes of the loss.
  ///
  /// - Parameters:
  ///   - inputs: of a step.
  ///   - place: where they come from, for the message.
  /// - Returns: how many are not left out.
  /// - Throws: ``RunFailure`` for the first target that is neither a class nor left out.
  func checked<Scalar: KernelScalar>(
    _ inputs: [String: NDArray<Scalar>], of place: String
  ) throws(RunFailure) -> Int {
    let targets = try targets(inputs, sizes: [:])
    if let classes,
      let position = targets.firstIndex(where: {
        Int($0) != ignore && !(0..<classes).contains(Int($0))
      })
    {
      throw RunFailure(
        "index-out-of-range",
        "\(place): target \(targets[position]) is none of the \(classes) classes of the loss",
        facts: [
          .line("target \(position) of \(targets.count); 0 to \(classes - 1) are allowed"),
          .line("\(ignore) leaves a target out"),
        ])
    }
    return targets.reduce(0) { Int($1) == ignore ? $0 : $0 + 1 }
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

extension FlatGraph {
  /// The cross-entropies that a value is made from, and which of them are sums.
  fileprivate func crossEntropies(below value: Int) -> [(node: FlatNode, sums: Bool)] {
    var needed: Set<Int> = [value]
    var found: [(FlatNode, Bool)] = []
    for node in nodes.reversed() where node.results.contains(where: needed.contains) {
      needed.formUnion(node.operands)
      guard node.operation.name == "cross_entropy", node.operands.count == 2 else { continue }
      found.append((node, node.operation.attributes.string("reduction") == "sum"))
    }
    return found
  }
}

extension GradientAccumulation {
  /// How micro-batches are weighed so that they are what one batch of all their rows would be.
  ///
  /// A mean over targets counts by the targets that it keeps; a sum is added to the other sums.
  package static func asOneBatch(_ graph: FlatGraph) -> GradientAccumulation {
    guard let loss = graph.outputs.first(where: { $0.name == "loss" })?.value,
      let node = graph.nodes.first(where: { $0.results.contains(loss) }),
      node.operation.name == "cross_entropy",
      node.operation.attributes.string("reduction") == "sum"
    else { return .tokenWeighted }
    return .sumOfSums
  }
}
