// ReductionKernels: sums, means and maxima over chosen axes, and sums that undo a broadcast.
// The reduced axes are moved to the end first, so that one loop serves every choice.

/// Functions from many numbers to one.
package enum ReductionFunction: String, Hashable, Sendable, CaseIterable {
  case sum, mean, max
}

/// Loops that reduce.
package enum Reduction {
  /// Reduces the given axes, which the result drops.
  ///
  /// The maximum of nothing is -infinity.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func apply<Scalar: KernelScalar>(
    _ function: ReductionFunction, _ x: NDArray<Scalar>, axes: Set<Int>
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard axes.allSatisfy(x.extents.indices.contains) else {
      throw KernelFault("axes \(axes.sorted()) of an array of extents \(x.extents)")
    }
    let kept = x.extents.indices.filter { !axes.contains($0) }
    let moved = try Layout.permute(x, kept + axes.sorted())
    let elements = try moved.checkedReals()
    let extents = kept.map { x.extents[$0] }
    let outer = try Extents.count(extents)
    let inner = try Extents.count(axes.map { x.extents[$0] })
    var result: [Scalar] = []
    result.reserveCapacity(outer)
    elements.withUnsafeBufferPointer { elements in
      for row in 0..<outer {
        let part = UnsafeBufferPointer(rebasing: elements[row &* inner..<(row &+ 1) &* inner])
        switch function {
        case .sum: result.append(pairwiseSum(part))
        case .mean: result.append(pairwiseSum(part) / Scalar(inner))
        case .max: result.append(largest(part))
        }
      }
    }
    return NDArray(extents: extents, real: result)
  }

  /// Sums leading axes and axes of extent one in `extents`, so that the result has `extents`.
  package static func sum<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, to extents: [Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    let strides = try Extents.broadcastStrides(extents, to: x.extents)
    let leading = x.extents.count - extents.count
    let axes = x.extents.indices.filter { axis in
      axis < leading || (strides[axis] == 0 && extents[axis - leading] != x.extents[axis])
    }
    guard !axes.isEmpty else { return x }
    return try apply(.sum, x, axes: Set(axes)).reshaped(extents)
  }

  /// Sums halves of long runs apart, so that rounding grows with the logarithm of the length.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func pairwiseSum<Scalar: KernelScalar>(
    _ elements: UnsafeBufferPointer<Scalar>
  ) -> Scalar {
    if elements.count <= 128 {
      var total: Scalar = 0
      for element in elements { total += element }
      return total
    }
    let half = elements.count / 2
    return pairwiseSum(UnsafeBufferPointer(rebasing: elements[..<half]))
      + pairwiseSum(UnsafeBufferPointer(rebasing: elements[half...]))
  }

  /// The largest element; NaN wins.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func largest<Scalar: KernelScalar>(
    _ elements: UnsafeBufferPointer<Scalar>
  ) -> Scalar {
    var largest = -Scalar.infinity
    for element in elements where element > largest || element != element { largest = element }
    return largest
  }
}
