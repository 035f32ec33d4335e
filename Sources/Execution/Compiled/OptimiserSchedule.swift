// OptimiserSchedule: where in the step each weight is updated, and the memory that this needs.
// As early as can be, so that a gradient dies before the next one is made.
import IR
import Kernels

/// The buffers of one weight's state: as many as its optimiser keeps.
package struct OptimiserState: Hashable, Sendable {
  package var moments: [TensorView]
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
      let names = ["first moment", "second moment"].prefix(options.settings.moments)
      let own = OptimiserState(
        moments: names.map {
          state(
            weight.extents,
            label: "\(parameter.name) \(options.settings.method == .sgd ? "momentum" : $0)")
        })
      moments[index] = own
      updates.append(
        WeightUpdate(
          settings: options.settings, weight: weight, gradient: dense(view(of: gradient)),
          state: own,
          decays: options.decayed.indices.contains(index) && options.decayed[index]))
    }
    let make = { [kernels] (update: WeightUpdate) in update.instruction(registers, kernels) }
    if options.accumulates {
      scheduleSums(&updates, registers)
      updateStart = instructions.count
    }
    let late = options.accumulates || options.globalNorm != nil
    guard options.globalNorm != nil || options.measuresNorm else {
      if late { instructions += updates.map(make) } else { insert(updates) { [make(updates[$0])] } }
      return
    }
    let norm = norm(
      of: updates.map(\.gradient), limit: options.globalNorm.map { Float($0) }, registers)
    guard options.globalNorm == nil else {
      // Nobody may be updated before the norm over all is known.
      instructions += norm.sums + [norm.join] + updates.map(make)
      return
    }
    // Nobody waits for the norm, so each block of a gradient is fetched once for both.
    let both = zip(norm.sums, updates.map(make)).map { $0.alternating(with: $1) }
    if late { instructions += both } else { insert(updates) { [both[$0]] } }
    instructions.append(norm.join)
  }

  /// Adds each gradient to a sum as soon as it is made, and lets the updates read the sums.
  private mutating func scheduleSums(_ updates: inout [WeightUpdate], _ registers: TensorView) {
    let gradients = updates
    for index in updates.indices {
      let weight = updates[index].weight
      updates[index].gradient = persistent(
        weight.extents, .gradientSum,
        label: "\(buffers[weight.buffer].label) gradient sum")
    }
    let additions = zip(gradients, updates).map { [kernels] made, update in
      let (gradient, sum) = (made.gradient, update.gradient)
      var instruction = Instruction(
        "add to gradient sum", reads: [gradient, sum, registers], writes: [sum]
      ) { at in
        kernels.accumulate(
          at.real(gradient), count: gradient.count, to: at.real(sum), registers: at.real(registers)
        )
      }
      instruction.phase = .optimiser
      return instruction
    }
    insert(gradients) { [additions[$0]] }
  }

  private mutating func state(_ extents: [Int], label: String) -> TensorView {
    persistent(extents, .optimiser, label: label)
  }

  private mutating func persistent(
    _ extents: [Int], _ place: PlannedBuffer.Place, label: String
  ) -> TensorView {
    let bytes = extents.reduce(1, *) * ElementKind.real.storedBytes
    return TensorView(
      dense: buffer(PlannedBuffer(bytes: bytes, place: place, label: label)),
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
  var settings: OptimiserSettings
  var weight: TensorView
  var gradient: TensorView
  var state: OptimiserState
  var decays: Bool

  func instruction(_ registers: TensorView, _ kernels: any KernelSet.Type) -> Instruction {
    let moved = [weight] + state.moments
    let update = self
    let decay = settings.decayForm(decays: decays)
    var instruction = Instruction(
      settings.method.rawValue, reads: [gradient, registers] + moved, writes: moved
    ) { at in
      let moments = update.state.moments.map { at.real($0) }
      let places = WeightPlaces(
        count: update.weight.count, weight: at.real(update.weight), first: moments.first,
        second: moments.dropFirst().first, gradient: at.real(update.gradient))
      return switch update.settings.method {
      case .adamW, .adam: kernels.adam(places, decay: decay, registers: at.real(registers))
      case .sgd:
        kernels.sgd(
          places, decay: decay, nesterov: update.settings.nesterov, registers: at.real(registers))
      }
    }
    instruction.phase = .optimiser
    return instruction
  }
}

extension Instruction {
  /// This one and another whose one job has the same pieces: both do a piece before the next begins.
  fileprivate func alternating(with other: Instruction) -> Instruction {
    let (own, others) = (make, other.make)
    var result = Instruction(
      other.label, reads: reads + other.reads.filter { !reads.contains($0) },
      writes: writes + other.writes
    ) { at in
      zip(own(at), others(at)).map { first, second in
        precondition(first.pieces == second.pieces, "jobs of unequal pieces can't alternate")
        return KernelJob(pieces: first.pieces) { piece, scratch in
          first.body(piece, scratch)
          second.body(piece, scratch)
        }
      }
    }
    result.phase = other.phase
    return result
  }
}

extension Addresses {
  /// Two real elements seen as one of double precision; the view starts at an even element.
  fileprivate func doubles(_ view: TensorView) -> Place<Double> {
    Place(UnsafeMutableRawPointer(real(view).pointer).assumingMemoryBound(to: Double.self))
  }
}

extension OptimiserOptions {
  /// What the registers hold in an update.
  func registers(
    rate: Double, momentum: Double? = nil, step: Int
  ) -> [(UpdateRegister, Float)] {
    var settings = settings
    if let momentum { (settings.beta1, settings.momentum) = (momentum, momentum) }
    let own = UpdateCoefficients(settings, rate: rate, decays: true, step: step)
    return [
      (.shrink, Float(own.shrink)), (.keep, 1), (.added, Float(own.added)),
      (.beta2, Float(own.beta2)), (.weight1, Float(1 - own.beta1)),
      (.weight2, Float(1 - own.beta2)), (.epsilon, Float(own.epsilon)),
      (.step, Float(-own.stepSize)), (.correction, Float(own.correction)),
      (.forward, 1 - own.beta1 < 0.5 ? 1 : 0), (.momentum, Float(own.momentum)),
      (.intake, Float(own.intake)), (.scale, 1), (.norm, 0),
    ]
  }
}
