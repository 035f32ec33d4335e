// AttentionGradient: the gradients of attention, with the weights computed a second time.
// An operation of its own, so that backward keeps no array of queries times keys.
import Dimensions
import IR
import Kernels

/// Computes the gradients of scaled dot-product attention by queries, keys and values.
///
/// The scores are recomputed instead of kept (Dao et al. 2022, arXiv 2205.14135, appendix B.2), so
/// backward has five contractions, one more than twice those of forward.
///
/// - Shapes: `query [..., T, d]`, `key [..., S, d]`, `value [..., S, e]`, `output [..., T, e]`,
///   `gradient [..., T, e]` → those of query, key and value
/// - Cost: `T · S · (3 d + 2 e)` multiply-adds for each leading entry, causal or not
package struct AttentionGradient: Operation {
  package static let schema = OperationSchema(
    name: "scaled_dot_product_attention_gradient",
    summary: "Computes the gradients of attention by queries, keys and values.",
    shapes: "query [..., T, d], key [..., S, d], value [..., S, e], output [..., T, e], "
      + "gradient [..., T, e] -> [..., T, d], [..., S, d], [..., S, e]",
    operands: [
      OperandSchema("query"), OperandSchema("key"), OperandSchema("value"),
      OperandSchema("output"), OperandSchema("gradient"),
    ],
    attributes: AttentionRules.attributes, faults: AttentionRules.faults)

  package static let examples: [OperationExample] = {
    let (b, t, s, d) = (Samples.b, Samples.t, Samples.s, Samples.d)
    let causal: [String: AttributeValue] = ["causal": .boolean(true)]
    let (q, k, v) = (Samples.f32(b, 2, t, d), Samples.f32(b, 2, s, d), Samples.f32(b, 2, s, 3))
    let y = Samples.f32(b, 2, t, 3)
    return [
      .legal([q, k, v, y, y]),
      .legal([q, q, q, q, q], causal),
      .legal([q, k, v, y, y], ["scale": .float(0.3)]),
      .faulty("rank-mismatch", [Samples.f32(d), k, v, y, y]),
      .faulty("shape-mismatch", [q, k, v, y, Samples.f32(b, 2, t, 4)]),
      .faulty("element-mismatch", [q, k, v, y, TensorType(.f64, y.shape)]),
      .faulty("causal-without-keys", [q, k, v, y, y], causal),
      .faulty("scale-out-of-range", [q, k, v, y, y], ["scale": .float(-.infinity)]),
    ]
  }()

  package let options: AttentionOptions

  package init(_ attributes: Attributes) throws(Fault) {
    options = try AttentionRules.options(try AttentionGradient.schema.checked(attributes))
  }

  init(_ options: AttentionOptions) {
    self.options = options
  }

  package var attributes: Attributes { AttentionRules.attributes(options) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try AttentionGradient.schema.check(operands)
    let shape = try AttentionRules.check(operands, options, prover: prover)
    for (index, name) in [(3, "output"), (4, "gradient")] {
      try ShapeRules.requireShape(
        shape, of: operands[index], at: index, name: name, kind: "shape-mismatch",
        prover: prover)
    }
    return Array(operands[..<3])
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let pairs = AttentionRules.pairs(operands)
    let widths = 3 * (operands[0].shape.last ?? 0) + 2 * (operands[2].shape.last ?? 0)
    return Cost(
      multiplyAdds: pairs * widths, elementwise: 9 * pairs + 2 * operands[3].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { operands.map { _ in nil } }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (query, key, value, output, g) = (
      operands[0], operands[1], operands[2], operands[3], operands[4]
    )
    let rank = builder.shape(of: query).count
    let last = BracketAxes(axes: [rank - 1], rank: rank)
    let (weights, scale) = try AttentionRules.emitWeights(&builder, query, key, options)
    let byValue = try builder.emit(
      Einsum(.arrow("... t s", "... t e", to: "... s e")), weights, g)
    let byWeights = try builder.emit(
      Einsum(.arrow("... t e", "... s e", to: "... t s")), g, value)
    let dot = try builder.emit(Sum(last), try builder.multiply(g, output))
    let centred = try builder.subtract(
      byWeights, try builder.restore(dot, axes: [rank - 1], like: weights))
    let scores = try builder.multiply(try builder.multiply(weights, centred), scale)
    let byQuery = try builder.emit(
      Einsum(.arrow("... t s", "... s d", to: "... t d")), scores, key)
    let byKey = try builder.emit(
      Einsum(.arrow("... t s", "... t d", to: "... s d")), scores, query)
    return [byQuery, byKey, byValue]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    try StandardKernels.attentionGradient(
      query: operands[0], key: operands[1], value: operands[2], output: operands[3],
      gradient: operands[4], options: options, counter: &context.counter)
  }
}
