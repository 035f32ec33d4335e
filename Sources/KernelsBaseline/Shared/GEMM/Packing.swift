// Packing: copies of operands in the order in which the innermost loop reads them.
// Loops over memory alone; which block is packed when is the pieces' affair.
import Intrinsics
import Kernels

/// One operand as a grid of `x` (rows of A, columns of B) by steps of the sum.
struct PackSource {
  let start: UnsafeMutablePointer<Float>
  let stride: Int
  /// Whether elements of consecutive `x`, rather than of consecutive steps, lie side by side.
  let alongX: Bool

  /// Copies panels of `width` by `depth`, one behind the other, the steps outside; what is not
  /// there is zero.
  ///
  /// - Parameters:
  ///   - x: The first row of A or column of B.
  ///   - step: The first step of the sums.
  ///   - valid: The rows or columns that there are.
  ///   - width: The width of a panel.
  ///   - last: The width of the last panel, which may serve fewer.
  ///   - depth: The number of steps.
  ///   - panels: Where the panels go.
  @inline(__always)
  func pack(
    x: Int, step: Int, valid: Int, width: Int, last: Int, depth: Int,
    to panels: UnsafeMutablePointer<Float>
  ) {
    if alongX {
      let source = start + (step &* stride &+ x)
      let full = valid / width
      if full > 0 { packRows(source, stride, full, width, depth, panels) }
      if full &* width < valid {
        packEdge(
          source + full &* width, stride, 1, valid &- full &* width, last, depth,
          panels + full &* width &* depth)
      }
    } else {
      var (x, left, panel) = (x, valid, panels)
      while left > 0 {
        let width = left > width ? width : last
        packColumns(
          start + (x &* stride &+ step), stride, min(left, width), width, depth, panel)
        x &+= width
        left &-= width
        panel += width &* depth
      }
    }
  }
}

/// Copies `depth` rows of `count` panels of `width`: a row lies in one piece, so that each line
/// and each page is visited once.
@inline(never)
private func packRows(
  _ source: UnsafeMutablePointer<Float>, _ stride: Int, _ count: Int, _ width: Int, _ depth: Int,
  _ panels: UnsafeMutablePointer<Float>
) {
  let size = width &* depth
  let lines = ceiling(count &* width, 16)
  var (row, target, step) = (source, panels, 0)
  while step < depth {
    if step &+ rowsAhead < depth {
      var line = 0
      while line < lines {
        plumbline_prefetch(row + (rowsAhead &* stride &+ line &* 16))
        line &+= 1
      }
    }
    var (from, to, panel) = (row, target, 0)
    if width == 2 &* lanes {
      while panel < count {
        to.store(from.vector(at: 0), at: 0)
        to.store(from.vector(at: lanes), at: lanes)
        from += width
        to += size
        panel &+= 1
      }
    } else {
      // A vector is wider than the panel; what is too much is overwritten by the next step, and
      // must neither be read behind the last panel nor be written behind the last step.
      let whole = step &+ 1 < depth ? count &- 1 : 0
      while panel < whole {
        to.store(from.vector(at: 0), at: 0)
        from += width
        to += size
        panel &+= 1
      }
      while panel < count {
        var x = 0
        while x &+ 4 <= width {
          to.store4(from.vector4(at: x), at: x)
          x &+= 4
        }
        while x < width {
          to[x] = from[x]
          x &+= 1
        }
        from += width
        to += size
        panel &+= 1
      }
    }
    row += stride
    target += width
    step &+= 1
  }
}

/// How many rows before they are copied they are asked for.
private var rowsAhead: Int { 12 }

/// Turns `valid` rows of `depth` into `depth` rows of `width`.
@inline(never)
private func packColumns(
  _ source: UnsafeMutablePointer<Float>, _ stride: Int, _ valid: Int, _ width: Int, _ depth: Int,
  _ panel: UnsafeMutablePointer<Float>
) {
  var x = 0
  while x &+ 4 <= valid {
    let rows = lanes >= 16 && x &+ 16 <= valid ? 16 : lanes >= 8 && x &+ 8 <= valid ? 8 : 4
    turn(source + x &* stride, stride, rows, depth, panel + x, width)
    x &+= rows
  }
  if x < width {
    packEdge(source + x &* stride, 1, stride, valid &- x, width &- x, depth, panel + x, width)
  }
}

/// Turns 16, 8 or 4 rows of `depth`.
@inline(__always)
private func turn(
  _ source: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int, _ depth: Int,
  _ panel: UnsafeMutablePointer<Float>, _ width: Int
) {
  let even = depth & ~3
  var step = 0
  switch rows {
  case 16:
    while step < even {
      plumbline_turn16(source + step, stride, panel + step &* width, width)
      step &+= 4
    }
  case 8:
    while step < even {
      plumbline_turn8(source + step, stride, panel + step &* width, width)
      step &+= 4
    }
  default:
    while step < even {
      plumbline_turn4(source + step, stride, panel + step &* width, width)
      step &+= 4
    }
  }
  while step < depth {
    var row = 0
    while row < rows {
      panel[step &* width &+ row] = source[row &* stride &+ step]
      row &+= 1
    }
    step &+= 1
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

/// Adds the steps of a packed panel for each of the first `valid` of its width.
@inline(never)
func sumPanel(
  _ panel: UnsafeMutablePointer<Float>, _ width: Int, _ depth: Int, _ valid: Int,
  to sums: UnsafeMutablePointer<Float>, adds: Bool
) {
  let zero = Vector(repeating: 0)
  var x = 0
  while x < valid {
    // A vector that is wider than the panel reads what belongs to the next step, never further.
    let leavesLast = depth > 0 && x &+ lanes > width
    let fit = leavesLast ? depth &- 1 : depth
    let count = min(lanes, valid &- x)
    var (first, second, third, fourth) = (zero, zero, zero, zero)
    var (row, step) = (panel + x, 0)
    while step &+ 4 <= fit {
      first += row.vector(at: 0)
      second += row.vector(at: width)
      third += row.vector(at: 2 &* width)
      fourth += row.vector(at: 3 &* width)
      row += 4 &* width
      step &+= 4
    }
    while step < fit {
      first += row.vector(at: 0)
      row += width
      step &+= 1
    }
    let total = (first + second) + (third + fourth)
    var lane = 0
    while lane < count {
      let sum = total[lane] + (leavesLast ? row[lane] : 0)
      sums[x &+ lane] = (adds ? sums[x &+ lane] : 0) + sum
      lane &+= 1
    }
    x &+= lanes
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
