// SIMDKernels+Gradients: the sums of gradients over micro-batches, their norm and their scaling.
// Apart from the updates, which read what is decided here; both go by blocks of the same size.
import Intrinsics
import Kernels

extension SIMDKernels: UpdateKernels {
  /// The elements of a piece.
  private static var updateBlock: Int { 16_384 }

  package static func accumulate(
    _ gradient: Place<Float>, count: Int, to sum: Place<Float>, registers: Place<Float>
  ) -> [KernelJob] {
    [
      updateBlocks(of: count) { start, end in
        let share = Vector(repeating: registers.pointer[UpdateRegister.share.rawValue])
        let starts = registers.pointer[UpdateRegister.starts.rawValue] != 0
        var index = start
        while index < end {
          let own = share * gradient.pointer.vector(at: index, upTo: end, padding: 0)
          let old = sum.pointer.vector(at: index, upTo: end, padding: 0)
          // What an earlier step left in the sum may be no number at all.
          sum.pointer.store(starts ? own : old + own, at: index, upTo: end)
          index &+= lanes
        }
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
      updateBlocks(of: count) { start, end in
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
      updateBlocks(of: count) { start, end in
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

  static func updateBlocks(
    of count: Int, _ body: @escaping @Sendable (_ start: Int, _ end: Int) -> Void
  ) -> KernelJob {
    KernelJob(pieces: squareBlocks(count: count)) { piece, _ in
      let start = piece &* updateBlock
      body(start, min(start &+ updateBlock, count))
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
