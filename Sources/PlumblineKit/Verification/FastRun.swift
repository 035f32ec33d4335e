// FastRun: the step of the compiled executor at the model's real sizes, held against its plan.
// The sections of a verification that need speed; what single values are is compared elsewhere.
import Analysis
import Dimensions
import Execution
import Foundation
import IR
import Kernels

/// Forward, backward and the updates on the fast kernels, with every layer.
package struct FastRun {
  package var planned: PlannedStep
  package var seed: UInt64
  /// Whether the process does nothing else, so that its memory can be read from the system.
  package var measuresProcess: Bool
  package var progress: (String) -> Void
  /// Runs also what is long or large.
  package var isFull = false
  /// Directions along which gradients are compared beside the one of all weights.
  package var directions = 4
  /// Changes each plan before it runs; tests put mistakes in here.
  package var tampering: (inout CompiledPlan) -> Void = { _ in }

  package init(
    _ planned: PlannedStep, seed: UInt64, measuresProcess: Bool = false,
    progress: @escaping (String) -> Void = { _ in }
  ) {
    self.planned = planned
    self.seed = seed
    self.measuresProcess = measuresProcess
    self.progress = progress
  }

  /// How far the process may lie from the plan, as a share of it.
  static let residentTolerance = 0.03
  /// What code pages and the allocator's own tables may take besides, in bytes.
  static let residentSlack = 4_194_304

  /// The most operations that are planned without being asked for: ten times what a large model has.
  static let operationLimit = 20_000
  /// The most multiply-adds: some minutes on one core.
  static let workLimit: Int128 = 20_000_000_000_000

  /// The sections of the report, or why there are none.
  ///
  /// - Throws: ``VerificationRefusal`` when the step can't be planned; what fails when it runs is an
  ///   item that differs.
  package func sections() throws(VerificationRefusal) -> ([VerificationSection], note: String?) {
    let graph = try planned.graph()
    if !isFull {
      let operations = graph.nodes.count
      guard operations <= FastRun.operationLimit,
        FastWork(graph, planned.sizes).predicted <= FastRun.workLimit
      else {
        return (
          [],
          "the fast kernels were not run on \(Figures.grouped(operations)) operations; "
            + "--full runs them"
        )
      }
    }
    progress("planning the step")
    var plan = try planned.compiled(graph)
    tampering(&plan)
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    // The gradient check holds the step without its optimiser, and a moved copy of one weight.
    guard plan.memory.arenaBytes <= memory / 10 * 8 else {
      return (
        [],
        "the fast kernels were not run: the step needs "
          + "\(Figures.bytes(plan.memory.arenaBytes)), the machine has \(Figures.bytes(memory))"
      )
    }
    var run = VerificationSection(
      "fast-run", "fast path",
      "forward, backward and \(planned.plan.optimiser.method.title), all layers")
    do throws(ExecutionFault) {
      var sections = try step(plan, graph)
      run.add("the step", predicted: "runs to its end", observed: "runs to its end", agrees: true)
      run.note = note(on: plan)
      sections.insert(run, at: 0)
      sections.append(try gradients(graph))
      return (sections, nil)
    } catch {
      run.add(
        "the step", predicted: "runs to its end", observed: error.description, agrees: false)
      return ([run], nil)
    }
  }

  private func note(on plan: CompiledPlan) -> String {
    let workers = plan.options.workers
    let plain = plan.plainOperations
    return "\(plan.options.kernels.level.rawValue), \(workers) thread\(workers == 1 ? "" : "s"), "
      + "\(Figures.grouped(plan.graph.parameters.count)) weights, "
      + Quantity.count(plan.instructions.count, "kernel")
      + (plain.isEmpty ? "" : "; plain kernels for \(plain.joined(separator: ", "))")
  }

  // MARK: The step

  private func step(
    _ plan: CompiledPlan, _ graph: FlatGraph
  ) throws(ExecutionFault) -> [VerificationSection] {
    let before = measuresProcess ? ResidentMemory.bytes() : nil
    let step = try CompiledStep(plan, pool: ThreadPool(threads: max(planned.threads, 1)))
    try supply(step, graph)
    progress("running the step on the fast kernels")
    try train(step)
    let loss = step.output("loss")?.reals.first.map { Double($0) }
    let work = step.work
    progress("running the step once more with the new weights")
    try train(step)
    let after = step.output("loss")?.reals.first.map { Double($0) }
    let resident = measuresProcess ? ResidentMemory.bytes() : nil
    progress("looking at what the step wrote")
    let use = try step.measuredUse()
    return [
      weights(step),
      memory(plan, use, grown: before.flatMap { start in resident.map { $0 - start } }),
      losses(loss, after, ClassPrediction(graph, sizes: planned.sizes)),
      FastWork(graph, planned.sizes).section(work),
    ]
  }

  /// One update, over as many micro-batches as the plan says; all are the same one.
  private func train(_ step: CompiledStep) throws(ExecutionFault) {
    let batches = planned.plan.accumulate
    guard batches > 1 else { return try step.train(rate: planned.plan.optimiser.rate) }
    // Two show that sums are added to; the others would show it again.
    for _ in 0..<2 { try step.accumulate(weight: 0.5) }
    try step.update(rate: planned.plan.optimiser.rate)
  }

  /// The weights that the step holds and updates, against the count of the analysis.
  private func weights(_ step: CompiledStep) -> VerificationSection {
    var section = VerificationSection("fast-weights", "fast path", "weights held and updated")
    // A weight that the loss doesn't read is trainable and yet has no gradient.
    var (held, updated, idle, buffers) = (0, 0, 0, 0)
    for (index, parameter) in step.plan.graph.parameters.enumerated() {
      let count = step.parameter(index)?.count ?? 0
      held += count
      if parameter.declaration.isBuffer { buffers += count }
      if step.plan.moments[index] != nil { updated += count }
      if parameter.declaration.trainable, step.plan.graph.gradients[index] == nil { idle += count }
    }
    let totals: ParameterLedger.Totals
    do throws(AnalysisError) {
      totals = try ParameterLedger(planned.program).totals
    } catch {
      section.add("the analysis", predicted: "counts", observed: error.message, agrees: false)
      return section
    }
    section.compare(
      "elements held", predicted: Int128(totals.total) + Int128(buffers), observed: Int128(held))
    section.compare(
      "elements updated", predicted: Int128(totals.trainable) - Int128(idle),
      observed: Int128(updated))
    section.note = "\(Figures.grouped(held)) held, \(Figures.grouped(updated)) updated"
    return section
  }

  /// Fills weights and inputs one by one: two copies of a model are never held.
  func supply(_ step: CompiledStep, _ graph: FlatGraph) throws(ExecutionFault) {
    progress("initialising \(graph.parameters.count) weights")
    let initialisation = Initialisation(seed: seed)
    for (index, parameter) in graph.parameters.enumerated() {
      try step.setParameter(
        index, initialisation.array(for: parameter.declaration, named: parameter.name))
    }
    try supplyInputs(step, graph)
  }

  /// Fills the inputs: the same seed, the same bits.
  func supplyInputs(_ step: CompiledStep, _ graph: FlatGraph) throws(ExecutionFault) {
    let inputs: [String: NDArray<Float>]
    do throws(VerificationRefusal) {
      inputs = try SampleInputs(graph, sizes: planned.sizes).draw(seed: seed)
    } catch {
      throw .malformedGraph(error.message)
    }
    for (name, array) in inputs.sorted(by: { $0.key < $1.key }) { try step.setInput(name, array) }
  }

  /// A plan of a part of the step, with the same mistakes as the whole when a test puts some in.
  func compiled(
    _ part: PlannedStep, _ graph: FlatGraph, _ change: (inout StepOptions) -> Void = { _ in }
  ) throws(ExecutionFault) -> CompiledPlan {
    do throws(VerificationRefusal) {
      var plan = try part.compiled(graph, adjusting: change)
      tampering(&plan)
      return plan
    } catch {
      throw .malformedGraph(error.message)
    }
  }

  /// The forward pass and the loss.
  func lossGraph() throws(ExecutionFault) -> FlatGraph {
    var part = planned
    part.isForward = true
    do throws(VerificationRefusal) {
      return try part.graph()
    } catch {
      throw .malformedGraph(error.message)
    }
  }

  private func memory(
    _ plan: CompiledPlan, _ use: ArenaUse, grown: Int?
  ) -> VerificationSection {
    var section = VerificationSection("fast-memory", "fast path", "planned bytes against used ones")
    section.compare(
      "the arena", predicted: Int128(plan.memory.arenaBytes), observed: Int128(use.plannedBytes),
      unit: "bytes")
    // Where it begins and where the last byte lies that the step wrote.
    section.compare(
      "end of the step's own memory", predicted: Int128(use.plannedEnd),
      observed: Int128(use.touchedEnd), unit: "bytes")
    guard let grown else {
      section.note = "resident memory not measured"
      return section
    }
    let expected = plan.memory.arenaBytes
    let slack = max(
      Int(FastRun.residentTolerance * Double(expected)), FastRun.residentSlack)
    section.add(
      "resident memory of the process", predicted: "\(Figures.grouped(expected)) bytes, within 3 %",
      observed: "\(Figures.grouped(grown)) bytes", agrees: abs(grown - expected) <= slack)
    let difference = 100 * Double(grown - expected) / Double(max(expected, 1))
    section.note =
      "arena \(Figures.grouped(expected)) bytes; the process grew by \(Figures.grouped(grown)), "
      + "\(difference < 0 ? "−" : "+")\(Figures.fixed(difference.magnitude, places: 2)) %"
    return section
  }

  private func losses(
    _ first: Double?, _ after: Double?, _ classes: ClassPrediction?
  ) -> VerificationSection {
    var section = VerificationSection(
      "fast-loss", "fast path", "loss near that of a guess, lower after the step")
    for (name, loss) in [("first loss", first), ("loss after the step", after)] {
      section.add(
        name, predicted: "finite", observed: loss.map(Quantity.text) ?? "none",
        agrees: loss?.isFinite ?? false)
    }
    guard let first, let after else { return section }
    let guess = classes?.judge(first, in: &section) ?? Quantity.text(first)
    section.note = "\(guess), then \(Quantity.text(after))"
    // A rate that no one would begin with may leap over the valley, and that is no mistake of ours.
    if planned.plan.optimiser.rate <= 2e-3 {
      section.add(
        "loss after the step", predicted: "below \(Quantity.text(first))",
        observed: Quantity.text(after), agrees: after < first)
    }
    return section
  }
}
