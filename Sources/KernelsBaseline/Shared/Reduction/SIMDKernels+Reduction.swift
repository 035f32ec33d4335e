// SIMDKernels+Reduction: sums, means and maxima, column by column or along runs.
// Blocks of fixed size are reduced apart and joined in order, so that the bits never change.
import Kernels

extension SIMDKernels: ReduceKernels {
  package static func reduceWorkspace(
    extents: [Int], strides: [Int], axes: Set<Int>
  ) -> KernelWorkspace {
    let plan = ReductionPlan(extents, strides, axes: axes, target: nil)
    return KernelWorkspace(shared: plan.partials * MemoryLayout<Float>.stride)
  }

  package static func reduce(
    _ function: ReductionFunction, _ x: PlacedTensor<Float>, axes: Set<Int>,
    to y: PlacedTensor<Float>, workspace: Place<Float>
  ) -> [KernelJob] {
    let plan = ReductionPlan(x.extents, x.strides, axes: axes, target: y.strides)
    let (source, target) = (x.place, y.place)
    let divisor = function == .mean ? Float(plan.reducedCount) : 1
    let keepsLargest = function == .max
    let single = plan.blocks == 1
    let blocks = KernelJob(pieces: plan.kept.pieces * plan.blocks) { piece, _ in
      let block = piece / plan.kept.pieces
      let place = single ? target.pointer : workspace.pointer + block &* plan.keptCount
      let share = single ? divisor : 1
      if keepsLargest {
        plan.fold(Fold.Largest.self, piece % plan.kept.pieces, block, source.pointer, place, share)
      } else {
        plan.fold(Fold.Sum.self, piece % plan.kept.pieces, block, source.pointer, place, share)
      }
    }
    if single { return [blocks] }
    return [
      blocks,
      KernelJob(pieces: plan.joined.pieces) { piece, _ in
        if keepsLargest {
          plan.join(Fold.Largest.self, piece, workspace.pointer, target.pointer, divisor)
        } else {
          plan.join(Fold.Sum.self, piece, workspace.pointer, target.pointer, divisor)
        }
      },
    ]
  }
}

/// How two partial results become one.
private protocol FoldFunction {
  static var start: Float { get }
  static func of(_ a: Vector, _ b: Vector) -> Vector
  static func of(_ a: Float, _ b: Float) -> Float
  static func lanes(_ a: Vector) -> Float
}

private enum Fold {
  enum Sum: FoldFunction {
    @inline(__always) static var start: Float { 0 }
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { a + b }
    @inline(__always) static func of(_ a: Float, _ b: Float) -> Float { a + b }
    @inline(__always) static func lanes(_ a: Vector) -> Float { a.total }
  }

  /// NaN wins.
  enum Largest: FoldFunction {
    @inline(__always) static var start: Float { -.infinity }
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector {
      Lane.Larger.of(a, b)
    }
    @inline(__always) static func of(_ a: Float, _ b: Float) -> Float {
      a > b || a != a ? a : b
    }
    @inline(__always) static func lanes(_ a: Vector) -> Float {
      var result = a[0]
      for lane in 1..<KernelLanes.count { result = of(result, a[lane]) }
      return result
    }
  }
}

private enum KernelLanes {
  @inline(__always) static var count: Int { Vector.scalarCount }
}

extension ReductionPlan {
  /// Reduces one block of the reduced elements for one piece of the kept ones.
  @inline(__always)
  fileprivate func fold<F: FoldFunction>(
    _ f: F.Type, _ piece: Int, _ block: Int, _ source: UnsafeMutablePointer<Float>,
    _ target: UnsafeMutablePointer<Float>, _ divisor: Float
  ) {
    let steps = kept.steps
    kept.forEachRun(piece) { start, count in
      let (y, x) = (target + start[0], source + start[1])
      if steps[1] == 1 && steps[0] == 1 {
        y.update(repeating: F.start, count: count)
        if block < reduced.pieces {
          let step = reduced.steps[0]
          reduced.forEachRun(block) { first, rows in
            addRows(f, x + first[0], rows, step, count, y)
          }
        }
        if divisor != 1 { divide(y, 1, count, divisor) }
      } else {
        var index = 0
        while index < count {
          let value = run(f, x + index &* steps[1], block)
          y[index &* steps[0]] = value / divisor
          index &+= 1
        }
      }
    }
  }

  /// Joins the blocks in order.
  @inline(__always)
  fileprivate func join<F: FoldFunction>(
    _ f: F.Type, _ piece: Int, _ partials: UnsafeMutablePointer<Float>,
    _ target: UnsafeMutablePointer<Float>, _ divisor: Float
  ) {
    let steps = joined.steps
    joined.forEachRun(piece) { start, count in
      let (y, x) = (target + start[0], partials + start[1])
      if steps[0] == 1 && steps[1] == 1 {
        y.update(repeating: F.start, count: count)
        addRows(f, x, blocks, keptCount, count, y)
        if divisor != 1 { divide(y, 1, count, divisor) }
      } else {
        var index = 0
        while index < count {
          var value = F.start
          var block = 0
          while block < blocks {
            value = F.of(value, x[index &* steps[1] &+ block &* keptCount])
            block &+= 1
          }
          y[index &* steps[0]] = value / divisor
          index &+= 1
        }
      }
    }
  }

  @inline(__always)
  private func divide(
    _ y: UnsafeMutablePointer<Float>, _ step: Int, _ count: Int, _ divisor: Float
  ) {
    var index = 0
    while index < count {
      y[index &* step] /= divisor
      index &+= 1
    }
  }

  /// Folds rows that lie `step` apart into a row of columns, four rows at a time.
  @inline(__always)
  private func addRows<F: FoldFunction>(
    _ f: F.Type, _ x: UnsafeMutablePointer<Float>, _ rows: Int, _ step: Int, _ count: Int,
    _ y: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    while row < rows {
      let from = x + row &* step
      let four = row &+ 4 <= rows
      var index = 0
      while index &+ lanes <= count {
        var sum = F.of(y.vector(at: index), from.vector(at: index))
        if four {
          sum = F.of(sum, from.vector(at: index &+ step))
          sum = F.of(sum, from.vector(at: index &+ 2 &* step))
          sum = F.of(sum, from.vector(at: index &+ 3 &* step))
        }
        y.store(sum, at: index)
        index &+= lanes
      }
      while index < count {
        var sum = F.of(y[index], from[index])
        if four {
          sum = F.of(sum, from[index &+ step])
          sum = F.of(sum, from[index &+ 2 &* step])
          sum = F.of(sum, from[index &+ 3 &* step])
        }
        y[index] = sum
        index &+= 1
      }
      row &+= four ? 4 : 1
    }
  }

  /// Folds all elements of a block into one.
  @inline(__always)
  private func run<F: FoldFunction>(
    _ f: F.Type, _ x: UnsafeMutablePointer<Float>, _ block: Int
  ) -> Float {
    guard block < reduced.pieces else { return F.start }
    var value = F.start
    let step = reduced.steps[0]
    reduced.forEachRun(block) { start, count in
      let from = x + start[0]
      var index = 0
      if step == 1 && count >= lanes {
        var (a, b) = (Vector(repeating: F.start), Vector(repeating: F.start))
        while index &+ 2 &* lanes <= count {
          a = F.of(a, from.vector(at: index))
          b = F.of(b, from.vector(at: index &+ lanes))
          index &+= 2 &* lanes
        }
        value = F.of(value, F.lanes(F.of(a, b)))
      }
      while index < count {
        value = F.of(value, from[index &* step])
        index &+= 1
      }
    }
    return value
  }
}
