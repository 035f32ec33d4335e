// CompiledPlan: the whole step before it runs: instructions, buffers, and an offset for each.
// A value without memory; ``CompiledStep`` gives it some and runs it.
import Dimensions
import IR
import Kernels

/// A planned step.
package struct CompiledPlan: Sendable {
  package let graph: FlatGraph
  package let sizes: [Symbol: Int]
  package let options: StepOptions
  /// In the order in which they run; tests put mistakes into them.
  package var instructions: [Instruction]
  package let buffers: [PlannedBuffer]
  /// For each value of the graph, where it lies; `nil` for one that a fusion left out.
  package let views: [TensorView?]
  /// For each weight, the buffers of its moments; `nil` for one that is not updated.
  package let moments: [OptimiserState?]
  /// The numbers that an update reads and each step sets; `nil` without an optimiser.
  let registers: TensorView?
  /// The first instruction that a micro-batch leaves out, which are the updates from sums; the
  /// number of instructions where nothing is summed.
  let updateStart: Int
  /// The nodes that a run stands for, with operation and pass.
  let uses: [OperationUse]

  /// For each value, whether it can be read after the step.
  let survives: [Bool]
  /// For each buffer, its first byte in the arena; `nil` for an external weight.
  let offsets: [Int?]
  /// For each instruction, the first byte of its workspace.
  let workspaceOffsets: [Int]
  /// The first byte of the workers' scratch memory, and the bytes of each worker.
  let scratch: (offset: Int, perWorker: Int)
  package let memory: MemoryPlan

  init(_ lowering: Lowering, _ options: StepOptions) {
    graph = lowering.plan.graph
    sizes = lowering.sizes
    self.options = options
    instructions = lowering.instructions
    buffers = lowering.buffers
    views = lowering.views
    moments = lowering.moments
    registers = lowering.registers
    updateStart = lowering.updateStart ?? lowering.instructions.count
    uses = graph.nodes.map { OperationUse($0.operation.name, $0.phase) }

    survives = lowering.plan.isKept
    var kept: Set<Int> = []
    for (value, isKept) in lowering.plan.isKept.enumerated() where isKept {
      if let view = lowering.views[value] { kept.insert(view.buffer) }
    }
    let liveness = Liveness(instructions, buffers, kept: kept)
    let layout = PlanLayout(instructions, buffers, liveness, options)
    offsets = layout.offsets
    workspaceOffsets = layout.workspaceOffsets
    scratch = (layout.scratchOffset, layout.scratchPerWorker)
    memory = MemoryPlan(instructions, buffers, liveness, layout, lowering, options)
  }

  /// The operations that run their plain kernels, each once, in order of name.
  package var plainOperations: [String] {
    Set(instructions.filter(\.isPlain).map(\.label)).sorted()
  }
}

/// Where everything lies in one arena.
struct PlanLayout: Sendable {
  private(set) var offsets: [Int?]
  private(set) var workspaceOffsets: [Int]
  /// The end of what lives between the steps.
  let persistentBytes: Int
  /// What the step's buffers and workspaces take together.
  let stepBytes: Int
  let scratchOffset: Int
  let scratchPerWorker: Int
  let arenaBytes: Int

  init(
    _ instructions: [Instruction], _ buffers: [PlannedBuffer], _ liveness: Liveness,
    _ options: StepOptions
  ) {
    offsets = Array(repeating: nil, count: buffers.count)
    var end = 0
    for (index, buffer) in buffers.enumerated() where !buffer.isOfStep {
      if case .parameter(let number) = buffer.place, options.external.contains(number) { continue }
      offsets[index] = end
      end = ArenaLayout.aligned(end + buffer.bytes)
    }
    persistentBytes = end

    var requests: [ArenaRequest] = []
    var owners: [Int] = []
    for (index, lifetime) in liveness.lifetimes.enumerated() {
      guard let lifetime else { continue }
      requests.append(ArenaRequest(bytes: buffers[index].bytes, lifetime: lifetime))
      owners.append(index)
    }
    for (index, instruction) in instructions.enumerated() {
      requests.append(
        ArenaRequest(
          bytes: instruction.workspace.shared, lifetime: Lifetime(first: index, last: index)))
    }
    let layout = ArenaLayout(requests)
    for (owner, offset) in zip(owners, layout.offsets) { offsets[owner] = end + offset }
    workspaceOffsets = layout.offsets[owners.count...].map { end + $0 }
    stepBytes = layout.bytes
    // A buffer that nothing uses takes no room, and still has an address.
    for (index, buffer) in buffers.enumerated() where buffer.isOfStep && offsets[index] == nil {
      offsets[index] = end
    }
    scratchPerWorker = ArenaLayout.aligned(instructions.map(\.workspace.scratch).max() ?? 0)
    scratchOffset = ArenaLayout.aligned(end + layout.bytes)
    arenaBytes =
      scratchPerWorker == 0
      ? end + layout.bytes : scratchOffset + scratchPerWorker * max(options.workers, 1)
  }
}
