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

/// What is laid over the scores before the softmax; each part broadcasts to `[..., T, S]`.
///
/// A row that sees no key, because the mask is false or the bias -infinity for all, has weights of
/// zero: its output and its gradients are zero, as in PyTorch since 2.5.
package struct AttentionMasks<Scalar: KernelScalar>: Sendable {
  /// True where a query sees a key.
  package var mask: NDArray<Scalar>?
  /// Added to the scaled scores.
  package var bias: NDArray<Scalar>?

  package init(mask: NDArray<Scalar>? = nil, bias: NDArray<Scalar>? = nil) {
    self.mask = mask
    self.bias = bias
  }

  /// From the operands after the last that must be given: a mask, a bias, or both in this order.
  package init(_ optional: ArraySlice<NDArray<Scalar>>) throws(KernelFault) {
    for array in optional {
      switch array.payload {
      case .mask where mask == nil && bias == nil: mask = array
      case .real where bias == nil: bias = array
      default: throw KernelFault("a mask or bias of \(array.payload.kind) out of place")
      }
    }
  }

  var isEmpty: Bool { mask == nil && bias == nil }
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
  /// - Shapes: `q [..., T, d]`, `k [..., S, d]`, `v [..., S, e]`, masks that broadcast to
  ///   `[..., T, S]` → `[..., T, e]`
  package static func attention<Scalar: KernelScalar>(
    query q: NDArray<Scalar>, key k: NDArray<Scalar>, value v: NDArray<Scalar>,
    masks: AttentionMasks<Scalar> = AttentionMasks(), options: AttentionOptions,
    counter: inout KernelCounter
  ) throws(KernelFault) -> NDArray<Scalar> {
    let extents = try AttentionExtents(q.extents, k.extents, v.extents)
    let values = try v.checkedReals()
    let weights = try attentionWeights(q, k, extents, masks, options, &counter)
    let mixed = Contraction.multiply(
      weights, values, outer: extents.batch, m: extents.queries, k: extents.keys,
      n: extents.valueWidth, counter: &counter)
    return NDArray(
      extents: extents.leading + [extents.queries, extents.valueWidth], real: mixed)
  }

  /// The gradients by queries, keys, values and, if there is one, the bias, with the weights
  /// computed again.
  ///
  /// - Shapes: `output` and `gradient` `[..., T, e]`, the others as in the forward
  package static func attentionGradient<Scalar: KernelScalar>(
    query q: NDArray<Scalar>, key k: NDArray<Scalar>, value v: NDArray<Scalar>,
    output: NDArray<Scalar>, gradient g: NDArray<Scalar>,
    masks: AttentionMasks<Scalar> = AttentionMasks(), options: AttentionOptions,
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
    let weights = try attentionWeights(q, k, extents, masks, options, &counter)

    let turnedWeights = try turned(weights, extents.leading + [m, n])
    let valueGradient = Contraction.multiply(
      turnedWeights, arriving, outer: batch, m: n, k: m, n: valueWidth, counter: &counter)
    let turnedValues = try turned(try v.checkedReals(), v.extents)
    var scores = Contraction.multiply(
      arriving, turnedValues, outer: batch, m: m, k: valueWidth, n: n, counter: &counter)
    // Σ weights · gradient of the weights equals Σ output · gradient of the output (Dao 2022, B.2).
    scoreGradient(&scores, weights, arriving, mixed, keys: n, valueWidth: valueWidth)
    var biasGradient: [NDArray<Scalar>] = []
    if let bias = masks.bias {
      let whole = NDArray(extents: extents.leading + [m, n], real: scores)
      biasGradient = [try Reduction.sum(whole, to: bias.extents)]
    }
    scale(&scores, by: Scalar(options.factor(width: width)))
    let queryGradient = Contraction.multiply(
      scores, keys, outer: batch, m: m, k: n, n: width, counter: &counter)
    let keyGradient = Contraction.multiply(
      try turned(scores, extents.leading + [m, n]), queries, outer: batch, m: n, k: m, n: width,
      counter: &counter)
    return [
      NDArray(extents: q.extents, real: queryGradient),
      NDArray(extents: k.extents, real: keyGradient),
      NDArray(extents: v.extents, real: valueGradient),
    ] + biasGradient
  }

  /// The softmax of the scores, `[batch, T, S]`.
  private static func attentionWeights<Scalar: KernelScalar>(
    _ q: NDArray<Scalar>, _ k: NDArray<Scalar>, _ extents: AttentionExtents,
    _ masks: AttentionMasks<Scalar>, _ options: AttentionOptions, _ counter: inout KernelCounter
  ) throws(KernelFault) -> [Scalar] {
    let turnedKeys = try turned(try k.checkedReals(), k.extents)
    let (m, n) = (extents.queries, extents.keys)
    var scores = Contraction.multiply(
      try q.checkedReals(), turnedKeys, outer: extents.batch, m: m, k: extents.width, n: n,
      counter: &counter)
    scaleScores(
      &scores, queries: m, keys: n, factor: Scalar(options.factor(width: extents.width)),
      causal: options.causal)
    let view = try RowView([extents.batch * m, n], axis: 1)
    if masks.isEmpty {
      softmaxRows(&scores, view)
      return scores
    }
    try applyMasks(&scores, extents.leading + [m, n], masks)
    let blind = rowsWithoutKeys(scores, view)
    softmaxRows(&scores, view)
    for row in blind {
      for index in row * n..<(row + 1) * n { scores[index] = 0 }
    }
    return scores
  }

  /// Adds the bias, and hides what the mask hides.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func applyMasks<Scalar: KernelScalar>(
    _ scores: inout [Scalar], _ shape: [Int], _ masks: AttentionMasks<Scalar>
  ) throws(KernelFault) {
    if let bias = masks.bias {
      let added = try Layout.broadcast(bias, to: shape).checkedReals()
      for index in scores.indices { scores[index] += added[index] }
    }
    if let mask = masks.mask {
      let visible = try Layout.broadcast(mask, to: shape).checkedMask()
      for index in scores.indices where !visible[index] { scores[index] = -.infinity }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func rowsWithoutKeys<Scalar: KernelScalar>(
    _ scores: [Scalar], _ view: RowView
  ) -> [Int] {
    (0..<view.rows).filter { row in
      scores[row * view.length..<(row + 1) * view.length].allSatisfy { $0 == -.infinity }
    }
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

  /// From the gradient of the weights to that of the masked scores, in place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func scoreGradient<Scalar: KernelScalar>(
    _ scores: inout [Scalar], _ weights: [Scalar], _ arriving: [Scalar], _ mixed: [Scalar],
    keys: Int, valueWidth: Int
  ) {
    guard keys > 0 else { return }
    for row in 0..<scores.count / keys {
      var dot: Scalar = 0
      for index in row * valueWidth..<(row + 1) * valueWidth {
        dot += arriving[index] * mixed[index]
      }
      for index in row * keys..<(row + 1) * keys {
        scores[index] = weights[index] * (scores[index] - dot)
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func scale<Scalar: KernelScalar>(_ elements: inout [Scalar], by factor: Scalar) {
    for index in elements.indices { elements[index] *= factor }
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
