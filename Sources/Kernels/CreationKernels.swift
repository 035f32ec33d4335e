// CreationKernels: arrays made from nothing but extents.
// Apart so that the limits on what may be asked for stand in one place.

/// Loops that make arrays.
package enum Creation {
  /// `0, 1, …, length - 1`.
  package static func iota<Scalar: KernelScalar>(
    _ length: Int, of scalar: Scalar.Type
  ) throws(KernelFault) -> NDArray<Scalar> {
    let count = try Extents.count([length])
    guard count <= Int(Int32.max) else {
      throw KernelFault("\(length) positions do not fit 32-bit integers")
    }
    return NDArray(extents: [length], index: (0..<count).map { Int32($0) })
  }

  /// One real number everywhere.
  package static func fill<Scalar: KernelScalar>(
    _ value: Scalar, extents: [Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    let count = try Extents.count(extents)
    return NDArray(extents: extents, real: Array(repeating: value, count: count))
  }

  /// One integer everywhere.
  package static func fill<Scalar: KernelScalar>(
    index value: Int32, extents: [Int], of scalar: Scalar.Type
  ) throws(KernelFault) -> NDArray<Scalar> {
    let count = try Extents.count(extents)
    return NDArray(extents: extents, index: Array(repeating: value, count: count))
  }

  /// One truth value everywhere.
  package static func fill<Scalar: KernelScalar>(
    mask value: Bool, extents: [Int], of scalar: Scalar.Type
  ) throws(KernelFault) -> NDArray<Scalar> {
    let count = try Extents.count(extents)
    return NDArray(extents: extents, mask: Array(repeating: value, count: count))
  }
}
