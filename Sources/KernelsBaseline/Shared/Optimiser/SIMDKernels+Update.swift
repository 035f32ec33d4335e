// SIMDKernels+Update: Adam and SGD in place.
// Bound by memory: one pass reads four streams and writes three, in blocks of fixed size.
import Kernels

extension SIMDKernels {
  package static func adam(
    _ places: WeightPlaces, decay: DecayForm, registers: Place<Float>
  ) -> [KernelJob] {
    guard let first = places.first, let second = places.second else {
      preconditionFailure("Adam is asked to update a weight without moments")
    }
    return [
      updateBlocks(of: places.count) { start, end in
        adamBlock(
          places, first.pointer, second.pointer, start, end,
          Coefficients(registers.pointer, decay))
      }
    ]
  }

  package static func sgd(
    _ places: WeightPlaces, decay: DecayForm, nesterov: Bool, registers: Place<Float>
  ) -> [KernelJob] {
    [
      updateBlocks(of: places.count) { start, end in
        let by = Coefficients(registers.pointer, decay)
        if let direction = places.first {
          momentumBlock(places, direction.pointer, start, end, by, nesterov)
        } else {
          descentBlock(places, start, end, by)
        }
      }
    ]
  }

  /// - Source: Loshchilov and Hutter 2019, arXiv:1711.05101; the order of the arithmetic is that of
  ///   the plain kernel, without fused multiply-adds, so that the bits are the same.
  private static func adamBlock(
    _ places: WeightPlaces, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
    _ start: Int, _ end: Int, _ by: Coefficients
  ) {
    let (p, g) = (places.weight.pointer, places.gradient.pointer)
    var index = start
    while index < end {
      let weight = p.vector(at: index, upTo: end, padding: 0)
      let gradient = by.gradient(g.vector(at: index, upTo: end, padding: 0), weight)
      let oldFirst = m.vector(at: index, upTo: end, padding: 0)
      let shrunk = weight * by.shrink
      let difference = gradient - oldFirst
      let first =
        by.forward
        ? oldFirst + by.weight1 * difference : gradient - difference * by.rest1
      let second =
        v.vector(at: index, upTo: end, padding: 0) * by.beta2 + by.weight2 * gradient * gradient
      let denominator = Vector.root(second) / by.correction + by.epsilon
      m.store(first, at: index, upTo: end)
      v.store(second, at: index, upTo: end)
      p.store(shrunk + by.step * first / denominator, at: index, upTo: end)
      index &+= lanes
    }
  }

  private static func momentumBlock(
    _ places: WeightPlaces, _ m: UnsafeMutablePointer<Float>, _ start: Int, _ end: Int,
    _ by: Coefficients, _ nesterov: Bool
  ) {
    let (p, g) = (places.weight.pointer, places.gradient.pointer)
    var index = start
    while index < end {
      let weight = p.vector(at: index, upTo: end, padding: 0)
      let gradient = by.gradient(g.vector(at: index, upTo: end, padding: 0), weight)
      let old = m.vector(at: index, upTo: end, padding: 0)
      let direction = old * by.momentum + by.intake * gradient
      let step = nesterov ? gradient + by.momentum * direction : direction
      m.store(direction, at: index, upTo: end)
      p.store(weight + by.step * step, at: index, upTo: end)
      index &+= lanes
    }
  }

  private static func descentBlock(
    _ places: WeightPlaces, _ start: Int, _ end: Int, _ by: Coefficients
  ) {
    let (p, g) = (places.weight.pointer, places.gradient.pointer)
    var index = start
    while index < end {
      let weight = p.vector(at: index, upTo: end, padding: 0)
      let gradient = by.gradient(g.vector(at: index, upTo: end, padding: 0), weight)
      p.store(weight + by.step * gradient, at: index, upTo: end)
      index &+= lanes
    }
  }
}

/// The numbers of a step, in every lane.
private struct Coefficients {
  let shrink: Vector
  let added: Vector
  let beta2: Vector
  let weight1: Vector
  let rest1: Vector
  let weight2: Vector
  let epsilon: Vector
  let step: Vector
  let correction: Vector
  let momentum: Vector
  let intake: Vector
  let scale: Vector
  let forward: Bool
  let isAdded: Bool

  @inline(__always)
  init(_ registers: UnsafeMutablePointer<Float>, _ decay: DecayForm) {
    func number(_ register: UpdateRegister) -> Vector {
      Vector(repeating: registers[register.rawValue])
    }
    shrink = number(decay == .shrinking ? .shrink : .keep)
    added = number(.added)
    beta2 = number(.beta2)
    weight1 = number(.weight1)
    rest1 = Vector(repeating: 1) - weight1
    weight2 = number(.weight2)
    epsilon = number(.epsilon)
    step = number(.step)
    correction = number(.correction)
    momentum = number(.momentum)
    intake = number(.intake)
    scale = number(.scale)
    forward = registers[UpdateRegister.forward.rawValue] != 0
    isAdded = decay == .added
  }

  /// The gradient that moves a weight: scaled, and with the decay where that is added.
  @inline(__always)
  func gradient(_ gradient: Vector, _ weight: Vector) -> Vector {
    let scaled = gradient * scale
    return isAdded ? scaled + added * weight : scaled
  }
}
