// NDArray: the numbers of one tensor at run time, with the extents they really have.
// Apart from the IR's types on purpose: a run must not take its shapes from the analysis.

/// The floating-point types in which kernels compute.
package protocol KernelScalar: BinaryFloatingPoint, Sendable {
  /// The C library's functions for this type; `Foundation` offers no generic form.
  static func exponential(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
  static func errorFunction(_ x: Self) -> Self
  static func sine(_ x: Self) -> Self
  static func cosine(_ x: Self) -> Self
  /// `x` raised to `y`.
  static func power(_ x: Self, _ y: Self) -> Self
}

/// A dense row-major array.
package struct NDArray<Scalar: KernelScalar>: Sendable {
  /// The elements, in the storage that their type needs.
  package enum Payload: Sendable {
    case real([Scalar])
    case index([Int32])
    case mask([Bool])
  }

  /// The extent of each axis, outermost first.
  package var extents: [Int]
  package var payload: Payload

  package init(extents: [Int], payload: Payload) {
    self.extents = extents
    self.payload = payload
  }

  package init(extents: [Int], real: [Scalar]) {
    self.init(extents: extents, payload: .real(real))
  }

  package init(extents: [Int], index: [Int32]) {
    self.init(extents: extents, payload: .index(index))
  }

  package init(extents: [Int], mask: [Bool]) {
    self.init(extents: extents, payload: .mask(mask))
  }

  /// The number of elements that are stored.
  package var count: Int {
    switch payload {
    case .real(let elements): elements.count
    case .index(let elements): elements.count
    case .mask(let elements): elements.count
    }
  }

  /// The bytes that the stored elements occupy.
  package var byteCount: Int {
    switch payload {
    case .real(let elements): elements.count * MemoryLayout<Scalar>.stride
    case .index(let elements): elements.count * MemoryLayout<Int32>.stride
    case .mask(let elements): elements.count * MemoryLayout<Bool>.stride
    }
  }

  /// The elements of a real array; empty for another kind, which the caller has excluded.
  package var reals: [Scalar] {
    if case .real(let elements) = payload { elements } else { [] }
  }

  /// The elements of an index array; empty for another kind.
  package var indices: [Int32] {
    if case .index(let elements) = payload { elements } else { [] }
  }

  /// The elements of a mask; empty for another kind.
  package var mask: [Bool] {
    if case .mask(let elements) = payload { elements } else { [] }
  }
}

/// What a kernel counts while its loops run.
package struct KernelCounter: Hashable, Sendable {
  /// Multiply-adds of contractions, added inside the loops.
  package var multiplyAdds = 0

  package init() {}
}

/// A value that a kernel can't work with: an index beyond a table, extents that don't fit.
package struct KernelFault: Error, Hashable, Sendable {
  package let message: String

  package init(_ message: String) {
    self.message = message
  }
}
