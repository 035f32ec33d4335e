// OptimiserSchedule: where in the step each weight is updated, and the memory that this needs.
// As early as can be, so that a gradient dies before the next one is made.
import IR
import Kernels

/// The buffers of one weight's state.
package struct OptimiserState: Hashable, Sendable {
  package var first: TensorView
  package var second: TensorView
}

extension Lowering {
  /// Adds the updates of all weights that have a gradient.
  mutating func schedule(_ options: OptimiserOptions) {
    let registers = OptimiserRegisters(
      view: state([OptimiserRegisters.count], label: "optimiser registers"))
    self.registers = registers
    var updates: [WeightUpdate] = []
    for (index, parameter) in plan.graph.parameters.enumerated() {
      guard plan.graph.gradients.indices.contains(index),
        let gradient = plan.graph.gradients[index], let weight = views[parameter.value]
      else { continue }
      let own = OptimiserState(
        first: state(weight.extents, label: parameter.name + " first moment"),
        second: state(weight.extents, label: parameter.name + " second moment"))
      moments[index] = own
      updates.append(
        WeightUpdate(
          weight: weight, gradient: dense(view(of: gradient)), state: own,
          decays: options.decayed.indices.contains(index) && options.decayed[index]))
    }
    guard options.globalNorm == nil else {
      // Nobody may be updated before the norm over all is known.
      if let bound = options.globalNorm {
        instructions += GradientNorm.instructions(updates.map(\.gradient), bound, registers, &self)
      }
      return instructions += updates.map { $0.instruction(registers) }
    }
    insert(updates, registers)
  }

  private mutating func state(_ extents: [Int], label: String) -> TensorView {
    let bytes = extents.reduce(1, *) * ElementKind.real.storedBytes
    return TensorView(
      dense: buffer(PlannedBuffer(bytes: bytes, place: .optimiser, label: label)),
      extents: extents, kind: .real)
  }

  /// Puts each update after the last instruction that reads its weight or touches its gradient.
  private mutating func insert(_ updates: [WeightUpdate], _ registers: OptimiserRegisters) {
    var lastUse: [Int: Int] = [:]
    for (index, instruction) in instructions.enumerated() {
      for view in instruction.reads + instruction.writes { lastUse[view.buffer] = index }
    }
    var following: [Int: [Instruction]] = [:]
    for update in updates {
      let ready = max(lastUse[update.weight.buffer] ?? 0, lastUse[update.gradient.buffer] ?? 0)
      following[ready, default: []].append(update.instruction(registers))
    }
    let before = instructions
    instructions = []
    instructions.reserveCapacity(before.count + updates.count)
    for (index, instruction) in before.enumerated() {
      instructions.append(instruction)
      instructions += following[index] ?? []
    }
    if before.isEmpty { instructions = following[0] ?? [] }
  }
}

/// The update of one weight.
private struct WeightUpdate {
  var weight: TensorView
  var gradient: TensorView
  var state: OptimiserState
  var decays: Bool

  func instruction(_ registers: OptimiserRegisters) -> Instruction {
    let moved = [weight, state.first, state.second]
    let decays = decays
    let (weight, gradient, state) = (weight, gradient, state)
    var instruction = Instruction(
      "adamw", reads: [gradient, registers.view] + moved, writes: moved
    ) { at in
      let update = AdamWLoop(
        weight: at.real(weight), first: at.real(state.first), second: at.real(state.second),
        gradient: at.real(gradient), count: weight.count, decays: decays,
        registers: at.real(registers.view))
      return [update.job]
    }
    instruction.phase = .optimiser
    return instruction
  }
}

/// Numbers that change from step to step, read by the updates from the arena.
struct OptimiserRegisters: Sendable {
  /// One element each.
  static let count = 16
  var view: TensorView

  /// The places of the numbers.
  enum Register: Int {
    /// What a weight that decays is multiplied with.
    case shrink
    case beta2, weight1, weight2, epsilon, step, correction
    /// 1 when the running mean starts from the old moment.
    case forward
    /// The factor of every gradient, and their norm before it.
    case scale, norm
  }

  /// The numbers of a step.
  static func values(
    _ options: OptimiserOptions, rate: Double, step: Int
  ) -> [(Register, Float)] {
    let own = AdamWCoefficients(
      rate: rate, beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon,
      decay: options.decay, step: step)
    return [
      (.shrink, Float(own.shrink)), (.beta2, Float(options.beta2)),
      (.weight1, Float(1 - options.beta1)), (.weight2, Float(1 - options.beta2)),
      (.epsilon, Float(options.epsilon)), (.step, Float(-own.stepSize)),
      (.correction, Float(own.correction)), (.forward, 1 - options.beta1 < 0.5 ? 1 : 0),
      (.scale, 1), (.norm, 0),
    ]
  }
}
