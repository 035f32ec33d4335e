// NormalizeKernels: layer norm and RMS norm along the last axis, and their gradients.
// One file, because the two differ only in whether the mean is taken away.

/// How a row is normalised.
package enum Normalization: Hashable, Sendable {
  /// Mean taken away, divided by the standard deviation (Ba et al. 2016).
  case layer
  /// Divided by the root of the mean square (Zhang and Sennrich 2019).
  case rootMeanSquare
}

/// The gradients of a normalisation; those that were not asked for are `nil`.
package struct NormalizationGradients<Scalar: KernelScalar>: Sendable {
  package var input: NDArray<Scalar>?
  package var weight: NDArray<Scalar>?
  package var bias: NDArray<Scalar>?
}

extension StandardKernels {
  /// Normalises each row, then scales and shifts it.
  ///
  /// - Shapes: `x [..., n]`, `weight [n]`, `bias [n]` → `[..., n]`
  package static func normalize<Scalar: KernelScalar>(
    _ kind: Normalization, _ x: NDArray<Scalar>, weight: NDArray<Scalar>?,
    bias: NDArray<Scalar>?, epsilon: Scalar
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard let width = x.extents.last else { throw KernelFault("a scalar has no axis to normalise") }
    var elements = try x.checkedReals()
    let scale = try weight?.checkedVector("weight", count: width)
    let shift = try bias?.checkedVector("bias", count: width)
    normalizeRows(kind, &elements, width, scale, shift, epsilon)
    return NDArray(extents: x.extents, real: elements)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func normalizeRows<Scalar: KernelScalar>(
    _ kind: Normalization, _ elements: inout [Scalar], _ width: Int, _ weight: [Scalar]?,
    _ bias: [Scalar]?, _ epsilon: Scalar
  ) {
    guard width > 0 else { return }
    for start in stride(from: 0, to: elements.count, by: width) {
      let (mean, factor) = moments(kind, elements, start, width, epsilon)
      for index in 0..<width {
        var value = (elements[start + index] - mean) * factor
        if let weight { value *= weight[index] }
        if let bias { value += bias[index] }
        elements[start + index] = value
      }
    }
  }

  /// The gradients by the input, the weight and the bias, recomputing the rows' moments.
  ///
  /// With `x̂` the normalised row and `h = g · weight`, the input's gradient is
  /// `(h - mean(h) - x̂ · mean(h · x̂)) / deviation`; RMS norm lacks the term `mean(h)`.
  package static func normalizeGradient<Scalar: KernelScalar>(
    _ kind: Normalization, _ x: NDArray<Scalar>, gradient g: NDArray<Scalar>,
    weight: NDArray<Scalar>?, epsilon: Scalar, wantsInput: Bool, wantsWeight: Bool,
    wantsBias: Bool
  ) throws(KernelFault) -> NormalizationGradients<Scalar> {
    guard let width = x.extents.last, x.extents == g.extents else {
      throw KernelFault("a gradient of extents \(g.extents) for a result of \(x.extents)")
    }
    let (elements, arriving) = (try x.checkedReals(), try g.checkedReals())
    let scale = try weight?.checkedVector("weight", count: width)
    var input = [Scalar](repeating: 0, count: wantsInput ? elements.count : 0)
    var weightSum = [Scalar](repeating: 0, count: wantsWeight ? width : 0)
    var biasSum = [Scalar](repeating: 0, count: wantsBias ? width : 0)
    gradientRows(
      kind, elements, arriving, width, scale, epsilon, &input, &weightSum, &biasSum)
    return NormalizationGradients(
      input: wantsInput ? NDArray(extents: x.extents, real: input) : nil,
      weight: wantsWeight ? NDArray(extents: [width], real: weightSum) : nil,
      bias: wantsBias ? NDArray(extents: [width], real: biasSum) : nil)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func gradientRows<Scalar: KernelScalar>(
    _ kind: Normalization, _ elements: [Scalar], _ arriving: [Scalar], _ width: Int,
    _ weight: [Scalar]?, _ epsilon: Scalar, _ input: inout [Scalar],
    _ weightSum: inout [Scalar], _ biasSum: inout [Scalar]
  ) {
    guard width > 0 else { return }
    for start in stride(from: 0, to: elements.count, by: width) {
      let (mean, factor) = moments(kind, elements, start, width, epsilon)
      var sum: Scalar = 0
      var product: Scalar = 0
      for index in 0..<width {
        let normalized = (elements[start + index] - mean) * factor
        let gradient = arriving[start + index]
        let scaled = weight.map { $0[index] * gradient } ?? gradient
        sum += scaled
        product += scaled * normalized
        if !weightSum.isEmpty { weightSum[index] += gradient * normalized }
        if !biasSum.isEmpty { biasSum[index] += gradient }
      }
      if input.isEmpty { continue }
      let shift = kind == .layer ? sum / Scalar(width) : 0
      let slope = product / Scalar(width)
      for index in 0..<width {
        let normalized = (elements[start + index] - mean) * factor
        let scaled = weight.map { $0[index] * arriving[start + index] } ?? arriving[start + index]
        input[start + index] = (scaled - shift - normalized * slope) * factor
      }
    }
  }

  /// The mean that is taken away from a row, and the factor that it is multiplied by.
  @inline(__always)
  private static func moments<Scalar: KernelScalar>(
    _ kind: Normalization, _ elements: [Scalar], _ start: Int, _ width: Int, _ epsilon: Scalar
  ) -> (mean: Scalar, factor: Scalar) {
    var mean: Scalar = 0
    if kind == .layer {
      for index in 0..<width { mean += elements[start + index] }
      mean /= Scalar(width)
    }
    var square: Scalar = 0
    for index in 0..<width {
      let distance = elements[start + index] - mean
      square += distance * distance
    }
    return (mean, 1 / (square / Scalar(width) + epsilon).squareRoot())
  }
}
