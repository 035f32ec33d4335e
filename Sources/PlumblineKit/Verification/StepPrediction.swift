// StepPrediction: everything that the analysis says of a step before it runs.
// It is made from a program and sizes alone: nothing of a run can reach it.
import Analysis
import Dimensions
import Execution
import IR

/// What a step will do.
package struct StepPrediction: Sendable {
  /// A value that a node will make.
  package struct Result: Hashable, Sendable {
    package var node: Int
    package var value: Int
    package var phase: Phase
    package var extents: [Int]?
    package var kind: ElementKind
  }

  /// A weight, with its gradient and its part of the optimiser.
  package struct Tensor: Hashable, Sendable {
    package var name: String
    package var extents: [Int]?
    package var elements: Int
    package var bytes: Int
    package var trainable: Bool
    /// Whether the step computes a gradient for it, and so moves it.
    package var moves: Bool
    package var decays: Bool
  }

  package let graph: FlatGraph
  package let sizes: [Symbol: Int]
  package var plan: StepPlan
  package var results: [Result] = []
  package var tensors: [Tensor] = []
  package var totals: ParameterLedger.Totals
  /// Elements that are held like weights, but are no parameters.
  package var buffers: Int {
    graph.parameters.reduce(0) { sum, parameter in
      guard parameter.declaration.isBuffer else { return sum }
      return sum + (parameter.declaration.type.elementCount.constant ?? 0)
    }
  }
  /// Multiply-adds by operation and phase, from the folded program.
  package var multiplyAdds: [OperationUse: Int128] = [:]
  /// The same over the unfolded list of operations, by phase.
  package var unfolded: [Phase: Int128] = [:]
  /// How often each operation runs forward, from the folded program.
  package var applications: [String: Int128] = [:]
  package var memory: MemoryPrediction
  /// Work of one forward pass, elementwise operations among it; for estimates of time.
  package var forwardWork: Double
  /// The number of classes and the spread that the initialiser gives them.
  package var classes: ClassPrediction?

  /// - Parameters:
  ///   - step: the analysed side.
  ///   - sizes: the sizes of its dimensions.
  ///   - plan: the optimiser's step.
  ///   - width: bytes of a real number of the run.
  /// - Throws: ``VerificationRefusal`` when a number does not fit or has no value.
  package init(
    _ step: StepProgram, sizes: [Symbol: Int], plan: StepPlan, width: Int = 4
  ) throws(VerificationRefusal) {
    graph = try step.step()
    self.sizes = sizes
    self.plan = plan
    do throws(MemoryFault) {
      memory = try MemoryPrediction(
        graph, sizes: sizes, optimiser: .init(moments: plan.optimiser.moments, width: width))
    } catch {
      throw VerificationRefusal(error.message)
    }
    do throws(AnalysisError) {
      let ledger = try ParameterLedger(step.program)
      totals = ledger.totals
      let report = try CostReport(step.program, of: step.loss, backward: step.root)
      forwardWork = Double(report.forward.multiplyAdds.evaluate(sizes) ?? .max)
      forwardWork += Double(report.forward.elementwise.evaluate(sizes) ?? .max)
      try count(step, report)
      tensors = try StepPrediction.tensors(ledger, graph, plan)
    } catch {
      throw VerificationRefusal(error.message)
    }
    predictResults()
    classes = ClassPrediction(graph, sizes: sizes)
  }

  private mutating func predictResults() {
    // Polynomials are evaluated once for each type: a deep model repeats a few.
    var known: [TensorType: [Int]?] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for value in node.results {
        let type = graph.values[value].type
        let extents = known[type] ?? type.extents(sizes)
        known[type] = .some(extents)
        results.append(
          Result(
            node: index, value: value, phase: node.phase, extents: extents,
            kind: type.element.kind))
      }
    }
  }

  private static func tensors(
    _ ledger: ParameterLedger, _ graph: FlatGraph, _ plan: StepPlan
  ) throws(AnalysisError) -> [Tensor] {
    try ledger.unfoldedWeights(limit: ParameterLedger.tensorLimit).enumerated().map {
      index, weight in
      let type = weight.declaration.type
      let hasGradient = graph.gradients.indices.contains(index) && graph.gradients[index] != nil
      return Tensor(
        name: weight.name, extents: type.extents([:]), elements: type.elementCount.constant ?? 0,
        bytes: type.byteCount.constant ?? 0, trainable: weight.declaration.trainable,
        moves: weight.declaration.trainable && hasGradient,
        decays: plan.decays(weight.name, weight.declaration))
    }
  }

  private mutating func count(
    _ step: StepProgram, _ report: CostReport
  ) throws(AnalysisError) {
    for (name, count) in report.forward.operations {
      multiplyAdds[OperationUse(name, .forward)] = count.evaluate(sizes)
    }
    for (name, count) in report.backward?.operations ?? [:] {
      multiplyAdds[OperationUse(name, .backward)] = count.evaluate(sizes)
    }
    var sums: [Phase: Dimension] = [:]
    for node in graph.nodes {
      let cost = node.operation.cost(
        of: node.operands.map { graph.values[$0].type },
        results: node.results.map { graph.values[$0].type })
      sums[node.phase, default: 0] += cost.multiplyAdds
    }
    unfolded = sums.compactMapValues { $0.evaluate(sizes) }
    let calls = try Applications(of: step.loss, in: step.program)
    var runs: [String: Dimension] = [:]
    for call in calls.forward {
      for node in step.program[call.function].nodes {
        guard case .operation(let operation) = node.kind else { continue }
        runs[operation.name, default: 0] += call.times
      }
    }
    applications = runs.compactMapValues(\.wideConstant)
  }

  /// The predicted multiply-adds of a pass.
  package func multiplyAdds(in phase: Phase) -> Int128 {
    multiplyAdds.reduce(0) { $1.key.phase == phase ? $0 + $1.value : $0 }
  }

  /// `h.0.attn: scores = divide (node 31)`.
  func name(of result: Result) -> String {
    let node = graph.nodes[result.node]
    let path = graph.path(of: node.scope)
    let name = graph.values[result.value].name.map { "\($0) = " } ?? ""
    return (path.isEmpty ? "" : path + ": ") + name + node.operation.name
      + " (node \(result.node))"
  }
}
