// AffineKernel: rows times a weight, plus a bias.
// The weight is turned to [in, out] once, so that the inner loop runs along contiguous outputs.

extension StandardKernels {
  /// Multiplies each row of `x` by the weight and adds the bias.
  ///
  /// - Shapes: `x [..., in]`, `weight [out, in]` (`[in, out]` if `transposed`), `bias [out]`
  ///   → `[..., out]`
  /// - Throws: ``KernelFault`` when the extents don't fit.
  package static func affine<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, weight: NDArray<Scalar>, bias: NDArray<Scalar>?, transposed: Bool,
    counter: inout KernelCounter
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard let depth = x.extents.last, weight.extents.count == 2 else {
      throw KernelFault("affine of extents \(x.extents) and \(weight.extents)")
    }
    let width = weight.extents[transposed ? 1 : 0]
    guard weight.extents[transposed ? 0 : 1] == depth else {
      throw KernelFault("rows of \(depth) do not fit a weight of extents \(weight.extents)")
    }
    let matrix = transposed ? weight : try Layout.permute(weight, [1, 0])
    let leading = Array(x.extents.dropLast())
    let rows = try Extents.count(leading)
    _ = try Extents.count(leading + [width])
    let (elements, factors) = (try x.checkedReals(), try matrix.checkedReals())
    var result = Contraction.multiply(
      elements, factors, outer: 1, m: rows, k: depth, n: width, counter: &counter)
    if let bias {
      addRow(try bias.checkedVector("bias", count: width), to: &result)
    }
    return NDArray(extents: leading + [width], real: result)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func addRow<Scalar: KernelScalar>(_ row: [Scalar], to result: inout [Scalar]) {
    guard !row.isEmpty else { return }
    for start in stride(from: 0, to: result.count, by: row.count) {
      for column in row.indices { result[start + column] += row[column] }
    }
  }
}
