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
    let registers = state([UpdateRegister.allCases.count], label: "optimiser registers")
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
    let make = { [kernels] (update: WeightUpdate) in update.instruction(registers, kernels) }
    if let limit = options.globalNorm {
      // Nobody may be updated before the norm over all is known.
      let norm = norm(of: updates.map(\.gradient), limit: Float(limit), registers)
      instructions += norm.sums + [norm.join] + updates.map(make)
    } else if options.measuresNorm {
      let norm = norm(of: updates.map(\.gradient), limit: nil, registers)
      insert(updates) { [norm.sums[$0], make(updates[$0])] }
      instructions.append(norm.join)
    } else {
      insert(updates) { [make(updates[$0])] }
    }
  }

  private mutating func state(_ extents: [Int], label: String) -> TensorView {
    let bytes = extents.reduce(1, *) * ElementKind.real.storedBytes
    return TensorView(
      dense: buffer(PlannedBuffer(bytes: bytes, place: .optimiser, label: label)),
      extents: extents, kind: .real)
  }

  /// Puts what belongs to each update after the last instruction that reads its weight or touches
  /// its gradient.
  private mutating func insert(_ updates: [WeightUpdate], _ make: (Int) -> [Instruction]) {
    var lastUse: [Int: Int] = [:]
    for (index, instruction) in instructions.enumerated() {
      for view in instruction.reads + instruction.writes { lastUse[view.buffer] = index }
    }
    var following: [Int: [Instruction]] = [:]
    for (number, update) in updates.enumerated() {
      let ready = max(lastUse[update.weight.buffer] ?? 0, lastUse[update.gradient.buffer] ?? 0)
      following[ready, default: []] += make(number)
    }
    let before = instructions
    instructions = before.isEmpty ? following[0] ?? [] : []
    instructions.reserveCapacity(before.count + 2 * updates.count)
    for (index, instruction) in before.enumerated() {
      instructions.append(instruction)
      instructions += following[index] ?? []
    }
  }

  /// Instructions for the norm over all gradients: sums of squares for each of them, and one that
  /// joins those in order.
  private mutating func norm(
    of gradients: [TensorView], limit: Float?, _ registers: TensorView
  ) -> (sums: [Instruction], join: Instruction) {
    let kernels = kernels
    let blocks = gradients.map { kernels.squareBlocks(count: $0.count) }
    let total = blocks.reduce(0, +)
    // In double precision: two of the arena's elements for each sum.
    let partials = temporary([2 * total], label: "sums of squares")
    var start = 0
    var sums: [Instruction] = []
    for (gradient, count) in zip(gradients, blocks) {
      let own = partials.sliced(axis: 0, (2 * start)..<(2 * (start + count)))
      var instruction = Instruction("sum of squares", reads: [gradient], writes: [own]) { at in
        kernels.squares(at.real(gradient), count: gradient.count, to: at.doubles(own))
      }
      instruction.phase = .optimiser
      sums.append(instruction)
      start += count
    }
    var join = Instruction(
      "gradient norm", reads: [partials, registers], writes: [registers]
    ) { at in
      kernels.clip(
        at.doubles(partials), count: total, limit: limit, registers: at.real(registers))
    }
    join.phase = .optimiser
    return (sums, join)
  }
}

/// The update of one weight.
private struct WeightUpdate {
  var weight: TensorView
  var gradient: TensorView
  var state: OptimiserState
  var decays: Bool

  func instruction(_ registers: TensorView, _ kernels: any KernelSet.Type) -> Instruction {
    let moved = [weight, state.first, state.second]
    let update = self
    var instruction = Instruction(
      "adamw", reads: [gradient, registers] + moved, writes: moved
    ) { at in
      kernels.adamW(
        WeightPlaces(
          count: update.weight.count, weight: at.real(update.weight),
          first: at.real(update.state.first), second: at.real(update.state.second),
          gradient: at.real(update.gradient)),
        decays: update.decays, registers: at.real(registers))
    }
    instruction.phase = .optimiser
    return instruction
  }
}

extension Addresses {
  /// Two real elements seen as one of double precision; the view starts at an even element.
  fileprivate func doubles(_ view: TensorView) -> Place<Double> {
    Place(UnsafeMutableRawPointer(real(view).pointer).assumingMemoryBound(to: Double.self))
  }
}

extension OptimiserOptions {
  /// What the registers hold in a step.
  func registers(rate: Double, step: Int) -> [(UpdateRegister, Float)] {
    let own = AdamWCoefficients(
      rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay, step: step)
    return [
      (.shrink, Float(own.shrink)), (.keep, 1), (.beta2, Float(beta2)),
      (.weight1, Float(1 - beta1)), (.weight2, Float(1 - beta2)), (.epsilon, Float(epsilon)),
      (.step, Float(-own.stepSize)), (.correction, Float(own.correction)),
      (.forward, 1 - beta1 < 0.5 ? 1 : 0), (.scale, 1), (.norm, 0),
    ]
  }
}
