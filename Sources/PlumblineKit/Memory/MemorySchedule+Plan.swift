// MemorySchedule+Plan: a compiled plan in the form that reports on memory take.
// The only place that knows both; classes and lifetimes are the plan's own.
import Analysis
import Dimensions
import Execution
import IR

extension MemorySchedule {
  /// Every buffer of a plan, the workspace of its operations and the scratch memory of its workers.
  package init(_ plan: CompiledPlan) {
    var buffers: [Buffer] = []
    for (index, buffer) in plan.buffers.enumerated() {
      // Memory that somebody else holds is no part of the arena.
      if case .parameter(let number) = buffer.place, plan.options.external.contains(number) {
        continue
      }
      let lifetime = plan.memory.lifetimes[index]
      if buffer.isOfStep, lifetime == nil { continue }
      buffers.append(
        Buffer(
          buffer.label, MemoryUse(plan.memory.kinds[index]), bytes: buffer.bytes,
          lifetime: buffer.isOfStep ? lifetime.map { $0.first...$0.last } : nil))
    }
    var steps: [Step] = []
    for (index, instruction) in plan.instructions.enumerated() {
      let node = instruction.members.first.map { plan.graph.nodes[$0] }
      let path = node.map { plan.graph.path(of: $0.scope) } ?? ""
      steps.append(Step(instruction.label, path: path, phase: MemoryPhase(instruction.phase)))
      if instruction.workspace.shared > 0 {
        buffers.append(
          Buffer(
            (path.isEmpty ? "" : path + ".") + "workspace of \(instruction.label)", .workspace,
            bytes: instruction.workspace.shared, lifetime: index...index))
      }
    }
    let workers = plan.options.workers
    buffers.append(
      Buffer(
        "scratch of \(workers) worker\(workers == 1 ? "" : "s")", .workspace,
        bytes: plan.memory.scratchBytes))
    self.init(buffers: buffers, steps: steps, arenaBytes: plan.memory.arenaBytes)
  }
}

extension MemoryReport {
  /// The report on a plan.
  package init(_ plan: CompiledPlan, model: String, notes: [String] = []) {
    let sizes = plan.sizes.map { ($0.key.name, $0.value) }
    self.init(
      model: model, sizes: Dictionary(sizes, uniquingKeysWith: { first, _ in first }),
      threads: plan.options.workers, notes: notes, schedule: MemorySchedule(plan))
  }
}

extension MemoryUse {
  fileprivate init(_ kind: MemoryClass) {
    switch kind {
    case .weights: self = .weights
    case .gradients: self = .gradients
    case .gradientSums: self = .sums
    case .optimiser: self = .optimiser
    case .inputs, .constants: self = .inputs
    case .kept: self = .kept
    case .activations: self = .working
    case .workspace, .scratch: self = .workspace
    }
  }
}

extension MemoryPhase {
  fileprivate init(_ phase: StepPhase) {
    switch phase {
    case .forward: self = .forward
    case .backward: self = .backward
    case .optimiser: self = .update
    }
  }
}
