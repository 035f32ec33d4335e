// SIMDKernels+Update: AdamW in place, and the norm and the scaling of gradients.
// Bound by memory: one pass reads four streams and writes three, in blocks of fixed size.
import Intrinsics
import Kernels

extension SIMDKernels: UpdateKernels {
  /// The elements of a piece.
  private static var updateBlock: Int { 16_384 }

  package static func adamW(
    _ places: WeightPlaces, decays: Bool, registers: Place<Float>
  ) -> [KernelJob] {
    [
      blocks(of: places.count) { start, end in
        updateBlock(places, start, end, Coefficients(registers.pointer, decays: decays))
      }
    ]
  }

  package static func squareBlocks(count: Int) -> Int {
    (count + updateBlock - 1) / updateBlock
  }

  package static func squares(
    _ x: Place<Float>, count: Int, to partials: Place<Double>
  ) -> [KernelJob] {
    [
      blocks(of: count) { start, end in
        partials.pointer[start / updateBlock] = squareSum(x.pointer + start, end &- start)
      }
    ]
  }

  package static func clip(
    _ partials: Place<Double>, count: Int, limit: Float?, registers: Place<Float>
  ) -> [KernelJob] {
    [
      KernelJob(pieces: 1) { _, _ in
        var sum = 0.0
        for index in 0..<count { sum += partials.pointer[index] }
        let norm = Float(sum.squareRoot())
        registers.pointer[UpdateRegister.norm.rawValue] = norm
        var scale: Float = 1
        if let limit {
          let coefficient = limit / (norm + 1e-6)
          // Written so that NaN is not taken for "within the limit".
          if !(coefficient >= 1) { scale = coefficient }
        }
        registers.pointer[UpdateRegister.scale.rawValue] = scale
      }
    ]
  }

  package static func scale(
    _ x: Place<Float>, count: Int, by factor: Place<Float>
  ) -> [KernelJob] {
    [
      blocks(of: count) { start, end in
        let scale = Vector(repeating: factor.pointer[0])
        var index = start
        while index < end {
          let value = x.pointer.vector(at: index, upTo: end, padding: 0) * scale
          x.pointer.store(value, at: index, upTo: end)
          index &+= lanes
        }
      }
    ]
  }

  private static func blocks(
    of count: Int, _ body: @escaping @Sendable (_ start: Int, _ end: Int) -> Void
  ) -> KernelJob {
    KernelJob(pieces: squareBlocks(count: count)) { piece, _ in
      let start = piece &* updateBlock
      body(start, min(start &+ updateBlock, count))
    }
  }

  /// - Source: Loshchilov and Hutter 2019, arXiv:1711.05101; the order of the arithmetic is that of
  ///   the plain kernel, without fused multiply-adds, so that the bits are the same.
  private static func updateBlock(
    _ places: WeightPlaces, _ start: Int, _ end: Int, _ by: Coefficients
  ) {
    let (p, m) = (places.weight.pointer, places.first.pointer)
    let (v, g) = (places.second.pointer, places.gradient.pointer)
    var index = start
    while index < end {
      let gradient = g.vector(at: index, upTo: end, padding: 0) * by.scale
      let oldFirst = m.vector(at: index, upTo: end, padding: 0)
      let shrunk = p.vector(at: index, upTo: end, padding: 0) * by.shrink
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

  private static func squareSum(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Double {
    var (low, high) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    var index = 0
    let memory = UnsafeRawPointer(x)
    while index &+ 16 <= count {
      let a = plumbline_widen8(
        memory.loadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self))
      let b = plumbline_widen8(
        memory.loadUnaligned(fromByteOffset: index &* 4 &+ 32, as: SIMD8<Float>.self))
      low += a * a
      high += b * b
      index &+= 16
    }
    let sum = low + high
    let four = sum.lowHalf + sum.highHalf
    var total = (four[0] + four[1]) + (four[2] + four[3])
    while index < count {
      total += Double(x[index]) * Double(x[index])
      index &+= 1
    }
    return total
  }
}

/// The numbers of a step, in every lane.
private struct Coefficients {
  let shrink: Vector
  let beta2: Vector
  let weight1: Vector
  let rest1: Vector
  let weight2: Vector
  let epsilon: Vector
  let step: Vector
  let correction: Vector
  let scale: Vector
  let forward: Bool

  @inline(__always)
  init(_ registers: UnsafeMutablePointer<Float>, decays: Bool) {
    func number(_ register: UpdateRegister) -> Vector {
      Vector(repeating: registers[register.rawValue])
    }
    shrink = number(decays ? .shrink : .keep)
    beta2 = number(.beta2)
    weight1 = number(.weight1)
    rest1 = Vector(repeating: 1) - weight1
    weight2 = number(.weight2)
    epsilon = number(.epsilon)
    step = number(.step)
    correction = number(.correction)
    scale = number(.scale)
    forward = registers[UpdateRegister.forward.rawValue] != 0
  }
}
