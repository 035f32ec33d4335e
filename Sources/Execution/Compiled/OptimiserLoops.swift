// OptimiserLoops: the update of a weight and the norm of all gradients, in pieces.
// They read what changes from step to step in the arena, so that one job serves every step.
import IR
import Kernels

/// The update of one weight in pieces of 64 thousand elements.
struct AdamWLoop: Sendable {
  static let pieceCount = 65_536

  let weight: Place<Float>
  let first: Place<Float>
  let second: Place<Float>
  let gradient: Place<Float>
  let count: Int
  let decays: Bool
  let registers: Place<Float>

  var job: KernelJob {
    KernelJob(pieces: (count + AdamWLoop.pieceCount - 1) / AdamWLoop.pieceCount) { piece, _ in
      run(piece * AdamWLoop.pieceCount, min(count, (piece + 1) * AdamWLoop.pieceCount))
    }
  }

  /// - Source: the order of ``OptimiserKernels/adamW(weight:first:second:gradient:_:)``.
  private func run(_ start: Int, _ end: Int) {
    func read(_ register: OptimiserRegisters.Register) -> Float {
      registers.pointer[register.rawValue]
    }
    let (p, m, v, g) = (weight.pointer, first.pointer, second.pointer, gradient.pointer)
    let shrink = decays ? read(.shrink) : 1
    let (beta2, weight1, weight2) = (read(.beta2), read(.weight1), read(.weight2))
    let (epsilon, step, correction) = (read(.epsilon), read(.step), read(.correction))
    let (forward, scale) = (read(.forward) == 1, read(.scale))
    var i = start
    while i < end {
      let own = g[i] * scale
      let difference = own - m[i]
      let mean = forward ? m[i] + weight1 * difference : own - difference * (1 - weight1)
      let square = v[i] * beta2 + weight2 * own * own
      m[i] = mean
      v[i] = square
      p[i] = p[i] * shrink + step * mean / (square.squareRoot() / correction + epsilon)
      i &+= 1
    }
  }
}

/// The norm over all gradients, and the factor that brings it within a bound.
enum GradientNorm {
  /// Sums of squares for each stretch of each gradient, then one piece that joins them in order.
  static func instructions(
    _ gradients: [TensorView], _ bound: Double, _ registers: OptimiserRegisters,
    _ lowering: inout Lowering
  ) -> [Instruction] {
    let stretches = gradients.map {
      max(1, ($0.count + AdamWLoop.pieceCount - 1) / AdamWLoop.pieceCount)
    }
    // Sums in double precision, which are two of the arena's elements.
    let sums = lowering.temporary([2 * stretches.reduce(0, +)], label: "sums of squares")
    var start = 0
    var result: [Instruction] = []
    for (gradient, count) in zip(gradients, stretches) {
      let own = TensorView(
        buffer: sums.buffer, offset: 2 * start, extents: [2 * count], strides: [1], kind: .real)
      var instruction = Instruction("sum of squares", reads: [gradient], writes: [own]) { at in
        let (x, sums) = (at.real(gradient), at.doubles(own))
        return [
          KernelJob(pieces: count) { piece, _ in
            let start = piece * AdamWLoop.pieceCount
            sums.pointer[piece] = squares(
              x.pointer + start, min(gradient.count - start, AdamWLoop.pieceCount))
          }
        ]
      }
      instruction.phase = .optimiser
      result.append(instruction)
      start += count
    }
    var joining = Instruction(
      "gradient norm", reads: [sums, registers.view], writes: [registers.view]
    ) { at in
      let (squares, registers) = (at.doubles(sums), at.real(registers.view))
      return [
        KernelJob(pieces: 1) { _, _ in
          join(squares.pointer, stretches, Float(bound), registers.pointer)
        }
      ]
    }
    joining.phase = .optimiser
    return result + [joining]
  }

  private static func squares(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Double {
    var sums = SIMD4<Double>.zero
    var i = 0
    while i &+ 4 <= count {
      let four = SIMD4<Double>(
        Double(x[i]), Double(x[i &+ 1]), Double(x[i &+ 2]), Double(x[i &+ 3]))
      sums += four * four
      i &+= 4
    }
    while i < count {
      sums[0] += Double(x[i]) * Double(x[i])
      i &+= 1
    }
    return sums.sum()
  }

  /// The norm of the norms of the gradients, each rounded to single precision as PyTorch does it.
  private static func join(
    _ sums: UnsafeMutablePointer<Double>, _ stretches: [Int], _ bound: Float,
    _ registers: UnsafeMutablePointer<Float>
  ) {
    var total = 0.0
    var index = 0
    for count in stretches {
      var own = 0.0
      for _ in 0..<count {
        own += sums[index]
        index += 1
      }
      let norm = Double(Float(own.squareRoot()))
      total += norm * norm
    }
    let norm = Float(total.squareRoot())
    let factor = bound / (norm + 1e-6)
    registers[OptimiserRegisters.Register.norm.rawValue] = norm
    // Written so that NaN is not taken for "within the limit".
    registers[OptimiserRegisters.Register.scale.rawValue] = factor >= 1 ? 1 : factor
  }
}

extension Addresses {
  /// Two real elements seen as one of double precision; the view starts at an even element.
  func doubles(_ view: TensorView) -> Place<Double> {
    Place(UnsafeMutableRawPointer(real(view).pointer).assumingMemoryBound(to: Double.self))
  }
}
