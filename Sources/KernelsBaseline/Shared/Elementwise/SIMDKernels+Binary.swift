// SIMDKernels+Binary: arithmetic on pairs of reals over strided tensors.
// A stride of zero broadcasts; the switch stands inside the job and outside the loops.
import Kernels

extension SIMDKernels {
  package static func apply(
    _ function: BinaryFunction, _ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let triple = RunTriple(a, b, y)
    return [
      KernelJob(pieces: triple.walk.pieces) { piece, _ in
        switch function {
        case .add: triple.map(Lane.Sum.self, piece)
        case .subtract: triple.map(Lane.Difference.self, piece)
        case .multiply: triple.map(Lane.Product.self, piece)
        case .divide: triple.map(Lane.Quotient.self, piece)
        case .maximum: triple.map(Lane.Larger.self, piece)
        case .minimum: triple.map(Lane.Smaller.self, piece)
        case .power: triple.map(Lane.Power.self, piece)
        }
      }
    ]
  }

  package static func accumulate(
    _ x: PlacedTensor<Float>, times factor: Float, to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let walk = RunWalk(y.extents, y.strides, x.strides)
    let (target, source) = (y.place, x.place)
    return [
      KernelJob(pieces: walk.pieces) { piece, _ in
        let scale = Vector(repeating: factor)
        let steps = walk.steps
        walk.forEachRun(piece) { start, count in
          let (x, y) = (source.pointer + start[1], target.pointer + start[0])
          var index = 0
          if steps[0] == 1 && steps[1] == 1 {
            while index &+ lanes <= count {
              y.store(Vector.fma(x.vector(at: index), scale, y.vector(at: index)), at: index)
              index &+= lanes
            }
          }
          while index < count {
            let rest = min(lanes, count &- index)
            let (from, to) = (x + index &* steps[1], y + index &* steps[0])
            let sum = Vector.fma(
              from.gathered(step: steps[1], count: rest, padding: 0), scale,
              to.gathered(step: steps[0], count: rest, padding: 0))
            to.scatter(sum, step: steps[0], count: rest)
            index &+= lanes
          }
        }
      }
    ]
  }
}
