// LaneFunctions: the functions of one and of two vectors, as types.
// A type specialises a loop and is inlined for certain; a closure that is used twice may be called.
import Kernels

/// A function of one number, in every lane.
protocol LaneFunction {
  static func of(_ x: Vector) -> Vector
}

/// A function of two numbers, in every lane.
protocol LanePairFunction {
  static func of(_ a: Vector, _ b: Vector) -> Vector
}

enum Lane {
  enum Negate: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { -x }
  }
  enum Exponential: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .exponential(x) }
  }
  enum Logarithm: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .logarithm(x) }
  }
  enum Root: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .root(x) }
  }
  enum Reciprocal: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .all(1) / x }
  }
  enum Sine: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .sine(x) }
  }
  enum Cosine: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .cosine(x) }
  }
  enum Tangent: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .tangent(x) }
  }
  enum ErrorFunction: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .errorFunction(x) }
  }
  // Written so that NaN passes through.
  enum Rectifier: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .larger(.all(0), x) }
  }
  enum Sigmoid: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .sigmoid(x) }
  }
  enum Size: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { x.size }
  }
  enum Gelu: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .gelu(x) }
  }
  enum GeluTanh: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .geluTanh(x) }
  }
  enum Silu: LaneFunction {
    @inline(__always) static func of(_ x: Vector) -> Vector { .silu(x) }
  }
  enum Gate<Function: LaneFunction>: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { Function.of(a) * b }
  }
  enum Sum: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { a + b }
  }
  enum Difference: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { a - b }
  }
  enum Product: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { a * b }
  }
  enum Quotient: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { a / b }
  }
  // NaN on either side wins.
  enum Larger: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector {
      .larger(a, b).replacing(with: a, where: a .!= a)
    }
  }
  enum Smaller: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector {
      .smaller(a, b).replacing(with: a, where: a .!= a)
    }
  }
  // The operand and the gradient that arrives for its activation.
  enum GeluBackward: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { b * .geluSlope(a) }
  }
  enum GeluTanhBackward: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { b * .geluTanhSlope(a) }
  }
  enum SiluBackward: LanePairFunction {
    @inline(__always) static func of(_ a: Vector, _ b: Vector) -> Vector { b * .siluSlope(a) }
  }
  // Through the C library unless the exponent is two.
  enum Power: LanePairFunction {
    @inline(never) static func of(_ a: Vector, _ b: Vector) -> Vector {
      if all(b .== Vector.all(2)) { return a * a }
      var result = a
      var lane = 0
      while lane < lanes {
        result[lane] = Float.power(a[lane], b[lane])
        lane &+= 1
      }
      return result
    }
  }
}
