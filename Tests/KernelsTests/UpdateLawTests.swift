// UpdateLawTests: the kernels of the optimisers against their plain twins, bit for bit.
// On every instruction set of the machine; the plain twins are held against PyTorch elsewhere.
import Kernels
import Testing

@testable import Execution

@Suite struct UpdateLawTests {
  @Test(
    "Adam and SGD with added decay have the plain kernels' bits, in all their forms",
    arguments: [
      OptimiserSettings(.adam, decay: 0.1), OptimiserSettings(.adam, beta1: 0.4),
      OptimiserSettings(.sgd), OptimiserSettings(.sgd, decay: 0.1),
      OptimiserSettings(.sgd, decay: 0.1, momentum: 0.9, dampening: 0.25),
      OptimiserSettings(.sgd, momentum: 0.9, nesterov: true),
    ], [1, 7])
  func otherUpdates(_ settings: OptimiserSettings, _ step: Int) throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 36)
      for count in [0, 1, 17, 64, 20_009] {
        let memory = KernelMemory()
        var (weight, first) = (random.reals(count), random.reals(count))
        var second = random.reals(count, 0...1)
        let gradient = random.reals(count)
        let kept = settings.moments
        let places = WeightPlaces(
          count: count, weight: memory.reals(weight),
          first: kept > 0 ? memory.reals(first) : nil,
          second: kept > 1 ? memory.reals(second) : nil, gradient: memory.reals(gradient))
        let numbers = OptimiserOptions(settings, decayed: []).registers(rate: 0.02, step: step)
        let registers = memory.reals(UpdateRegister.allCases.map { _ in Float.nan })
        for (register, value) in numbers { registers.pointer[register.rawValue] = value }
        let own = UpdateCoefficients(settings, rate: 0.02, decays: true, step: step)
        let decay = settings.decayForm(decays: true)
        if settings.method == .sgd {
          memory.run(
            kernels.sgd(
              places, decay: decay, nesterov: settings.nesterov, registers: registers))
          if kept == 0 { first = [] }
          try OptimiserKernels.sgd(
            weight: &weight, direction: &first, gradient: gradient, own)
        } else {
          memory.run(kernels.adam(places, decay: decay, registers: registers))
          try OptimiserKernels.adam(
            weight: &weight, first: &first, second: &second, gradient: gradient, own)
        }
        #expect(memory.elements(places.weight, count) == weight, "\(kernels.level) \(count)")
        if let place = places.first { #expect(memory.elements(place, count) == first) }
        if let place = places.second { #expect(memory.elements(place, count) == second) }
      }
    }
  }

  @Test("sums of gradients begin with the first, and take each by its share")
  func sums() throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 37)
      for count in [0, 1, 19, 33_001] {
        let memory = KernelMemory()
        let batches = [random.reals(count), random.reals(count)]
        let sum = memory.garbage(count)
        let registers = memory.reals(UpdateRegister.allCases.map { _ in Float(0) })
        for (number, share) in [Float(0.3), 0.7].enumerated() {
          registers.pointer[UpdateRegister.share.rawValue] = share
          registers.pointer[UpdateRegister.starts.rawValue] = number == 0 ? 1 : 0
          memory.run(
            kernels.accumulate(
              memory.reals(batches[number]), count: count, to: sum, registers: registers))
        }
        let expected = zip(batches[0], batches[1]).map { 0.3 * $0 + 0.7 * $1 }
        #expect(memory.elements(sum, count) == expected, "\(kernels.level)")
      }
    }
  }

  @Test("an update has the plain kernel's bits, and clips by the norm of everything")
  func updates() throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 35)
      for count in [0, 1, 17, 64, 40_009] {
        let memory = KernelMemory()
        var (weight, first) = (random.reals(count), random.reals(count))
        var second = random.reals(count, 0...1)
        let gradient = random.reals(count)
        let places = WeightPlaces(
          count: count, weight: memory.reals(weight), first: memory.reals(first),
          second: memory.reals(second), gradient: memory.reals(gradient))
        let own = UpdateCoefficients(
          OptimiserSettings(rate: 1e-3, beta2: 0.95, decay: 0.1), rate: 1e-3, decays: true, step: 7)
        let values: [UpdateRegister: Double] = [
          .shrink: own.shrink, .keep: 1, .beta2: 0.95, .weight1: 1 - 0.9, .weight2: 1 - 0.95,
          .epsilon: 1e-8, .step: -own.stepSize, .correction: own.correction, .forward: 1,
        ]
        let registers = memory.reals(UpdateRegister.allCases.map { Float(values[$0] ?? 0) })
        let blocks = kernels.squareBlocks(count: count)
        let partials = UnsafeMutablePointer<Double>.allocate(capacity: max(1, blocks))
        defer { partials.deallocate() }
        memory.run(kernels.squares(places.gradient, count: count, to: Place(partials)))
        memory.run(
          kernels.clip(Place(partials), count: blocks, limit: 0.5, registers: registers))
        let norm = OptimiserKernels.norm(gradient)
        let found = registers.pointer[UpdateRegister.norm.rawValue]
        #expect(abs(found - norm) <= 1e-6 * norm)
        let scale = registers.pointer[UpdateRegister.scale.rawValue]
        #expect(abs(scale - min(1, 0.5 / (norm + 1e-6))) <= 1e-6)
        memory.run(kernels.adam(places, decay: .shrinking, registers: registers))
        try OptimiserKernels.adam(
          weight: &weight, first: &first, second: &second,
          gradient: gradient.map { $0 * scale }, own)
        #expect(memory.elements(places.weight, count) == weight, "\(kernels.level)")
        #expect(places.first.map { memory.elements($0, count) } == first)
        #expect(places.second.map { memory.elements($0, count) } == second)
      }
    }
  }
}
