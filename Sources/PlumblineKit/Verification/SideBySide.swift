// SideBySide: fast and plain kernels on the same operands, operation by operation, in ulps.
// A model with few layers at its real sizes, because every value of both runs is held.
import Dimensions
import Execution
import IR
import Kernels

/// The largest difference of each operation.
package struct SideBySide {
  private let program: Program
  private let sizes: [Symbol: Int]
  private let seed: UInt64
  private let threads: Int
  private let progress: (String) -> Void
  /// Changes the plan before it runs; tests put mistakes in here.
  package var tampering: (inout CompiledPlan) -> Void = { _ in }

  package init(
    _ program: Program, sizes: [Symbol: Int], seed: UInt64, threads: Int,
    progress: @escaping (String) -> Void = { _ in }
  ) {
    self.program = program
    self.sizes = sizes
    self.seed = seed
    self.threads = threads
    self.progress = progress
  }

  /// The most units in the last place by which the results of an operation may differ.
  ///
  /// A sum over n terms rounds otherwise in another order: √n units on the average, rarely more than
  /// a few times that; functions made of polynomials add a few of their own. The unit is that of the
  /// value, or of the tensor's usual size where the value is smaller than that: what cancels to
  /// nearly nothing has no places of its own.
  static func bound(terms: Double) -> Double {
    (32 + 16 * min(terms, 4_096).squareRoot()).rounded()
  }

  /// How many terms are added up for each element that an operation makes.
  private func terms(_ node: FlatNode, _ graph: FlatGraph) -> Double {
    let cost = node.operation.cost(
      of: node.operands.map { graph.values[$0].type },
      results: node.results.map { graph.values[$0].type })
    let made = node.results.reduce(0) { sum, value in
      sum + Double(graph.values[value].type.elementCount.evaluate(sizes) ?? 0)
    }
    let added = max(
      cost.multiplyAdds.evaluate(sizes) ?? 0, cost.elementwise.evaluate(sizes) ?? 0)
    return Double(added) / max(made, 1)
  }

  /// What was found of one operation in one pass.
  private struct Finding {
    var ulps = 0.0
    var bound = 0.0
    var place = ""

    /// The part of what is allowed that is used.
    var share: Double { ulps / bound }
  }

  /// Kernel by kernel, then the gradients of the whole step with all fusions.
  ///
  /// - Throws: ``VerificationRefusal`` when the step can't be planned.
  package func sections() throws(VerificationRefusal) -> [VerificationSection] {
    let planned = PlannedStep(program, sizes: sizes, plan: StepPlan(), threads: threads)
    let graph = try planned.graph()
    let spelledOut = try StepProgram(program).step()
    var run = FastRun(planned, seed: seed, progress: progress)
    run.tampering = tampering
    var kernels = VerificationSection(
      "fast-kernels", "fast path", "each kernel against the plain one, ulps")
    var whole = VerificationSection(
      "fast-plain", "fast path", "loss and gradients against the plain run")
    do throws(ExecutionFault) {
      let inputs = try self.inputs(graph)
      try compareKernels(graph, run, try plainValues(graph, inputs), &kernels)
      progress("running the program as it is written on the plain kernels")
      let result = try Executor<Float>(spelledOut).run(
        inputs: inputs, parameters: try Initialisation(seed: seed).parameters(of: spelledOut))
      var wanted = result.outputs
      for (parameter, gradient) in zip(spelledOut.parameters, result.gradients) {
        wanted["gradient of \(parameter.name)"] = gradient
      }
      try compareWhole(graph, run, wanted, &whole)
    } catch {
      kernels.add(
        "the step", predicted: "runs to its end", observed: error.description, agrees: false)
    }
    return [kernels, whole]
  }

  private func inputs(_ graph: FlatGraph) throws(ExecutionFault) -> [String: NDArray<Float>] {
    do throws(VerificationRefusal) {
      return try SampleInputs(graph, sizes: sizes).draw(seed: seed)
    } catch {
      throw .malformedGraph(error.message)
    }
  }

  /// Every value of the plain run, by its place in the graph.
  private func plainValues(
    _ graph: FlatGraph, _ inputs: [String: NDArray<Float>]
  ) throws(ExecutionFault) -> [NDArray<Float>?] {
    var kept = graph
    kept.outputs = graph.nodes.flatMap(\.results).map { FlatPort(name: "%\($0)", value: $0) }
    progress("running \(graph.nodes.count) operations on the plain kernels")
    let result = try Executor<Float>(kept).run(
      inputs: inputs, parameters: try Initialisation(seed: seed).parameters(of: graph))
    var values = [NDArray<Float>?](repeating: nil, count: graph.values.count)
    for output in kept.outputs { values[output.value] = result.outputs[output.name] }
    return values
  }

  private func compareKernels(
    _ graph: FlatGraph, _ run: FastRun, _ values: [NDArray<Float>?],
    _ section: inout VerificationSection
  ) throws(ExecutionFault) {
    let plan = try run.compiled(run.planned, graph) { options in
      options.optimiser = nil
      options.keepsEverything = true
    }
    let step = try CompiledStep(plan, pool: ThreadPool(threads: max(threads, 1)))
    try run.supply(step, graph)
    progress("comparing kernels with plain ones")
    var nodes = [Int](repeating: 0, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      for result in node.results { nodes[result] = index }
    }
    var found: [String: Finding] = [:]
    try step.compare(with: values) { value, array in
      guard let wanted = values[value] else { return }
      let node = graph.nodes[nodes[value]]
      let name = "\(node.operation.name), \(node.phase.rawValue)"
      let (ulps, element) = Ulps.largest(wanted, array)
      let path = graph.path(of: node.scope)
      let finding = Finding(
        ulps: ulps, bound: SideBySide.bound(terms: terms(node, graph)),
        place: "\(path.isEmpty ? "" : path + ": ")\(node.operation.name)[\(element)]")
      if found[name].map({ finding.share > $0.share }) ?? true { found[name] = finding }
    }
    for (name, finding) in found.sorted(by: { $0.key < $1.key }) {
      section.add(
        name, predicted: "at most \(Quantity.text(finding.bound)) ulps",
        observed: Quantity.text(finding.ulps) + " ulps"
          + (finding.ulps > 0 ? " at \(finding.place)" : ""),
        agrees: finding.ulps <= finding.bound)
    }
    if let worst = found.max(by: { ($0.value.share, $1.key) < ($1.value.share, $0.key) }) {
      section.note =
        "nearest its bound: \(worst.key), \(Quantity.text(worst.value.ulps)) of "
        + "\(Quantity.text(worst.value.bound)) ulps"
    }
  }

  /// With every fusion, where values between the operations don't exist.
  private func compareWhole(
    _ graph: FlatGraph, _ run: FastRun, _ wanted: [String: NDArray<Float>],
    _ section: inout VerificationSection
  ) throws(ExecutionFault) {
    let plan = try run.compiled(run.planned, graph) { options in
      options.optimiser = nil
      options.keepsGradients = true
      options.outputs = nil
    }
    let step = try CompiledStep(plan, pool: ThreadPool(threads: max(threads, 1)))
    try run.supply(step, graph)
    progress("comparing the fused step with the plain one")
    try step.run()
    var found = step.result.outputs
    for (parameter, gradient) in zip(graph.parameters, step.result.gradients) {
      found["gradient of \(parameter.name)"] = gradient
    }
    // The gradient of a key's bias is zero but for rounding, and has no length of its own.
    let gradients = graph.parameters.compactMap { wanted["gradient of \($0.name)"] }
    let floor = 0.1 * Ulps.usual(gradients)
    var most = 0.0
    for (name, wanted) in wanted.sorted(by: { $0.key < $1.key }) {
      let share = found[name].map { Ulps.distance(wanted, $0, usual: floor) } ?? .infinity
      most = max(most, share)
      section.add(
        name, predicted: "the same within 1e-3 of its length",
        observed: "\(Quantity.text(share)) of its length", agrees: share <= 1e-3)
    }
    section.note = "most: \(Quantity.text(most)) of a tensor's length"
  }
}

/// How far two arrays lie apart.
enum Ulps {
  /// The largest difference in units of the last place, and where it is; infinite where one side is
  /// no number, or the arrays are of different kinds.
  static func largest(
    _ wanted: NDArray<Float>, _ found: NDArray<Float>
  ) -> (ulps: Double, element: Int) {
    guard wanted.extents == found.extents, wanted.elementKind == found.elementKind else {
      return (.infinity, 0)
    }
    switch (wanted.payload, found.payload) {
    case (.index(let left), .index(let right)):
      return zip(left, right).enumerated().first { $1.0 != $1.1 }.map { (.infinity, $0.offset) }
        ?? (0, 0)
    case (.mask(let left), .mask(let right)):
      return zip(left, right).enumerated().first { $1.0 != $1.1 }.map { (.infinity, $0.offset) }
        ?? (0, 0)
    default: break
    }
    let (left, right) = (wanted.reals, found.reals)
    // What is masked is infinite, and says nothing of the usual size.
    var squares = 0.0
    for value in left where value.isFinite && value.magnitude < 1e30 {
      squares += Double(value) * Double(value)
    }
    let usual = Float((squares / Double(max(left.count, 1))).squareRoot())
    var worst = (ulps: 0.0, element: 0)
    for index in left.indices where left[index] != right[index] {
      let unit = Double(max(left[index].magnitude, usual, .leastNormalMagnitude).ulp)
      let difference = (Double(left[index]) - Double(right[index])).magnitude
      let ulps =
        left[index].isNaN && right[index].isNaN
        ? 0 : difference.isFinite && unit.isFinite ? difference / unit : .infinity
      if ulps > worst.ulps { worst = (ulps, index) }
    }
    return worst
  }

  /// The size that elements of some arrays usually have: the root of their mean square.
  static func usual(_ arrays: [NDArray<Float>]) -> Double {
    var (squares, count) = (0.0, 0)
    for array in arrays {
      for value in array.reals { squares += Double(value) * Double(value) }
      count += array.count
    }
    return (squares / Double(max(count, 1))).squareRoot()
  }

  /// The length of the difference as a share of the wanted one's, whose elements count as no smaller
  /// than usual.
  static func distance(
    _ wanted: NDArray<Float>, _ found: NDArray<Float>, usual: Double
  ) -> Double {
    let (left, right) = (wanted.reals, found.reals)
    guard left.count == right.count else { return .infinity }
    var (difference, length) = (0.0, 0.0)
    for index in left.indices {
      let distance = Double(left[index]) - Double(right[index])
      difference += distance * distance
      length += Double(left[index]) * Double(left[index])
    }
    length = max(length, usual * usual * Double(left.count))
    return difference == 0 ? 0 : length == 0 ? .infinity : (difference / length).squareRoot()
  }
}
