// ReduceKernels: sums, means and maxima over any axes of a strided tensor.
// Long reductions are cut into fixed blocks, whose results are joined in order by a second job.

/// The fast kernels from many numbers to one.
package protocol ReduceKernels {
  /// The workspace of ``reduce(_:_:axes:to:workspace:)`` with the same view.
  static func reduceWorkspace(extents: [Int], strides: [Int], axes: Set<Int>) -> KernelWorkspace

  /// Reduces the given axes; `y` has the others, in order.
  ///
  /// The maximum of nothing is -infinity, and NaN wins.
  static func reduce(
    _ function: ReductionFunction, _ x: PlacedTensor<Float>, axes: Set<Int>,
    to y: PlacedTensor<Float>, workspace: Place<Float>
  ) -> [KernelJob]
}
