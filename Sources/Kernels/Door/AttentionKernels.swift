// AttentionKernels: what the fast attention takes and gives, forward and backward.
// The plain twin, which spells out the scores, is Standard/AttentionKernel.swift.

/// The extents of one attention, from which its memory and its work are known.
package struct AttentionSizes: Hashable, Sendable {
  /// The axes before queries and keys: batch and heads.
  package var leading: [Int]
  /// Of these, the axes along which the queries share keys and values, so that backward sums the
  /// gradients of keys and values over them.
  package var shared: Set<Int>
  package var queries: Int
  package var keys: Int
  /// The width of queries and keys.
  package var width: Int
  package var valueWidth: Int
  package var causal: Bool

  package init(
    leading: [Int], shared: Set<Int> = [], queries: Int, keys: Int, width: Int, valueWidth: Int,
    causal: Bool
  ) {
    self.leading = leading
    self.shared = shared
    self.queries = queries
    self.keys = keys
    self.width = width
    self.valueWidth = valueWidth
    self.causal = causal
  }

  /// The number of leading entries.
  package var entries: Int { leading.reduce(1, *) }

  /// The leading entries that have keys of their own.
  package var keyEntries: Int {
    leading.indices.reduce(1) { shared.contains($1) ? $0 : $0 * leading[$1] }
  }
}

/// What attention reads.
///
/// All have the same leading axes, and the last axis of queries, keys and values is dense; every
/// other axis may have any stride, 0 among them.
package struct AttentionOperands: Sendable {
  /// Queries, `[..., T, d]`.
  package var query: PlacedTensor<Float>
  /// Keys, `[..., S, d]`.
  package var key: PlacedTensor<Float>
  /// Values, `[..., S, e]`.
  package var value: PlacedTensor<Float>
  /// True where a query sees a key, `[..., T, S]`.
  package var mask: PlacedTensor<Bool>?
  /// Added to the scaled scores, `[..., T, S]`.
  package var bias: PlacedTensor<Float>?
  package var options: AttentionOptions

  package init(
    query: PlacedTensor<Float>, key: PlacedTensor<Float>, value: PlacedTensor<Float>,
    mask: PlacedTensor<Bool>? = nil, bias: PlacedTensor<Float>? = nil, options: AttentionOptions
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.mask = mask
    self.bias = bias
    self.options = options
  }

  /// The extents, with keys and values shared along the given leading axes.
  package func sizes(shared: Set<Int> = []) -> AttentionSizes {
    let rank = query.extents.count
    return AttentionSizes(
      leading: Array(query.extents[..<(rank - 2)]), shared: shared,
      queries: query.extents[rank - 2], keys: key.extents[rank - 2],
      width: query.extents[rank - 1], valueWidth: value.extents[rank - 1],
      causal: options.causal)
  }
}

/// What backward reads beside the operands of forward.
package struct AttentionArriving: Sendable {
  /// The result of forward, `[..., T, e]`, its last axis dense.
  package var output: PlacedTensor<Float>
  /// The gradient by the result, `[..., T, e]`, its last axis dense.
  package var gradient: PlacedTensor<Float>
  /// What forward left, one number a row, dense over `[..., T]`.
  package var rowSums: Place<Float>

  package init(
    output: PlacedTensor<Float>, gradient: PlacedTensor<Float>, rowSums: Place<Float>
  ) {
    self.output = output
    self.gradient = gradient
    self.rowSums = rowSums
  }
}

/// What backward writes; the last axes of the first three are dense.
package struct AttentionLeaving: Sendable {
  /// By the queries, `[..., T, d]`.
  package var query: PlacedTensor<Float>
  /// By the keys, `[..., S, d]`; stride 0 along a leading axis means that the axis is summed.
  package var key: PlacedTensor<Float>
  /// By the values, `[..., S, e]`, summed along the same axes as the keys.
  package var value: PlacedTensor<Float>
  /// By the bias, `[..., T, S]`, summed along every axis with stride 0; `nil` when nobody wants it.
  package var bias: PlacedTensor<Float>?

  package init(
    query: PlacedTensor<Float>, key: PlacedTensor<Float>, value: PlacedTensor<Float>,
    bias: PlacedTensor<Float>? = nil
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.bias = bias
  }

  /// The leading axes along which the gradients of keys and values are summed.
  package var shared: Set<Int> {
    Set(key.extents.indices.dropLast(2).filter { key.strides[$0] == 0 && key.extents[$0] > 1 })
  }
}

/// Attention that never stores the scores of all queries and keys.
///
/// Scores are made in tiles, and the softmax follows the largest seen so far (Dao and others 2022,
/// arXiv 2205.14135). A row that sees no key gives zero and has a gradient of zero.
package protocol AttentionKernels {
  static func attentionWorkspace(_ sizes: AttentionSizes) -> KernelWorkspace

  /// Writes `softmax(scale · q kᵀ) v`.
  ///
  /// - Parameters:
  ///   - operands: queries, keys, values and masks.
  ///   - output: `[..., T, e]`, its last axis dense.
  ///   - rowSums: for backward, the logarithm to base 2 of each row's sum of exponentials, dense
  ///     over `[..., T]`; infinite for a row that sees no key. `nil` when there is no backward.
  /// - Returns: one job, its pieces blocks of queries of a leading entry.
  static func attention(
    _ operands: AttentionOperands, output: PlacedTensor<Float>, rowSums: Place<Float>?
  ) -> [KernelJob]

  static func attentionGradientWorkspace(_ sizes: AttentionSizes) -> KernelWorkspace

  /// Writes the gradients by queries, keys, values and, if there is a place for it, the bias.
  ///
  /// - Parameters:
  ///   - operands: those of forward.
  ///   - arriving: what forward left, and the gradient of its result.
  ///   - leaving: where the gradients go.
  ///   - shared: the shared workspace.
  /// - Returns: jobs whose pieces own the keys, then the queries, then the bias they write to.
  static func attentionGradient(
    _ operands: AttentionOperands, arriving: AttentionArriving, leaving: AttentionLeaving,
    shared: UnsafeMutableRawPointer
  ) -> [KernelJob]

  /// The multiply-adds that forward does for rows and keys that exist: tiles beyond the diagonal are
  /// skipped, those on it are done whole.
  static func attentionMultiplyAdds(_ sizes: AttentionSizes) -> Int

  static func attentionGradientMultiplyAdds(
    _ sizes: AttentionSizes, byBias: Bool
  ) -> Int
}
