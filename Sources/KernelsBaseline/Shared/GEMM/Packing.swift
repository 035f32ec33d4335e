// Packing: copies of operands in the order in which the innermost loop reads them.
// Loops over memory alone; which block is packed when is the pieces' affair.
import Kernels

/// One operand as a grid of `x` (rows of A, columns of B) by steps of the sum.
struct PackSource {
  let start: UnsafeMutablePointer<Float>
  let stride: Int
  /// Whether elements of consecutive `x`, rather than of consecutive steps, lie side by side.
  let alongX: Bool

  /// Copies a panel of `width` by `depth`, the steps outside; `valid` of the width are there, the
  /// rest is zero.
  @inline(__always)
  func pack(
    x: Int, step: Int, valid: Int, width: Int, depth: Int, to panel: UnsafeMutablePointer<Float>
  ) {
    if alongX {
      let source = start + (step &* stride &+ x)
      if valid == width {
        packRows(source, stride, width, depth, panel)
      } else {
        packEdge(source, stride, 1, valid, width, depth, panel)
      }
    } else {
      let source = start + (x &* stride &+ step)
      packColumns(source, stride, valid, width, depth, panel)
    }
  }
}

/// Copies `depth` rows of `width`.
@inline(never)
private func packRows(
  _ source: UnsafeMutablePointer<Float>, _ stride: Int, _ width: Int, _ depth: Int,
  _ panel: UnsafeMutablePointer<Float>
) {
  var (row, target, step) = (source, panel, 0)
  if width == Tile.columns {
    while step < depth {
      target.store(row.vector(at: 0), at: 0)
      target.store(row.vector(at: lanes), at: lanes)
      row += stride
      target += 2 &* lanes
      step &+= 1
    }
    return
  }
  while step < depth {
    var x = 0
    while x &+ 4 <= width {
      target.store4(row.vector4(at: x), at: x)
      x &+= 4
    }
    while x < width {
      target[x] = row[x]
      x &+= 1
    }
    row += stride
    target += width
    step &+= 1
  }
}

/// Turns `valid` rows of `depth` into `depth` rows of `width`.
@inline(never)
private func packColumns(
  _ source: UnsafeMutablePointer<Float>, _ stride: Int, _ valid: Int, _ width: Int, _ depth: Int,
  _ panel: UnsafeMutablePointer<Float>
) {
  let square = depth & ~3
  var x = 0
  while x &+ 4 <= valid {
    let row = source + x &* stride
    var step = 0
    while step < square {
      transpose4(row + step, stride, panel + (step &* width &+ x), width)
      step &+= 4
    }
    while step < depth {
      let target = panel + (step &* width &+ x)
      target[0] = row[step]
      target[1] = row[stride &+ step]
      target[2] = row[2 &* stride &+ step]
      target[3] = row[3 &* stride &+ step]
      step &+= 1
    }
    x &+= 4
  }
  if x < width {
    packEdge(source + x &* stride, 1, stride, valid &- x, width &- x, depth, panel + x, width)
  }
}

/// Copies element by element and fills up with zeros.
@inline(never)
private func packEdge(
  _ source: UnsafeMutablePointer<Float>, _ stepStride: Int, _ stride: Int, _ valid: Int,
  _ width: Int, _ depth: Int, _ panel: UnsafeMutablePointer<Float>, _ panelWidth: Int? = nil
) {
  let panelWidth = panelWidth ?? width
  var step = 0
  while step < depth {
    let (row, target) = (source + step &* stepStride, panel + step &* panelWidth)
    var x = 0
    while x < valid {
      target[x] = row[x &* stride]
      x &+= 1
    }
    while x < width {
      target[x] = 0
      x &+= 1
    }
    step &+= 1
  }
}

/// A square of four by four, turned.
@inline(__always)
private func transpose4(
  _ source: UnsafeMutablePointer<Float>, _ stride: Int, _ target: UnsafeMutablePointer<Float>,
  _ width: Int
) {
  let a = source.vector4(at: 0)
  let b = source.vector4(at: stride)
  let c = source.vector4(at: 2 &* stride)
  let d = source.vector4(at: 3 &* stride)
  let ac = SIMD8(lowHalf: a, highHalf: c)
  let bd = SIMD8(lowHalf: b, highHalf: d)
  // Even lanes: a0 a2 c0 c2, b0 b2 d0 d2; odd lanes: a1 a3 c1 c3, b1 b3 d1 d3.
  let (evenAC, oddAC) = (ac.evenHalf, ac.oddHalf)
  let (evenBD, oddBD) = (bd.evenHalf, bd.oddHalf)
  target.store4(SIMD4(evenAC[0], evenBD[0], evenAC[2], evenBD[2]), at: 0)
  target.store4(SIMD4(oddAC[0], oddBD[0], oddAC[2], oddBD[2]), at: width)
  target.store4(SIMD4(evenAC[1], evenBD[1], evenAC[3], evenBD[3]), at: 2 &* width)
  target.store4(SIMD4(oddAC[1], oddBD[1], oddAC[3], oddBD[3]), at: 3 &* width)
}

/// Adds the steps of a packed panel for each of the first `valid` of its width.
@inline(never)
func sumPanel(
  _ panel: UnsafeMutablePointer<Float>, _ width: Int, _ depth: Int, _ valid: Int,
  to sums: UnsafeMutablePointer<Float>, adds: Bool
) {
  var x = 0
  while x < valid {
    let count = min(4, valid &- x)
    if x &+ 4 <= width {
      var (first, second, third, fourth) = (
        SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero
      )
      var (row, step) = (panel + x, 0)
      while step &+ 4 <= depth {
        first += row.vector4(at: 0)
        second += row.vector4(at: width)
        third += row.vector4(at: 2 &* width)
        fourth += row.vector4(at: 3 &* width)
        row += 4 &* width
        step &+= 4
      }
      while step < depth {
        first += row.vector4(at: 0)
        row += width
        step &+= 1
      }
      let total = (first + second) + (third + fourth)
      var lane = 0
      while lane < count {
        sums[x &+ lane] = (adds ? sums[x &+ lane] : 0) + total[lane]
        lane &+= 1
      }
    } else {
      var lane = x
      while lane < x &+ count {
        var (total, step): (Float, Int) = (0, 0)
        while step < depth {
          total += panel[step &* width &+ lane]
          step &+= 1
        }
        sums[lane] = (adds ? sums[lane] : 0) + total
        lane &+= 1
      }
    }
    x &+= 4
  }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always) fileprivate func vector4(at index: Int) -> SIMD4<Float> {
    UnsafeRawPointer(self + index).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inline(__always) fileprivate func store4(_ vector: SIMD4<Float>, at index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: SIMD4<Float>.self)
  }
}
