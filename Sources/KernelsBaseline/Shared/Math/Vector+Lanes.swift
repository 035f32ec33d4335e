// Vector+Lanes: the bits, the sums and the ends of vectors: what loops over rows need beside arithmetic.
// Apart from the functions of one number, which all kernels share lane by lane.

/// The lanes of a vector as integers of the same width.
typealias Integers = Vector.MaskStorage

extension SIMD4<Float> {
  /// The sum of all lanes, as a tree of fixed shape.
  @inline(__always) var total: Float {
    let pair = lowHalf + highHalf
    return pair[0] + pair[1]
  }

  /// The largest lane; NaN where a lane is NaN is not promised.
  @inline(__always) var largest: Float {
    let left = self[0] > self[1] ? self[0] : self[1]
    let right = self[2] > self[3] ? self[2] : self[3]
    return left > right ? left : right
  }
}

extension SIMD8<Float> {
  /// The sum of all lanes, as a tree of fixed shape.
  @inline(__always) var total: Float { (lowHalf + highHalf).total }

  /// The largest lane; NaN where a lane is NaN is not promised.
  @inline(__always) var largest: Float { SIMD4.larger(lowHalf, highHalf).largest }
}

extension SIMD16<Float> {
  /// The sum of all lanes, as a tree of fixed shape.
  @inline(__always) var total: Float { (lowHalf + highHalf).total }

  /// The largest lane; NaN where a lane is NaN is not promised.
  @inline(__always) var largest: Float { SIMD8.larger(lowHalf, highHalf).largest }
}

extension Vector {
  /// The bits of the lanes.
  @inline(__always) var bits: Integers { unsafeBitCast(self, to: Integers.self) }

  /// The lanes with these bits.
  @inline(__always) init(bits: Integers) { self = unsafeBitCast(bits, to: Vector.self) }

  /// The lanes without their sign.
  @inline(__always) var size: Vector {
    Vector(bits: bits & Integers(repeating: Int32.max))
  }

  /// The lanes with the signs of `other`; they must be free of signs themselves.
  @inline(__always) func signed(as other: Vector) -> Vector {
    Vector(bits: bits | (other.bits & Integers(repeating: Int32.min)))
  }

  /// The same number in each lane.
  @inline(__always) static func all(_ value: Float) -> Vector { Vector(repeating: value) }
}

extension UnsafeMutablePointer<Float> {
  /// The first `count` lanes from consecutive elements; the others hold `padding`.
  ///
  /// Tails go through the same arithmetic as whole vectors, so that an element's result does not
  /// depend on where it lies.
  @inline(__always) func vector(at index: Int, count: Int, padding: Float = 0) -> Vector {
    var result = Vector(repeating: padding)
    withUnsafeMutableBytes(of: &result) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
      var lane = 0
      while lane < count {
        lanes[lane] = self[index &+ lane]
        lane &+= 1
      }
    }
    return result
  }

  /// Writes the first `count` lanes.
  @inline(__always) func store(_ vector: Vector, at index: Int, count: Int) {
    withUnsafeBytes(of: vector) { bytes in
      let lanes = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
      var lane = 0
      while lane < count {
        self[index &+ lane] = lanes[lane]
        lane &+= 1
      }
    }
  }

  /// A vector of elements that end before `end`; beyond it lanes hold `padding`.
  @inline(__always) func vector(at index: Int, upTo end: Int, padding: Float) -> Vector {
    index &+ lanes <= end
      ? vector(at: index) : vector(at: index, count: end &- index, padding: padding)
  }

  /// Writes the lanes that end before `end`.
  @inline(__always) func store(_ vector: Vector, at index: Int, upTo end: Int) {
    if index &+ lanes <= end {
      store(vector, at: index)
    } else {
      store(vector, at: index, count: end &- index)
    }
  }
}
