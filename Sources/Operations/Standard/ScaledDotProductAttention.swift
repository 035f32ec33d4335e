// ScaledDotProductAttention: softmax(scale · q kᵀ) v as one operation.
// The gradient is in AttentionGradient.swift, what both share in AttentionRules.swift.
import Dimensions
import IR
import Kernels

/// Mixes values by the similarity of queries and keys.
///
/// A causal mask lets query `t` of `T` see the keys up to `t + S - T`, so that the last query sees
/// all; with as many keys as queries this is PyTorch's `is_causal`.
///
/// A mask is true where a query sees a key; a bias is added to the scaled scores. Either may be left
/// out: a real operand after the values is the bias. With one of them a query may be without a key,
/// and its result is zero.
///
/// - Shapes: `query [..., T, d]`, `key [..., S, d]`, `value [..., S, e]`, `mask` and `bias` that
///   broadcast to `[..., T, S]` → `[..., T, e]`
/// - Cost: `T · S · (d + e)` multiply-adds for each leading entry, causal or not
/// - Source: Vaswani and others 2017, arXiv 1706.03762, section 3.2.1
package struct ScaledDotProductAttention: Operation {
  package static let schema = OperationSchema(
    name: "scaled_dot_product_attention",
    summary: "Mixes values by the softmax of the scaled products of queries and keys.",
    shapes: "query [..., T, d], key [..., S, d], value [..., S, e], mask bool[..., T, S], "
      + "bias [..., T, S] -> [..., T, e]",
    operands: [OperandSchema("query"), OperandSchema("key"), OperandSchema("value")]
      + AttentionRules.masks,
    attributes: AttentionRules.attributes, faults: AttentionRules.faults)

  package static let examples: [OperationExample] = {
    let (b, t, s, d) = (Samples.b, Samples.t, Samples.s, Samples.d)
    let causal: [String: AttributeValue] = ["causal": .boolean(true)]
    let (q, k, v) = (Samples.f32(b, 2, t, d), Samples.f32(b, 2, s, d), Samples.f32(b, 2, s, 3))
    let longer = Samples.f32(t + s, d)
    return [
      .legal([q, k, v]),
      .legal([q, q, q], causal),
      .legal([Samples.f32(t, d), longer, longer], causal),
      .legal([q, k, v], ["scale": .float(0.3)]),
      .legal([q, k, v, Samples.bool(b, 1, 1, s)]),
      .legal([q, q, q, Samples.bool(t, t)], causal),
      .legal([q, k, v, Samples.f32(2, t, s)], ["scale": .float(1)]),
      .legal([q, q, q, Samples.bool(b, 1, t, t), Samples.f32(1, t)], causal),
      .faulty("rank-mismatch", [Samples.f32(d), k, v]),
      .faulty("rank-mismatch", [q, k, Samples.f32(2, s, 3)]),
      .faulty("shape-mismatch", [q, Samples.f32(b, 2, s, 8), v]),
      .faulty("shape-mismatch", [q, Samples.f32(b, 3, s, d), v]),
      .faulty("shape-mismatch", [q, k, Samples.f32(b, 2, t, 3)]),
      .faulty("element-mismatch", [q, k, TensorType(.f64, v.shape)]),
      .faulty("element-mismatch", [q, k, v, TensorType(.f64, [t, s])]),
      .faulty("masks-out-of-order", [q, k, v, Samples.f32(t, s), Samples.f32(t, s)]),
      .faulty("shapes-do-not-broadcast", [q, k, v, Samples.bool(b, s)]),
      .faulty("causal-without-keys", [q, k, v], causal),
      .faulty("scale-out-of-range", [q, k, v], ["scale": .float(.infinity)]),
    ]
  }()

  package let options: AttentionOptions

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try ScaledDotProductAttention.schema.checked(attributes)
    options = try AttentionRules.options(attributes)
  }

  package init(causal: Bool, scale: Double?) {
    options = AttentionOptions(causal: causal, scale: scale)
  }

  package var attributes: Attributes { AttentionRules.attributes(options) }

  package let keeps = KeptValues(operands: [0, 1, 2, 3, 4], results: [0])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try ScaledDotProductAttention.schema.check(operands)
    let shape = try AttentionRules.check(operands, options, masksFrom: 3, prover: prover)
    return [TensorType(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let pairs = AttentionRules.pairs(operands)
    let widths = (operands[0].shape.last ?? 0) + (operands[2].shape.last ?? 0)
    let passes = 6 + AttentionRules.extraPasses(operands, from: 3)
    return Cost(multiplyAdds: pairs * widths, elementwise: passes * pairs)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    var leaving: [ValueID?] = operands.map { _ in nil }
    guard let cotangent = cotangents[0], wanted.contains(true) else { return leaving }
    let kinds = operands.map { builder.type(of: $0).element.kind }
    let (_, bias) = AttentionRules.places(kinds, from: 3)
    let wantsBias = bias.map { wanted[$0] } ?? false
    let gradients = try builder.emit(
      AttentionGradient(options, byBias: wantsBias),
      operands[..<3] + [results[0], cotangent] + operands[3...])
    for index in 0..<3 where wanted[index] { leaving[index] = gradients[index] }
    if wantsBias, let bias { leaving[bias] = gradients[3] }
    return leaving
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (weights, _) = try AttentionRules.emitWeights(
      &builder, operands, masksFrom: 3, options)
    let mix = try Einsum(.arrow("... t s", "... s e", to: "... t e"))
    return [try builder.emit(mix, weights, operands[2])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.attention(
        query: operands[0], key: operands[1], value: operands[2],
        masks: AttentionMasks(operands[3...]), options: options, counter: &context.counter)
    ]
  }
}
