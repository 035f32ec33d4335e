// MemoryPlan: the bytes of a planned step, by what they are for, and who holds them at the peak.
// Numbers before the first kernel; a report prints them and a run is held against them.
import IR

/// The memory of a planned step, in bytes.
package struct MemoryPlan: Hashable, Sendable {
  /// Somebody alive at the peak.
  package struct Holder: Hashable, Sendable {
    /// With the path of its block: `h.0.attn.scores`.
    package var label: String
    package var kind: MemoryClass
    package var bytes: Int
  }

  /// The whole allocation: weights and state, the step's own memory, and the workers' scratch.
  package let arenaBytes: Int
  /// What lives between steps: weights, moments, inputs, constants.
  package let persistentBytes: Int
  /// What the step's own buffers take in the arena.
  package let stepBytes: Int
  package let scratchBytes: Int
  /// Weights that lie outside the arena.
  package private(set) var externalBytes = 0
  /// For each instruction, the bytes of the step's buffers and workspace that are alive during it.
  package private(set) var liveBytes: [Int] = []
  /// The instruction during which most is alive; `nil` for an empty step.
  package private(set) var peakInstruction: Int?
  /// The label of that instruction.
  package private(set) var peakLabel: String?
  /// At that instruction, by class; what lives between steps is in it.
  package private(set) var classes: [MemoryClass: Int] = [:]
  /// Everything of the step's own that is alive then, the largest first.
  package private(set) var holders: [Holder] = []

  /// For each buffer, what it counts as.
  package private(set) var kinds: [MemoryClass] = []
  /// For each buffer, when it lives; `nil` for one that lives throughout and one that nothing uses.
  package let lifetimes: [Lifetime?]

  /// The most that is alive at one time, weights, state and scratch among it.
  package var peakBytes: Int { classes.values.reduce(0, +) }

  init(
    _ instructions: [Instruction], _ buffers: [PlannedBuffer], _ liveness: Liveness,
    _ layout: PlanLayout, _ lowering: Lowering, _ options: StepOptions
  ) {
    arenaBytes = layout.arenaBytes
    persistentBytes = layout.persistentBytes
    stepBytes = layout.stepBytes
    scratchBytes = layout.scratchPerWorker * max(options.workers, 1)
    lifetimes = liveness.lifetimes

    var changes = Array(repeating: 0, count: instructions.count + 1)
    for (buffer, lifetime) in zip(buffers, liveness.lifetimes) {
      guard let lifetime, !instructions.isEmpty else { continue }
      changes[lifetime.first] += buffer.bytes
      changes[lifetime.last + 1] -= buffer.bytes
    }
    liveBytes.reserveCapacity(instructions.count)
    var alive = 0
    for (index, instruction) in instructions.enumerated() {
      alive += changes[index]
      liveBytes.append(alive + instruction.workspace.shared)
    }
    let live = liveBytes
    let peak = live.indices.max { (live[$0], $1) < (live[$1], $0) }

    peakInstruction = peak
    peakLabel = peak.map { instructions[$0].label }

    let sorter = ClassSorter(lowering)
    for (index, buffer) in buffers.enumerated() {
      if case .parameter(let number) = buffer.place, options.external.contains(number) {
        externalBytes += buffer.bytes
      }
      let kind = sorter.kind(of: index)
      kinds.append(kind)
      guard buffer.isOfStep else {
        classes[kind, default: 0] += buffer.bytes
        continue
      }
      guard let peak, let lifetime = liveness.lifetimes[index], lifetime.first <= peak,
        peak <= lifetime.last
      else { continue }
      classes[kind, default: 0] += buffer.bytes
      holders.append(Holder(label: buffer.label, kind: kind, bytes: buffer.bytes))
    }
    if let peak, instructions[peak].workspace.shared > 0 {
      let bytes = instructions[peak].workspace.shared
      classes[.workspace, default: 0] += bytes
      holders.append(
        Holder(label: "workspace of \(instructions[peak].label)", kind: .workspace, bytes: bytes))
    }
    if scratchBytes > 0 { classes[.scratch] = scratchBytes }
    holders.sort { ($0.bytes, $1.label) > ($1.bytes, $0.label) }
  }
}

/// Says under which head a buffer is counted.
private struct ClassSorter {
  let buffers: [PlannedBuffer]
  /// Buffers that hold a weight's gradient in the end, whatever they held before.
  private var gradients: Set<Int> = []
  private var writtenForward: Set<Int> = []
  private var readBackward: Set<Int> = []

  init(_ lowering: Lowering) {
    buffers = lowering.buffers
    for case let gradient? in lowering.plan.graph.gradients {
      if let view = lowering.views[gradient] { gradients.insert(view.buffer) }
    }
    for instruction in lowering.instructions {
      if instruction.phase == .forward {
        writtenForward.formUnion(instruction.writes.map(\.buffer))
      } else {
        readBackward.formUnion(instruction.reads.map(\.buffer))
      }
    }
  }

  func kind(of index: Int) -> MemoryClass {
    switch buffers[index].place {
    case .parameter: return .weights
    case .input: return .inputs
    case .constant: return .constants
    case .optimiser: return .optimiser
    case .gradientSum: return .gradientSums
    case .step(let kind):
      if gradients.contains(index) { return .gradients }
      if writtenForward.contains(index), readBackward.contains(index) { return .kept }
      return kind
    }
  }
}
