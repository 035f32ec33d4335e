// AttentionGradient: the gradients of attention, with the weights computed a second time.
// An operation of its own, so that backward keeps no array of queries times keys.
import Dimensions
import IR
import Kernels

/// Computes the gradients of scaled dot-product attention by queries, keys, values and bias.
///
/// The scores are recomputed instead of kept (Dao et al. 2022, arXiv 2205.14135, appendix B.2), so
/// backward has five contractions, one more than twice those of forward.
///
/// - Shapes: `query [..., T, d]`, `key [..., S, d]`, `value [..., S, e]`, `output [..., T, e]`,
///   `gradient [..., T, e]`, `mask` and `bias` that broadcast to `[..., T, S]` → those of query, key
///   and value, and that of the bias if `bias_gradient` is set
/// - Cost: `T · S · (3 d + 2 e)` multiply-adds for each leading entry, causal or not
package struct AttentionGradient: Operation {
  package static let schema = OperationSchema(
    name: "scaled_dot_product_attention_gradient",
    summary: "Computes the gradients of attention by queries, keys, values and bias.",
    shapes: "query [..., T, d], key [..., S, d], value [..., S, e], output [..., T, e], "
      + "gradient [..., T, e], mask bool[..., T, S], bias [..., T, S] "
      + "-> [..., T, d], [..., S, d], [..., S, e], bias",
    operands: [
      OperandSchema("query"), OperandSchema("key"), OperandSchema("value"),
      OperandSchema("output"), OperandSchema("gradient"),
    ] + AttentionRules.masks,
    attributes: AttentionRules.attributes
      + [AttributeSchema("bias_gradient", .boolean, optional: true)],
    faults: AttentionRules.faults.merging(
      ["missing-bias": "the gradient by a bias is asked for, but no bias given"]
    ) { own, _ in own })

  package static let examples: [OperationExample] = {
    let (b, t, s, d) = (Samples.b, Samples.t, Samples.s, Samples.d)
    let causal: [String: AttributeValue] = ["causal": .boolean(true)]
    let byBias: [String: AttributeValue] = ["bias_gradient": .boolean(true)]
    let both = causal.merging(byBias) { own, _ in own }
    let (q, k, v) = (Samples.f32(b, 2, t, d), Samples.f32(b, 2, s, d), Samples.f32(b, 2, s, 3))
    let y = Samples.f32(b, 2, t, 3)
    return [
      .legal([q, k, v, y, y]),
      .legal([q, q, q, q, q], causal),
      .legal([q, k, v, y, y], ["scale": .float(0.3)]),
      .legal([q, k, v, y, y, Samples.bool(b, 1, 1, s)]),
      .legal([q, k, v, y, y, Samples.f32(2, t, s)], byBias),
      .legal([q, q, q, q, q, Samples.bool(t, t), Samples.f32(b, 1, t, 1)], both),
      .legal([q, q, q, q, q, Samples.bool(t, t), Samples.f32(t)], causal),
      .faulty("rank-mismatch", [Samples.f32(d), k, v, y, y]),
      .faulty("shape-mismatch", [q, k, v, y, Samples.f32(b, 2, t, 4)]),
      .faulty("element-mismatch", [q, k, v, y, TensorType(.f64, y.shape)]),
      .faulty("masks-out-of-order", [q, k, v, y, y, Samples.f32(t, s), Samples.f32(t, s)]),
      .faulty("shapes-do-not-broadcast", [q, k, v, y, y, Samples.bool(b, s)]),
      .faulty("missing-bias", [q, k, v, y, y, Samples.bool(t, s)], byBias),
      .faulty("causal-without-keys", [q, k, v, y, y], causal),
      .faulty("scale-out-of-range", [q, k, v, y, y], ["scale": .float(-.infinity)]),
    ]
  }()

  package let options: AttentionOptions
  /// True when the gradient by the bias is the fourth result.
  package let byBias: Bool

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try AttentionGradient.schema.checked(attributes)
    options = try AttentionRules.options(attributes)
    byBias = attributes.boolean("bias_gradient") ?? false
  }

  init(_ options: AttentionOptions, byBias: Bool) {
    self.options = options
    self.byBias = byBias
  }

  package var attributes: Attributes {
    var attributes = AttentionRules.attributes(options)
    if byBias { attributes.values["bias_gradient"] = .boolean(true) }
    return attributes
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try AttentionGradient.schema.check(operands)
    let shape = try AttentionRules.check(operands, options, masksFrom: 5, prover: prover)
    for (index, name) in [(3, "output"), (4, "gradient")] {
      try ShapeRules.requireShape(
        shape, of: operands[index], at: index, name: name, kind: "shape-mismatch",
        prover: prover)
    }
    guard byBias else { return Array(operands[..<3]) }
    guard let bias = bias(operands.map(\.element.kind)) else {
      throw Fault("missing-bias", "there is no bias to give a gradient for")
    }
    return operands[..<3] + [operands[bias]]
  }

  /// Where the bias stands among the operands.
  private func bias(_ kinds: [ElementKind]) -> Int? {
    AttentionRules.places(kinds, from: 5).bias
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let pairs = AttentionRules.pairs(operands)
    let widths = 3 * (operands[0].shape.last ?? 0) + 2 * (operands[2].shape.last ?? 0)
    let passes = 9 + AttentionRules.extraPasses(operands, from: 5) + (byBias ? 1 : 0)
    return Cost(
      multiplyAdds: pairs * widths, elementwise: passes * pairs + 2 * operands[3].elementCount)
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
    let (weights, scale) = try AttentionRules.emitWeights(
      &builder, operands, masksFrom: 5, options)
    let byValue = try builder.emit(
      Einsum(.arrow("... t s", "... t e", to: "... s e")), weights, g)
    let byWeights = try builder.emit(
      Einsum(.arrow("... t e", "... s e", to: "... t s")), g, value)
    let dot = try builder.emit(Sum(last), try builder.multiply(g, output))
    let centred = try builder.subtract(
      byWeights, try builder.restore(dot, axes: [rank - 1], like: weights))
    let byScores = try builder.multiply(weights, centred)
    let scores = try builder.multiply(byScores, scale)
    let byQuery = try builder.emit(
      Einsum(.arrow("... t s", "... s d", to: "... t d")), scores, key)
    let byKey = try builder.emit(
      Einsum(.arrow("... t s", "... t d", to: "... s d")), scores, query)
    let kinds = operands.map { builder.type(of: $0).element.kind }
    guard byBias, let bias = bias(kinds) else { return [byQuery, byKey, byValue] }
    return [byQuery, byKey, byValue, try builder.reduce(byScores, like: operands[bias])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let gradients = try StandardKernels.attentionGradient(
      query: operands[0], key: operands[1], value: operands[2], output: operands[3],
      gradient: operands[4], masks: AttentionMasks(operands[5...]), options: options,
      counter: &context.counter)
    guard byBias else { return Array(gradients[..<3]) }
    guard gradients.count == 4 else { throw KernelFault("no bias to give a gradient for") }
    return gradients
  }
}
