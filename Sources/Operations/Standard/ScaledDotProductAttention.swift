// ScaledDotProductAttention: softmax(scale · q kᵀ) v as one operation.
// The gradient is in AttentionGradient.swift, what both share in AttentionRules.swift.
import Dimensions
import IR
import Kernels

/// Mixes values by the similarity of queries and keys.
///
/// A causal mask lets query `t` of `T` see the keys up to `t + S - T`, so that the last query sees
/// all; with as many keys as queries this is PyTorch's `is_causal`. Every query must have a key.
///
/// - Shapes: `query [..., T, d]`, `key [..., S, d]`, `value [..., S, e]` → `[..., T, e]`
/// - Cost: `T · S · (d + e)` multiply-adds for each leading entry, causal or not
/// - Source: Vaswani and others 2017, arXiv 1706.03762, section 3.2.1
package struct ScaledDotProductAttention: Operation {
  package static let schema = OperationSchema(
    name: "scaled_dot_product_attention",
    summary: "Mixes values by the softmax of the scaled products of queries and keys.",
    shapes: "query [..., T, d], key [..., S, d], value [..., S, e] -> [..., T, e]",
    operands: [OperandSchema("query"), OperandSchema("key"), OperandSchema("value")],
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
      .faulty("rank-mismatch", [Samples.f32(d), k, v]),
      .faulty("rank-mismatch", [q, k, Samples.f32(2, s, 3)]),
      .faulty("shape-mismatch", [q, Samples.f32(b, 2, s, 8), v]),
      .faulty("shape-mismatch", [q, Samples.f32(b, 3, s, d), v]),
      .faulty("shape-mismatch", [q, k, Samples.f32(b, 2, t, 3)]),
      .faulty("element-mismatch", [q, k, TensorType(.f64, v.shape)]),
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

  package let keeps = KeptValues(operands: [0, 1, 2], results: [0])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try ScaledDotProductAttention.schema.check(operands)
    let shape = try AttentionRules.check(operands, options, prover: prover)
    return [TensorType(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let pairs = AttentionRules.pairs(operands)
    let widths = (operands[0].shape.last ?? 0) + (operands[2].shape.last ?? 0)
    return Cost(multiplyAdds: pairs * widths, elementwise: 6 * pairs)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0], wanted.contains(true) else { return [nil, nil, nil] }
    let gradients = try builder.emit(
      AttentionGradient(options), operands + [results[0], cotangent])
    return zip(gradients, wanted).map { $1 ? $0 : nil }
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (weights, _) = try AttentionRules.emitWeights(
      &builder, operands[0], operands[1], options)
    let mix = try Einsum(.arrow("... t s", "... s e", to: "... t e"))
    return [try builder.emit(mix, weights, operands[2])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.attention(
        query: operands[0], key: operands[1], value: operands[2], options: options,
        counter: &context.counter)
    ]
  }
}
