// SIMDKernels+Softmax: softmax, its logarithm and their gradients, a row at a time.
// The largest element is subtracted first, so that no exponential overflows.
import Kernels

extension SIMDKernels {
  package static func softmaxWorkspace(width: Int) -> KernelWorkspace {
    // Three rows, for operands and result whose elements lie apart.
    KernelWorkspace(scratch: 3 * width * MemoryLayout<Float>.stride)
  }

  package static func softmax(
    _ x: PlacedTensor<Float>, axis: Int, logarithm: Bool, to y: PlacedTensor<Float>
  ) -> [KernelJob] {
    let rows = RowWalk(x.extents, axis: axis, y.strides, x.strides)
    let (target, source) = (y.place, x.place)
    let width = rows.width
    return [
      KernelJob(pieces: rows.walk.pieces) { piece, scratch in
        let buffer = scratch.assumingMemoryBound(to: Float.self)
        rows.forEachRow(piece) { start in
          let from = (source.pointer + start[1])
            .gatheredRow(step: rows.along[1], count: width, in: buffer)
          let place = target.pointer + start[0]
          let to = rows.along[0] == 1 ? place : buffer + width
          if logarithm {
            logSoftmaxRow(from, width, to)
          } else {
            softmaxRow(from, width, to)
          }
          place.scatterRow(to, step: rows.along[0], count: width)
        }
      }
    ]
  }

  package static func softmaxGradient(
    _ y: PlacedTensor<Float>, gradient: PlacedTensor<Float>, axis: Int, logarithm: Bool,
    to target: PlacedTensor<Float>
  ) -> [KernelJob] {
    let rows = RowWalk(y.extents, axis: axis, target.strides, y.strides, gradient.strides)
    let (place, result, arriving) = (target.place, y.place, gradient.place)
    let width = rows.width
    return [
      KernelJob(pieces: rows.walk.pieces) { piece, scratch in
        let buffer = scratch.assumingMemoryBound(to: Float.self)
        rows.forEachRow(piece) { start in
          let y = (result.pointer + start[1])
            .gatheredRow(step: rows.along[1], count: width, in: buffer)
          let g = (arriving.pointer + start[2])
            .gatheredRow(step: rows.along[2], count: width, in: buffer + width)
          let place = place.pointer + start[0]
          let to = rows.along[0] == 1 ? place : buffer + 2 &* width
          if logarithm {
            logSoftmaxGradientRow(y, g, width, to)
          } else {
            softmaxGradientRow(y, g, width, to)
          }
          place.scatterRow(to, step: rows.along[0], count: width)
        }
      }
    ]
  }

  @inline(__always)
  private static func largest(_ x: UnsafeMutablePointer<Float>, _ width: Int) -> Float {
    var largest = Vector(repeating: -.infinity)
    var index = 0
    while index < width {
      // NaN is passed over here, and found again in the sum.
      largest = Vector.larger(
        x.vector(at: index, upTo: width, padding: -.infinity), largest)
      index &+= lanes
    }
    return largest.largest
  }

  /// Padding with -∞ adds exponentials of zero, except to a row of -∞, which is NaN anyway.
  private static func softmaxRow(
    _ x: UnsafeMutablePointer<Float>, _ width: Int, _ y: UnsafeMutablePointer<Float>
  ) {
    let top = Vector(repeating: largest(x, width))
    var sum = Vector.zero
    var index = 0
    while index < width {
      let value = Vector.exponential(
        x.vector(at: index, upTo: width, padding: -.infinity) - top)
      sum += value
      y.store(value, at: index, upTo: width)
      index &+= lanes
    }
    let share = Vector(repeating: 1 / sum.total)
    index = 0
    while index < width {
      y.store(y.vector(at: index, upTo: width, padding: 0) * share, at: index, upTo: width)
      index &+= lanes
    }
  }

  private static func logSoftmaxRow(
    _ x: UnsafeMutablePointer<Float>, _ width: Int, _ y: UnsafeMutablePointer<Float>
  ) {
    let top = Vector(repeating: largest(x, width))
    var sum = Vector.zero
    var index = 0
    while index < width {
      sum += Vector.exponential(x.vector(at: index, upTo: width, padding: -.infinity) - top)
      index &+= lanes
    }
    let logarithm = Vector(repeating: Float.logarithm(sum.total))
    index = 0
    while index < width {
      let value = (x.vector(at: index, upTo: width, padding: 0) - top) - logarithm
      y.store(value, at: index, upTo: width)
      index &+= lanes
    }
  }

  private static func softmaxGradientRow(
    _ y: UnsafeMutablePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ width: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var sum = Vector.zero
    var index = 0
    while index < width {
      sum = Vector.fma(
        y.vector(at: index, upTo: width, padding: 0), g.vector(at: index, upTo: width, padding: 0),
        sum)
      index &+= lanes
    }
    let dot = Vector(repeating: sum.total)
    index = 0
    while index < width {
      let value =
        y.vector(at: index, upTo: width, padding: 0)
        * (g.vector(at: index, upTo: width, padding: 0) - dot)
      target.store(value, at: index, upTo: width)
      index &+= lanes
    }
  }

  private static func logSoftmaxGradientRow(
    _ y: UnsafeMutablePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ width: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var sum = Vector.zero
    var index = 0
    while index < width {
      sum += g.vector(at: index, upTo: width, padding: 0)
      index &+= lanes
    }
    let total = Vector(repeating: -sum.total)
    index = 0
    while index < width {
      let share = Vector.exponential(y.vector(at: index, upTo: width, padding: 0))
      let value = Vector.fma(share, total, g.vector(at: index, upTo: width, padding: 0))
      target.store(value, at: index, upTo: width)
      index &+= lanes
    }
  }
}
