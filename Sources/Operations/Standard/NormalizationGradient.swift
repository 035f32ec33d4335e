// NormalizationGradient: the gradients of layer norm and RMS norm in one pass over the rows.
// An operation of its own, so that no normalised copy of the input is kept or made.
import Dimensions
import IR
import Kernels

/// Computes the gradients of a normalisation by its input, weight and bias.
///
/// Only the results that the attributes ask for are made, in this order.
///
/// - Shapes: `x [..., n]`, `gradient [..., n]`, `weight [n]` → `[..., n]`, `[n]`, `[n]`
/// - Cost: the moments again, then up to eleven operations an element
package struct NormalizationGradient: Operation {
  package static let schema = OperationSchema(
    name: "normalization_gradient",
    summary: "Computes the gradients of layer norm or RMS norm, recomputing the rows' moments.",
    shapes: "x [..., n], gradient [..., n], weight [n] -> [..., n], [n], [n]",
    operands: [
      OperandSchema("x"), OperandSchema("gradient"), OperandSchema("weight", optional: true),
    ],
    attributes: [
      AttributeSchema("kind", .string), AttributeSchema("epsilon", .float),
      AttributeSchema("input", .boolean, optional: true),
      AttributeSchema("weight", .boolean, optional: true),
      AttributeSchema("bias", .boolean, optional: true),
    ],
    faults: Normalization.faults.merging([
      "unknown-kind": "the kind is neither \"layer\" nor \"root_mean_square\"",
      "no-result": "none of the gradients is asked for",
    ]) { first, _ in first })

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    let (x, row) = (Samples.f32(b, t, 6), Samples.f32(6))
    func values(
      _ kind: Normalization, _ results: String..., epsilon: Double = 1e-5
    ) -> [String: AttributeValue] {
      var values: [String: AttributeValue] = [
        "kind": .string(kind.word), "epsilon": .float(epsilon),
      ]
      for result in results { values[result] = .boolean(true) }
      return values
    }
    let input = values(.layer, "input")
    return [
      .legal([x, x, row], values(.layer, "input", "weight", "bias")),
      .legal([x, x], input),
      .legal([x, x, row], values(.layer, "weight", "bias")),
      .legal([x, x, row], values(.rootMeanSquare, "input", "weight")),
      .faulty("rank-mismatch", [Samples.f32(), Samples.f32()], input),
      .faulty("shape-mismatch", [x, Samples.f32(b, t, 5)], input),
      .faulty("shape-mismatch", [x, x, Samples.f32(5)], input),
      .faulty("element-mismatch", [x, TensorType(.f64, x.shape)], input),
      .faulty("epsilon-out-of-range", [x, x], values(.layer, "input", epsilon: -1)),
      .faulty("no-result", [x, x], values(.layer)),
      .faulty("unknown-kind", [x, x], ["kind": .string("group"), "epsilon": .float(0)]),
    ]
  }()

  package let kind: Normalization
  package let epsilon: Double
  package let wantsInput: Bool
  package let wantsWeight: Bool
  package let wantsBias: Bool

  init(_ kind: Normalization, epsilon: Double, input: Bool, weight: Bool, bias: Bool) {
    self.kind = kind
    self.epsilon = epsilon
    (wantsInput, wantsWeight, wantsBias) = (input, weight, bias)
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try NormalizationGradient.schema.checked(attributes)
    let word = try required(attributes.string("kind"), "kind")
    guard let kind = [Normalization.layer, .rootMeanSquare].first(where: { $0.word == word })
    else {
      throw Fault(
        "unknown-kind", "`kind` is \"\(word)\", expected \"layer\" or \"root_mean_square\"",
        needs: "\"layer\" or \"root_mean_square\"", found: "\"\(word)\"")
    }
    self.init(
      kind, epsilon: try Epsilon.read(attributes, default: nil),
      input: attributes.boolean("input") ?? false,
      weight: attributes.boolean("weight") ?? false, bias: attributes.boolean("bias") ?? false)
    guard wantsInput || wantsWeight || wantsBias else {
      throw Fault(
        "no-result", "no gradient is asked for", needs: "one of `input`, `weight` and `bias`")
    }
  }

  package var attributes: Attributes {
    var values: [String: AttributeValue] = [
      "kind": .string(kind.word), "epsilon": .float(epsilon),
    ]
    if wantsInput { values["input"] = .boolean(true) }
    if wantsWeight { values["weight"] = .boolean(true) }
    if wantsBias { values["bias"] = .boolean(true) }
    return Attributes(values)
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try NormalizationGradient.schema.check(operands)
    try Normalization.check(
      operands, vectorsFrom: 2, names: ["x", "gradient", "weight"], prover: prover)
    try ShapeRules.requireShape(
      operands[0].shape, of: operands[1], at: 1, name: "gradient", kind: "shape-mismatch",
      prover: prover)
    let row = TensorType(operands[0].element, operands[0].shape.suffix(1))
    return (wantsInput ? [operands[0]] : []) + (wantsWeight ? [row] : [])
      + (wantsBias ? [row] : [])
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let elements = operands[0].elementCount
    var steps: Dimension = wantsBias ? 1 : 0
    if wantsWeight { steps += 2 }
    if wantsInput { steps += (operands.count > 2 ? 1 : 0) + (kind == .layer ? 7 : 5) }
    var cost = Cost(elementwise: steps * elements)
    if wantsInput || wantsWeight {
      cost.elementwise += kind.cost(of: operands[0], vectors: 0).elementwise
    }
    return cost
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { operands.map { _ in nil } }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (x, g) = (operands[0], operands[1])
    let axis = builder.shape(of: x).count - 1
    let last = BracketAxes(axes: [axis], rank: axis + 1)
    let row = builder.shape(of: x).suffix(1)
    let (normalized, factor) = try kind.emitRows(&builder, x, epsilon: epsilon)
    var results: [ValueID] = []
    if wantsInput {
      let scaled = operands.count > 2 ? try builder.multiply(g, operands[2]) : g
      let product = try builder.multiply(scaled, normalized)
      let slope = try builder.restore(
        try builder.emit(Mean(last), product), axes: [axis], like: x)
      var rest = try builder.subtract(scaled, try builder.multiply(normalized, slope))
      if kind == .layer {
        let mean = try builder.emit(Mean(last), scaled)
        rest = try builder.subtract(rest, try builder.restore(mean, axes: [axis], like: x))
      }
      results.append(try builder.multiply(rest, factor))
    }
    if wantsWeight {
      let product = try builder.multiply(g, normalized)
      results.append(try builder.emit(SumTo(Array(row)), product))
    }
    if wantsBias { results.append(try builder.emit(SumTo(Array(row)), g)) }
    return results
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let gradients = try StandardKernels.normalizeGradient(
      kind, operands[0], gradient: operands[1], weight: operands.count > 2 ? operands[2] : nil,
      epsilon: Scalar(epsilon), wantsInput: wantsInput, wantsWeight: wantsWeight,
      wantsBias: wantsBias)
    return [gradients.input, gradients.weight, gradients.bias].compactMap { $0 }
  }
}
