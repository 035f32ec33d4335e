// Vector+Instructions: one instruction each, whatever the width of the vector.
// Swift's own `addingProduct` and `squareRoot` work lane by lane.
import Intrinsics

/// A vector of a register's width.
protocol RegisterVector: SIMD where Scalar == Float {
  /// `a * b + c` in one rounding where the machine has the instruction.
  static func fma(_ a: Self, _ b: Self, _ c: Self) -> Self
  static func root(_ a: Self) -> Self
  static func larger(_ a: Self, _ b: Self) -> Self
  static func smaller(_ a: Self, _ b: Self) -> Self
}

extension SIMD4<Float>: RegisterVector {
  @inline(__always) static func fma(_ a: Self, _ b: Self, _ c: Self) -> Self {
    plumbline_fma4(a, b, c)
  }
  @inline(__always) static func root(_ a: Self) -> Self { plumbline_sqrt4(a) }
  @inline(__always) static func larger(_ a: Self, _ b: Self) -> Self { plumbline_max4(a, b) }
  @inline(__always) static func smaller(_ a: Self, _ b: Self) -> Self { plumbline_min4(a, b) }
}

extension SIMD8<Float>: RegisterVector {
  @inline(__always) static func fma(_ a: Self, _ b: Self, _ c: Self) -> Self {
    plumbline_fma8(a, b, c)
  }
  @inline(__always) static func root(_ a: Self) -> Self { plumbline_sqrt8(a) }
  @inline(__always) static func larger(_ a: Self, _ b: Self) -> Self { plumbline_max8(a, b) }
  @inline(__always) static func smaller(_ a: Self, _ b: Self) -> Self { plumbline_min8(a, b) }
}

extension SIMD16<Float>: RegisterVector {
  @inline(__always) static func fma(_ a: Self, _ b: Self, _ c: Self) -> Self {
    plumbline_fma16(a, b, c)
  }
  @inline(__always) static func root(_ a: Self) -> Self { plumbline_sqrt16(a) }
  @inline(__always) static func larger(_ a: Self, _ b: Self) -> Self { plumbline_max16(a, b) }
  @inline(__always) static func smaller(_ a: Self, _ b: Self) -> Self { plumbline_min16(a, b) }
}

/// The lanes of a vector.
@inline(__always) var lanes: Int { Vector.scalarCount }

extension UnsafeMutablePointer<Float> {
  /// A vector of consecutive elements, wherever they start.
  @inline(__always) func vector(at index: Int) -> Vector {
    UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self)
  }

  @inline(__always) func store(_ vector: Vector, at index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: Vector.self)
  }
}
