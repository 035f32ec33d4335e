// AttentionKernel: scaled dot-product attention and its gradient, with the scores spelled out.
// The reference twin of the fused kernel: it multiplies all T × S pairs, masked or not.

/// What attention needs beside its operands.
package struct AttentionOptions: Hashable, Sendable {
  /// Query `t` of `T` sees the keys up to `t + S - T`: aligned at the last query and key.
  package var causal: Bool
  /// The factor of the scores; `nil` means `1 / √d`.
  package var scale: Double?

  package init(causal: Bool, scale: Double?) {
    self.causal = causal
    self.scale = scale
  }

  /// The factor for queries of this width.
  package func factor(width: Int) -> Double {
    scale ?? 1 / Double(width).squareRoot()
  }
}

/// The extents of one attention: `batch` times `[queries, width] · [keys, width]ᵀ · [keys, values]`.
private struct AttentionExtents {
  let leading: [Int]
  let batch: Int
  let queries: Int
  let keys: Int
  let width: Int
  let valueWidth: Int

  init(_ q: [Int], _ k: [Int], _ v: [Int]) throws(KernelFault) {
    guard q.count >= 2, k.count == q.count, v.count == q.count,
      q.dropLast(2) == k.dropLast(2), q.dropLast(2) == v.dropLast(2),
      q.last == k.last, k[k.count - 2] == v[v.count - 2]
    else { throw KernelFault("attention of extents \(q), \(k) and \(v)") }
    leading = Array(q.dropLast(2))
    batch = try Extents.count(leading)
    (queries, keys) = (q[q.count - 2], k[k.count - 2])
    (width, valueWidth) = (q[q.count - 1], v[v.count - 1])
    _ = try Extents.count(leading + [queries, keys])
    _ = try Extents.count(leading + [queries, valueWidth])
  }
}

extension StandardKernels {
  /// `softmax(scale · q kᵀ) v` for each leading entry.
  ///
  /// - Shapes: `q [..., T, d]`, `k [..., S, d]`, `v [..., S, e]` → `[..., T, e]`
  package static func attention<Scalar: KernelScalar>(
    query q: NDArray<Scalar>, key k: NDArray<Scalar>, value v: NDArray<Scalar>,
    options: AttentionOptions, counter: inout KernelCounter
  ) throws(KernelFault) -> NDArray<Scalar> {
    let extents = try AttentionExtents(q.extents, k.extents, v.extents)
    let values = try v.checkedReals()
    let weights = try attentionWeights(q, k, extents, options, &counter)
    let mixed = Contraction.multiply(
      weights, values, outer: extents.batch, m: extents.queries, k: extents.keys,
      n: extents.valueWidth, counter: &counter)
    return NDArray(
      extents: extents.leading + [extents.queries, extents.valueWidth], real: mixed)
  }

  /// The gradients by queries, keys and values, with the weights computed again.
  ///
  /// - Shapes: `output` and `gradient` `[..., T, e]`, the others as in the forward
  package static func attentionGradient<Scalar: KernelScalar>(
    query q: NDArray<Scalar>, key k: NDArray<Scalar>, value v: NDArray<Scalar>,
    output: NDArray<Scalar>, gradient g: NDArray<Scalar>, options: AttentionOptions,
    counter: inout KernelCounter
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let extents = try AttentionExtents(q.extents, k.extents, v.extents)
    guard g.extents == extents.leading + [extents.queries, extents.valueWidth],
      output.extents == g.extents
    else { throw KernelFault("gradient \(g.extents) for a result of \(output.extents)") }
    let (queries, keys) = (try q.checkedReals(), try k.checkedReals())
    let (arriving, mixed) = (try g.checkedReals(), try output.checkedReals())
    let (batch, m, n) = (extents.batch, extents.queries, extents.keys)
    let (width, valueWidth) = (extents.width, extents.valueWidth)
    let weights = try attentionWeights(q, k, extents, options, &counter)

    let turnedWeights = try turned(weights, extents.leading + [m, n])
    let valueGradient = Contraction.multiply(
      turnedWeights, arriving, outer: batch, m: n, k: m, n: valueWidth, counter: &counter)
    let turnedValues = try turned(try v.checkedReals(), v.extents)
    var scores = Contraction.multiply(
      arriving, turnedValues, outer: batch, m: m, k: valueWidth, n: n, counter: &counter)
    // Σ weights · gradient of the weights equals Σ output · gradient of the output (Dao 2022, B.2).
    scoreGradient(
      &scores, weights, arriving, mixed, keys: n, valueWidth: valueWidth,
      factor: Scalar(options.factor(width: width)))
    let queryGradient = Contraction.multiply(
      scores, keys, outer: batch, m: m, k: n, n: width, counter: &counter)
    let keyGradient = Contraction.multiply(
      try turned(scores, extents.leading + [m, n]), queries, outer: batch, m: n, k: m, n: width,
      counter: &counter)
    return [
      NDArray(extents: q.extents, real: queryGradient),
      NDArray(extents: k.extents, real: keyGradient),
      NDArray(extents: v.extents, real: valueGradient),
    ]
  }

  /// The softmax of the scores, `[batch, T, S]`.
  private static func attentionWeights<Scalar: KernelScalar>(
    _ q: NDArray<Scalar>, _ k: NDArray<Scalar>, _ extents: AttentionExtents,
    _ options: AttentionOptions, _ counter: inout KernelCounter
  ) throws(KernelFault) -> [Scalar] {
    let turnedKeys = try turned(try k.checkedReals(), k.extents)
    let (m, n) = (extents.queries, extents.keys)
    var scores = Contraction.multiply(
      try q.checkedReals(), turnedKeys, outer: extents.batch, m: m, k: extents.width, n: n,
      counter: &counter)
    scaleScores(
      &scores, queries: m, keys: n, factor: Scalar(options.factor(width: extents.width)),
      causal: options.causal)
    softmaxRows(&scores, try RowView([extents.batch * m, n], axis: 1))
    return scores
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func scaleScores<Scalar: KernelScalar>(
    _ scores: inout [Scalar], queries: Int, keys: Int, factor: Scalar, causal: Bool
  ) {
    guard keys > 0 else { return }
    for index in scores.indices {
      let (row, key) = index.quotientAndRemainder(dividingBy: keys)
      let visible = !causal || key <= row % queries + keys - queries
      scores[index] = visible ? scores[index] * factor : -.infinity
    }
  }

  /// From the gradient of the weights to that of the products, in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func scoreGradient<Scalar: KernelScalar>(
    _ scores: inout [Scalar], _ weights: [Scalar], _ arriving: [Scalar], _ mixed: [Scalar],
    keys: Int, valueWidth: Int, factor: Scalar
  ) {
    guard keys > 0 else { return }
    for row in 0..<scores.count / keys {
      var dot: Scalar = 0
      for index in row * valueWidth..<(row + 1) * valueWidth {
        dot += arriving[index] * mixed[index]
      }
      for index in row * keys..<(row + 1) * keys {
        scores[index] = weights[index] * (scores[index] - dot) * factor
      }
    }
  }

  /// The elements with the last two axes exchanged.
  private static func turned<Scalar: KernelScalar>(
    _ elements: [Scalar], _ extents: [Int]
  ) throws(KernelFault) -> [Scalar] {
    let rank = extents.count
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    return try Layout.permute(NDArray(extents: extents, real: elements), order).checkedReals()
  }
}
