// LossRow: one row of logits: its largest element, its exponentials, its loss and its gradient.
// Apart from the jobs, because the loss alone and the loss fused with the head walk rows alike.
import Kernels

/// What is known of a row once it was read.
struct LossRow {
  var largest: Float
  /// Of the exponentials of all elements less the largest.
  var sum: Float

  @inline(__always) init(largest: Float, sum: Float) {
    self.largest = largest
    self.sum = sum
  }

  /// The class that a row should have named; `nil` when the row doesn't count.
  @inline(__always) static func target(
    _ targets: LossTargets, _ row: Int, classes: Int
  ) -> Int? {
    let target = Int(targets.classes.place.pointer[row])
    return target >= 0 && target < classes && target != targets.ignore ? target : nil
  }

  /// The negative log-likelihood of a class, from its logit.
  @inline(__always) func loss(of logit: Float) -> Float {
    Vector.logarithm(.all(sum))[0] - (logit - largest)
  }

  /// The largest element; -∞ of none.
  static func largest(_ elements: UnsafeMutablePointer<Float>, count: Int) -> Float {
    var first = Vector.all(-.infinity)
    var (second, third, fourth) = (first, first, first)
    var index = 0
    // The element stands first, so that NaN is passed over as in the plain loop.
    while index &+ 4 &* lanes <= count {
      first = .larger(elements.vector(at: index), first)
      second = .larger(elements.vector(at: index &+ lanes), second)
      third = .larger(elements.vector(at: index &+ 2 &* lanes), third)
      fourth = .larger(elements.vector(at: index &+ 3 &* lanes), fourth)
      index &+= 4 &* lanes
    }
    while index &+ lanes <= count {
      first = .larger(elements.vector(at: index), first)
      index &+= lanes
    }
    if index < count {
      let rest = elements.vector(at: index, count: count &- index, padding: -.infinity)
      first = .larger(rest, first)
    }
    return Vector.larger(.larger(first, second), .larger(third, fourth)).largest
  }

  /// Reads a row twice: for its largest element, then for the exponentials.
  static func measure(_ elements: UnsafeMutablePointer<Float>, count: Int) -> LossRow {
    let largest = largest(elements, count: count)
    let shift = Vector.all(largest)
    var first = Vector.all(0)
    var second = first
    var index = 0
    while index &+ 2 &* lanes <= count {
      first += .exponential(elements.vector(at: index) - shift)
      second += .exponential(elements.vector(at: index &+ lanes) - shift)
      index &+= 2 &* lanes
    }
    while index < count {
      let rest = min(lanes, count &- index)
      first += tail(elements, index, rest, shift)
      index &+= rest
    }
    return LossRow(largest: largest, sum: (first + second).total)
  }

  /// Replaces a row by its exponentials, and sums them.
  static func exponentiate(_ elements: UnsafeMutablePointer<Float>, count: Int) -> LossRow {
    let largest = largest(elements, count: count)
    let shift = Vector.all(largest)
    var first = Vector.all(0)
    var second = first
    var index = 0
    while index &+ 2 &* lanes <= count {
      let left = Vector.exponential(elements.vector(at: index) - shift)
      let right = Vector.exponential(elements.vector(at: index &+ lanes) - shift)
      elements.store(left, at: index)
      elements.store(right, at: index &+ lanes)
      first += left
      second += right
      index &+= 2 &* lanes
    }
    while index < count {
      let rest = min(lanes, count &- index)
      let last = tail(elements, index, rest, shift)
      elements.store(last, at: index, count: rest)
      first += last
      index &+= rest
    }
    return LossRow(largest: largest, sum: (first + second).total)
  }

  /// The gradient from the logits; `gradient` may be the logits' own memory.
  static func differentiate(
    _ elements: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
    count: Int, target: Int, found: LossRow, scale: Float
  ) {
    let shift = Vector.all(found.largest)
    let factor = Vector.all(scale / found.sum)
    let atTarget = elements[target]
    var index = 0
    while index &+ lanes <= count {
      gradient.store(.exponential(elements.vector(at: index) - shift) * factor, at: index)
      index &+= lanes
    }
    if index < count {
      let rest = count &- index
      gradient.store(tail(elements, index, rest, shift) * factor, at: index, count: rest)
    }
    // The difference is taken before the scaling, as a probability near one would lose it after.
    let probability = Vector.exponential(.all(atTarget) - shift)[0] / found.sum
    gradient[target] = (probability - 1) * scale
  }

  /// The gradient from the exponentials, in place.
  static func scaleExponentials(
    _ elements: UnsafeMutablePointer<Float>, count: Int, target: Int, sum: Float, scale: Float
  ) {
    let atTarget = (elements[target] / sum - 1) * scale
    let factor = scale / sum
    let factors = Vector.all(factor)
    var index = 0
    while index &+ lanes <= count {
      elements.store(elements.vector(at: index) * factors, at: index)
      index &+= lanes
    }
    while index < count {
      elements[index] *= factor
      index &+= 1
    }
    elements[target] = atTarget
  }

  /// Exponentials of the last elements; zero in the lanes beyond.
  @inline(__always) private static func tail(
    _ elements: UnsafeMutablePointer<Float>, _ index: Int, _ count: Int, _ shift: Vector
  ) -> Vector {
    let values = elements.vector(at: index, count: count, padding: -.infinity)
    // Beyond the end -∞ less a largest of -∞ would be NaN.
    let results = Vector.exponential(values - shift)
    if count == lanes { return results }
    var kept = Vector.all(0)
    var lane = 0
    while lane < count {
      kept[lane] = results[lane]
      lane &+= 1
    }
    return kept
  }
}
