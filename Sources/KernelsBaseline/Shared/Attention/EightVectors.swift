// EightVectors: eight vectors as one number of eight parts, such as the keys of a narrow head.
// Apart, because only heads of up to eight numbers keep a whole row in registers.

/// Eight vectors, which stay in registers where there are enough of them.
struct EightVectors {
  var a: Vector
  var b: Vector
  var c: Vector
  var d: Vector
  var e: Vector
  var f: Vector
  var g: Vector
  var h: Vector

  @inline(__always)
  init() {
    (a, b, c, d) = (Vector(), Vector(), Vector(), Vector())
    (e, f, g, h) = (Vector(), Vector(), Vector(), Vector())
  }

  @inline(__always)
  init(_ source: UnsafeMutablePointer<Float>) {
    (a, b) = (source.vector(at: 0), source.vector(at: lanes))
    (c, d) = (source.vector(at: 2 &* lanes), source.vector(at: 3 &* lanes))
    (e, f) = (source.vector(at: 4 &* lanes), source.vector(at: 5 &* lanes))
    (g, h) = (source.vector(at: 6 &* lanes), source.vector(at: 7 &* lanes))
  }

  @inline(__always)
  func write(_ target: UnsafeMutablePointer<Float>) {
    target.store(a, at: 0)
    target.store(b, at: lanes)
    target.store(c, at: 2 &* lanes)
    target.store(d, at: 3 &* lanes)
    target.store(e, at: 4 &* lanes)
    target.store(f, at: 5 &* lanes)
    target.store(g, at: 6 &* lanes)
    target.store(h, at: 7 &* lanes)
  }

  /// The vectors times eight numbers, summed in two chains.
  @inline(__always)
  func product(_ row: UnsafeMutablePointer<Float>) -> Vector {
    var first = Vector(repeating: row[0]) * a
    var second = Vector(repeating: row[4]) * e
    first = Vector.fma(Vector(repeating: row[1]), b, first)
    second = Vector.fma(Vector(repeating: row[5]), f, second)
    first = Vector.fma(Vector(repeating: row[2]), c, first)
    second = Vector.fma(Vector(repeating: row[6]), g, second)
    first = Vector.fma(Vector(repeating: row[3]), d, first)
    second = Vector.fma(Vector(repeating: row[7]), h, second)
    return first + second
  }

  /// Adds a vector times each of eight numbers.
  @inline(__always)
  mutating func add(_ factor: Vector, times row: UnsafeMutablePointer<Float>) {
    a = Vector.fma(Vector(repeating: row[0]), factor, a)
    b = Vector.fma(Vector(repeating: row[1]), factor, b)
    c = Vector.fma(Vector(repeating: row[2]), factor, c)
    d = Vector.fma(Vector(repeating: row[3]), factor, d)
    e = Vector.fma(Vector(repeating: row[4]), factor, e)
    f = Vector.fma(Vector(repeating: row[5]), factor, f)
    g = Vector.fma(Vector(repeating: row[6]), factor, g)
    h = Vector.fma(Vector(repeating: row[7]), factor, h)
  }

  /// Adds a vector times each of eight others.
  @inline(__always)
  mutating func add(_ factor: Vector, times other: EightVectors) {
    a = Vector.fma(other.a, factor, a)
    b = Vector.fma(other.b, factor, b)
    c = Vector.fma(other.c, factor, c)
    d = Vector.fma(other.d, factor, d)
    e = Vector.fma(other.e, factor, e)
    f = Vector.fma(other.f, factor, f)
    g = Vector.fma(other.g, factor, g)
    h = Vector.fma(other.h, factor, h)
  }

  /// The sums of the lanes of each vector.
  @inline(__always) var totals: SIMD8<Float> {
    let left = Vector.halvesAdded(Vector.pairsAdded(a, b), Vector.pairsAdded(c, d))
    let right = Vector.halvesAdded(Vector.pairsAdded(e, f), Vector.pairsAdded(g, h))
    return SIMD8(lowHalf: left.quartersAdded, highHalf: right.quartersAdded)
  }
}

// Of each four lanes: `pairsAdded` gives (x₀+x₂ y₀+y₂ x₁+x₃ y₁+y₃), and `halvesAdded`
// (x₀+x₂ x₁+x₃ y₀+y₂ y₁+y₃), so that one after the other four sums stand side by side.
// Only the width of the level's vector is used.

extension SIMD4<Float> {
  @inline(__always) fileprivate var quartersAdded: SIMD4<Float> { self }

  @inline(__always)
  fileprivate static func pairsAdded(_ x: Self, _ y: Self) -> Self {
    Self(x[0], y[0], x[1], y[1]) + Self(x[2], y[2], x[3], y[3])
  }

  @inline(__always)
  fileprivate static func halvesAdded(_ x: Self, _ y: Self) -> Self {
    Self(x[0], x[1], y[0], y[1]) + Self(x[2], x[3], y[2], y[3])
  }
}

extension SIMD8<Float> {
  @inline(__always) fileprivate var quartersAdded: SIMD4<Float> { lowHalf + highHalf }

  @inline(__always)
  fileprivate static func pairsAdded(_ x: Self, _ y: Self) -> Self {
    Self(x[0], y[0], x[1], y[1], x[4], y[4], x[5], y[5])
      + Self(x[2], y[2], x[3], y[3], x[6], y[6], x[7], y[7])
  }

  @inline(__always)
  fileprivate static func halvesAdded(_ x: Self, _ y: Self) -> Self {
    Self(x[0], x[1], y[0], y[1], x[4], x[5], y[4], y[5])
      + Self(x[2], x[3], y[2], y[3], x[6], x[7], y[6], y[7])
  }
}

extension SIMD16<Float> {
  @inline(__always) fileprivate var quartersAdded: SIMD4<Float> {
    (lowHalf + highHalf).quartersAdded
  }

  @inline(__always)
  fileprivate static func pairsAdded(_ x: Self, _ y: Self) -> Self {
    Self(
      x[0], y[0], x[1], y[1], x[4], y[4], x[5], y[5],
      x[8], y[8], x[9], y[9], x[12], y[12], x[13], y[13])
      + Self(
        x[2], y[2], x[3], y[3], x[6], y[6], x[7], y[7],
        x[10], y[10], x[11], y[11], x[14], y[14], x[15], y[15])
  }

  @inline(__always)
  fileprivate static func halvesAdded(_ x: Self, _ y: Self) -> Self {
    Self(
      x[0], x[1], y[0], y[1], x[4], x[5], y[4], y[5],
      x[8], x[9], y[8], y[9], x[12], x[13], y[12], y[13])
      + Self(
        x[2], x[3], y[2], y[3], x[6], x[7], y[6], y[7],
        x[10], x[11], y[10], y[11], x[14], x[15], y[14], y[15])
  }
}
