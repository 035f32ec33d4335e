// StepCompiler: from an unfolded graph and sizes to a plan: fuse, lower, see what lives how long.
// Nothing here touches memory; the plan is a value that can be printed and compared.
import Dimensions
import IR
import Kernels
import Operations

/// Makes plans.
package struct StepCompiler: Sendable {
  package var options: StepOptions

  package init(_ options: StepOptions = StepOptions()) {
    self.options = options
  }

  /// Plans a step.
  ///
  /// - Parameters:
  ///   - graph: what is computed.
  ///   - sizes: a size for every symbolic dimension.
  /// - Returns: the plan.
  /// - Throws: ``ExecutionFault`` when the graph is malformed, holds an element type that can't be
  ///   computed, or a value that has no size.
  package func compile(
    _ graph: FlatGraph, sizes: [Symbol: Int]
  ) throws(ExecutionFault) -> CompiledPlan {
    _ = try ExecutionPlan(graph)
    var plan = PlanGraph(
      graph, extents: try StepCompiler.extents(graph, sizes), isKept: isKept(graph))
    if !options.keepsEverything, !options.plainOnly {
      for rule in options.fusions {
        rule.apply(to: &plan)
        plan.compact()
      }
    }
    var lowering = Lowering(plan: plan, sizes: sizes, kernels: options.kernels)
    lowering.keepsRows = options.keepsRows
    lowering.supply()
    var recomputation = Recomputation(plan)
    for position in plan.nodes.indices {
      lowering.position = position
      if options.recomputes, !options.keepsEverything, !options.plainOnly {
        try recomputation.prepare(plan.nodes[position], in: &lowering)
      }
      try lower(plan.nodes[position], in: &lowering)
    }
    lowering.position = plan.nodes.count
    lowering.separateOutputs()
    if let optimiser = options.optimiser { lowering.schedule(optimiser) }
    return CompiledPlan(lowering, options)
  }

  private func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.foldConstant(node)
    // What is known needs no instruction, and what repeats few elements no memory of its own.
    let isKnown = node.results.allSatisfy { lowering.constants[$0] != nil }
    if isKnown, !node.results.isEmpty, !(node.operation is any ViewOperation) { return }
    switch node.work {
    case .fused(let fused): try fused.lower(node, in: &lowering)
    case .operation(let operation):
      if !options.plainOnly, let fast = operation as? any Lowerable {
        try fast.lower(node, in: &lowering)
      } else {
        lowering.lowerPlainly(node)
      }
    }
  }

  private func isKept(_ graph: FlatGraph) -> [Bool] {
    var kept = Array(repeating: options.keepsEverything, count: graph.values.count)
    for output in graph.outputs where options.outputs?.contains(output.name) ?? true {
      kept[output.value] = true
    }
    for value in options.kept { kept[value] = true }
    if options.keepsGradients || options.optimiser == nil {
      for case let gradient? in graph.gradients { kept[gradient] = true }
    }
    return kept
  }

  private static func extents(
    _ graph: FlatGraph, _ sizes: [Symbol: Int]
  ) throws(ExecutionFault) -> [[Int]] {
    var result: [[Int]] = []
    result.reserveCapacity(graph.values.count)
    for (index, value) in graph.values.enumerated() {
      let name = value.name ?? "%\(index)"
      guard let extents = value.type.extents(sizes) else {
        throw .malformedGraph("value '\(name)' of type \(value.type) has no size")
      }
      do throws(KernelFault) {
        _ = try Extents.count(extents)
      } catch {
        throw .tooLarge(
          name, bytes: extents.map { "\($0)" }.joined(separator: " × ") + " × 4",
          limit: Extents.maximumCount * 4)
      }
      result.append(extents)
    }
    return result
  }
}

extension Lowering {
  /// Room for inputs and weights.
  mutating func supply() {
    for (index, port) in plan.graph.inputs.enumerated() {
      supply(port.value, .input(index), label: port.name)
    }
    for (index, parameter) in plan.graph.parameters.enumerated() {
      supply(parameter.value, .parameter(index), label: parameter.name)
    }
  }

  private mutating func supply(_ value: Int, _ place: PlannedBuffer.Place, label: String) {
    let kind = type(of: value).element.kind
    let bytes = extents(of: value).reduce(1, *) * kind.storedBytes
    let index = buffer(PlannedBuffer(bytes: bytes, place: place, label: label, value: value))
    alias(value, to: TensorView(dense: index, extents: extents(of: value), kind: kind))
  }

  /// Evaluates a node whose operands are known, where the results are small.
  mutating func foldConstant(_ node: PlanNode) {
    guard let operation = node.operation, !keepsRows || operation.isExact else { return }
    let count = node.results.reduce(0) { $0 + extents(of: $1).reduce(1, *) }
    guard count <= 1 << 20 else { return }
    var operands: [NDArray<Float>] = []
    for operand in node.operands {
      guard let known = constants[operand] else { return }
      operands.append(known)
    }
    var context = EvaluationContext(sizes: sizes)
    // A kernel that gives up does so again, and is heard, when the step runs.
    guard let made = try? operation.evaluate(operands, in: &context),
      made.count == node.results.count, context.counter.multiplyAdds == 0
    else { return }
    for (value, array) in zip(node.results, made)
    where array.extents == extents(of: value)
      && array.elementKind == type(of: value).element.kind
    {
      constants[value] = array
    }
  }

  /// Outputs that are a weight's or an input's own memory get memory of theirs.
  mutating func separateOutputs() {
    for value in plan.isKept.indices where plan.isKept[value] {
      guard views[value] != nil || constants[value] != nil else { continue }
      let view = self.view(of: value)
      guard !buffers[view.buffer].isOfStep else { continue }
      let own = TensorView(
        dense: buffer(for: value), extents: view.extents, kind: view.kind)
      var copy = StridedCopy.instruction(from: view, to: own, kernels: kernels)
      copy.phase = .optimiser
      instructions.append(copy)
      views[value] = own
    }
  }
}

extension Operation {
  /// Whether the plain kernel and the fast one make the same bits, so that a row that is known when
  /// the plan is made is the row that is computed when the step runs.
  fileprivate var isExact: Bool {
    switch self {
    case is Iota, is Fill, is Extent, is Rearrange, is Broadcast, is BroadcastTo, is Concatenate,
      is Stack, is Unstack, is Slice, is Gather, is Compare, is Where, is Logical, is Not, is Cast,
      is Add, is Subtract, is Multiply, is Divide, is Negate, is Maximum, is Minimum:
      true
    default: false
    }
  }
}

/// An operation whose result repeats elements of its operand, which strides can say.
protocol ViewOperation {}
