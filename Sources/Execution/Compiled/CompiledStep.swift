// CompiledStep: a plan with memory: the arena, the jobs, and the loop that runs them.
// After `init` a step allocates nothing; everything that varies is read from the arena.
import Dimensions
import IR
import Kernels

/// Memory that holds a weight and belongs to somebody else, such as a mapped file.
///
/// Sendable although it isn't checked: the step only reads it, and the owner keeps it alive and
/// unchanged as long as the step lives.
package struct ExternalWeight: @unchecked Sendable {
  package let pointer: UnsafeRawPointer
  package let bytes: Int

  package init(_ pointer: UnsafeRawPointer, bytes: Int) {
    self.pointer = pointer
    self.bytes = bytes
  }
}

/// A step that can be run again and again.
///
/// A class, because its memory has an identity: weights and moments live here from step to step,
/// and whoever holds the step sees the same ones. One caller uses it at a time.
package final class CompiledStep {
  package let plan: CompiledPlan
  let arena: Arena
  let addresses: Addresses
  let log = RunLog()
  let pool: ThreadPool
  /// Whose weights are read where they lie; held so that they stay there.
  private let lender: CompiledStep?
  /// The jobs of all instructions, in order, and where each instruction's begin.
  private let jobs: [KernelJob]
  private let starts: [Int]
  /// The memory of inputs and weights, by value; looked up once, since every step sets inputs.
  lazy var supplied = suppliedViews()
  /// The number of updates made so far.
  package var updates = 0
  /// The micro-batches in the sums of gradients since the last update.
  package internal(set) var summed = 0
  /// The runs so far.
  package private(set) var runs = 0

  /// - Parameters:
  ///   - plan: what to run.
  ///   - pool: the threads; at most as many as the plan's workers are used.
  ///   - external: the memory of each weight that the plan calls external.
  ///   - lender: the step in whose arena that memory lies.
  /// - Throws: ``ExecutionFault`` when the system grants no memory or a weight is missing.
  package init(
    _ plan: CompiledPlan, pool: ThreadPool, external: [Int: ExternalWeight] = [:],
    lender: CompiledStep? = nil
  ) throws(ExecutionFault) {
    precondition(
      pool.threads <= max(plan.options.workers, 1),
      "a plan for \(plan.options.workers) workers is run by \(pool.threads)")
    self.plan = plan
    self.pool = pool
    self.lender = lender
    arena = try Arena(bytes: plan.memory.arenaBytes)
    var places: [Place<UInt8>] = []
    for (index, buffer) in plan.buffers.enumerated() {
      if let offset = plan.offsets[index] {
        places.append(arena.place(at: offset))
      } else if case .parameter(let number) = buffer.place, let weight = external[number],
        weight.bytes >= buffer.bytes
      {
        let pointer = UnsafeMutableRawPointer(mutating: weight.pointer)
        places.append(Place(pointer.assumingMemoryBound(to: UInt8.self)))
      } else {
        throw .malformedGraph("the memory of '\(buffer.label)' was not supplied")
      }
    }
    var jobs: [KernelJob] = []
    var starts: [Int] = []
    addresses = Addresses(buffers: places, workspace: arena.place(at: 0), log: log)
    for (index, instruction) in plan.instructions.enumerated() {
      starts.append(jobs.count)
      let own = Addresses(
        buffers: places, workspace: arena.place(at: plan.workspaceOffsets[index]), log: log)
      jobs.append(contentsOf: instruction.make(own))
    }
    starts.append(jobs.count)
    self.jobs = jobs
    self.starts = starts
    for (index, buffer) in plan.buffers.enumerated() {
      guard case .constant(let array) = buffer.place else { continue }
      addresses.write(
        array,
        to: TensorView(dense: index, extents: array.extents, kind: array.elementKind))
    }
  }

  /// Runs all instructions.
  ///
  /// - Throws: ``ExecutionFault`` when an instruction gave up; what came after it did not run.
  package func run() throws(ExecutionFault) {
    try run(plan.instructions.indices)
    runs += 1
  }

  /// Runs some instructions, in order.
  func run(_ range: Range<Int>) throws(ExecutionFault) {
    // Updates that run by themselves leave the counts of the batch before them.
    if range.lowerBound == 0 { log.clear() }
    for index in range { try run(instruction: index) }
  }

  /// Runs one instruction.
  func run(instruction index: Int) throws(ExecutionFault) {
    // Called where it is stored: a closure that is taken out of an array costs an allocation.
    if let message = plan.instructions[index].check?(addresses) {
      throw failure(of: index, message)
    }
    var job = starts[index]
    while job < starts[index + 1] {
      pool.run(jobs[job], scratch: scratch)
      job += 1
    }
    if plan.instructions[index].isPlain, let fault = log.fault { throw fault }
  }

  private func scratch(_ worker: Int) -> UnsafeMutableRawPointer {
    arena.raw(at: plan.scratch.offset + worker * plan.scratch.perWorker)
  }

  private func failure(of index: Int, _ message: String) -> ExecutionFault {
    let instruction = plan.instructions[index]
    let node = instruction.members.first ?? 0
    let scope = plan.graph.nodes.indices.contains(node) ? plan.graph.nodes[node].scope : 0
    return .kernel(
      FailedApplication(
        scope: plan.graph.path(of: scope), operation: instruction.label, node: node,
        message: message))
  }
}
