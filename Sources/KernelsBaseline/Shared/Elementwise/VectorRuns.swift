// VectorRuns: the inner loops over runs of reals, for each way in which operands advance.
// One element's arithmetic is the same in a whole vector, in a tail and in a strided run.
import Kernels

extension UnsafeMutablePointer<Float> {
  /// Up to a vector of elements that lie `step` apart.
  @inline(__always) func gathered(step: Int, count: Int, padding: Float) -> Vector {
    if step == 0 { return Vector(repeating: self[0]) }
    var result = Vector(repeating: padding)
    withUnsafeMutableBytes(of: &result) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
      var lane = 0
      while lane < count {
        lanes[lane] = self[lane &* step]
        lane &+= 1
      }
    }
    return result
  }

  /// Writes up to a vector of elements that lie `step` apart.
  @inline(__always) func scatter(_ vector: Vector, step: Int, count: Int) {
    withUnsafeBytes(of: vector) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
      var lane = 0
      while lane < count {
        self[lane &* step] = lanes[lane]
        lane &+= 1
      }
    }
  }
}

/// A tensor that is read and one that is written, in runs.
struct RunPair: Sendable {
  let walk: RunWalk
  private let source: Place<Float>
  private let target: Place<Float>

  init(_ x: PlacedTensor<Float>, _ y: PlacedTensor<Float>) {
    walk = RunWalk(y.extents, y.strides, x.strides)
    (source, target) = (x.place, y.place)
  }

  /// `y = f(x)` over one piece.
  @inline(__always) func map<F: LaneFunction>(_ f: F.Type, _ piece: Int) {
    let steps = walk.steps
    walk.forEachRun(piece) { start, count in
      let (x, y) = (source.pointer + start[1], target.pointer + start[0])
      var index = 0
      if steps[0] == 1 && steps[1] == 1 {
        while index &+ lanes <= count {
          y.store(F.of(x.vector(at: index)), at: index)
          index &+= lanes
        }
      }
      while index < count {
        let rest = min(lanes, count &- index)
        let from = (x + index &* steps[1]).gathered(step: steps[1], count: rest, padding: 1)
        (y + index &* steps[0]).scatter(F.of(from), step: steps[0], count: rest)
        index &+= lanes
      }
    }
  }
}

/// Two tensors that are read and one that is written, in runs.
struct RunTriple: Sendable {
  let walk: RunWalk
  private let left: Place<Float>
  private let right: Place<Float>
  private let target: Place<Float>

  init(_ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>, _ y: PlacedTensor<Float>) {
    walk = RunWalk(y.extents, y.strides, a.strides, b.strides)
    (left, right, target) = (a.place, b.place, y.place)
  }

  /// `y = f(a, b)` over one piece.
  @inline(__always) func map<F: LanePairFunction>(_ f: F.Type, _ piece: Int) {
    let steps = walk.steps
    walk.forEachRun(piece) { start, count in
      let y = target.pointer + start[0]
      let (a, b) = (left.pointer + start[1], right.pointer + start[2])
      var index = 0
      if steps[0] == 1 && steps[1] == 1 && steps[2] == 1 {
        while index &+ lanes <= count {
          y.store(F.of(a.vector(at: index), b.vector(at: index)), at: index)
          index &+= lanes
        }
      } else if steps[0] == 1 && steps[1] == 1 && steps[2] == 0 {
        let second = Vector(repeating: b[0])
        while index &+ lanes <= count {
          y.store(F.of(a.vector(at: index), second), at: index)
          index &+= lanes
        }
      } else if steps[0] == 1 && steps[1] == 0 && steps[2] == 1 {
        let first = Vector(repeating: a[0])
        while index &+ lanes <= count {
          y.store(F.of(first, b.vector(at: index)), at: index)
          index &+= lanes
        }
      }
      while index < count {
        let rest = min(lanes, count &- index)
        let first = (a + index &* steps[1]).gathered(step: steps[1], count: rest, padding: 1)
        let second = (b + index &* steps[2]).gathered(step: steps[2], count: rest, padding: 1)
        (y + index &* steps[0]).scatter(F.of(first, second), step: steps[0], count: rest)
        index &+= lanes
      }
    }
  }
}
