// Affine: rows times a weight, plus a bias: the linear layer.
// The loops live in Kernels/Standard/AffineKernel.swift.
import Dimensions
import IR
import Kernels

/// Multiplies the last axis by a weight and adds a bias.
///
/// - Shapes: `x [..., in]`, `weight [out, in]` (`[in, out]` if `transposed`), `bias [out]`
///   → `[..., out]`
/// - Cost: `rows · in · out` multiply-adds, and one addition an element for the bias
/// - Throws: ``Fault`` on operand 0 when `in` cannot be proved equal.
package struct Affine: Operation {
  package static let schema = OperationSchema(
    name: "affine", summary: "Multiplies the last axis by a weight and adds a bias.",
    shapes: "x [..., in], weight [out, in], bias [out] -> [..., out]",
    operands: [
      OperandSchema("x"), OperandSchema("weight"), OperandSchema("bias", optional: true),
    ],
    attributes: [AttributeSchema("transposed", .boolean, optional: true)],
    faults: [
      "rank-mismatch": "x has no axis, the weight not two, or the bias not one",
      "shape-mismatch": "the inner axes, or bias and weight, cannot be proved equal",
      "element-mismatch": "the operands hold different types",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, d, v) = (Samples.b, Samples.t, Samples.d, Samples.v)
    let x = Samples.f32(b, t, d)
    let weight = Samples.f32(v, d)
    return [
      .legal([x, weight, Samples.f32(v)]),
      .legal([x, weight]),
      .legal([x, Samples.f32(d, 3), Samples.f32(3)], ["transposed": .boolean(true)]),
      .legal([Samples.f32(d), weight]),
      .faulty("rank-mismatch", [Samples.f32(), weight]),
      .faulty("rank-mismatch", [x, Samples.f32(d)]),
      .faulty("rank-mismatch", [x, weight, Samples.f32(1, v)]),
      .faulty("shape-mismatch", [x, Samples.f32(v, 8)]),
      .faulty("shape-mismatch", [x, weight], ["transposed": .boolean(true)]),
      .faulty("shape-mismatch", [x, weight, Samples.f32(d)]),
      .faulty("element-mismatch", [x, TensorType(.f64, weight.shape)]),
    ]
  }()

  /// True for weights stored `[in, out]`.
  package let transposed: Bool

  package init(transposed: Bool = false) {
    self.transposed = transposed
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Affine.schema.checked(attributes)
    self.init(transposed: attributes.boolean("transposed") ?? false)
  }

  package var attributes: Attributes {
    Attributes(transposed ? ["transposed": .boolean(true)] : [:])
  }

  package let keeps = KeptValues(operands: [0, 1])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Affine.schema.check(operands)
    try ShapeRules.requireSameElement(operands)
    let (x, weight) = (operands[0], operands[1])
    guard let given = x.shape.last else {
      throw Fault(
        "rank-mismatch", "`x` has no axis to multiply", operand: 0, needs: "[..., in]",
        found: x.shapeText)
    }
    guard weight.rank == 2 else {
      throw Fault(
        "rank-mismatch", "`weight` has \(weight.rank) axes, expected 2", operand: 1,
        needs: transposed ? "[in, out]" : "[out, in]", found: weight.shapeText)
    }
    let inner = weight.shape[transposed ? 0 : 1]
    let outer = weight.shape[transposed ? 1 : 0]
    let claim = Constraint.equal(inner, given)
    let verdict = prover.prove(claim)
    guard verdict.isProved else {
      throw Fault(
        "shape-mismatch", "needs a last axis of \(inner), but its input ends in \(given)",
        operand: 0, axis: x.rank - 1, needs: "[..., \(inner)]", found: x.shapeText, claim: claim,
        verdict: verdict)
    }
    if operands.count > 2 {
      try ShapeRules.requireShape(
        [outer], of: operands[2], at: 2, name: "bias", kind: "shape-mismatch", prover: prover)
    }
    return [TensorType(x.element, x.shape.dropLast() + [outer])]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(
      multiplyAdds: results[0].elementCount * (operands[0].shape.last ?? 0),
      elementwise: operands.count > 2 ? results[0].elementCount : 0)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0] else { return operands.map { _ in nil } }
    var gradients: [ValueID?] = operands.map { _ in nil }
    if wanted[0] {
      gradients[0] = try builder.emit(Affine(transposed: !transposed), cotangent, operands[1])
    }
    if wanted[1] {
      let rows = (0..<builder.shape(of: cotangent).count - 1).map { PatternAxis.name("r\($0)") }
      let (inner, outer) = (PatternAxis.name("i"), PatternAxis.name("o"))
      let pattern = Pattern(
        inputs: [rows + [outer], rows + [inner]],
        output: transposed ? [inner, outer] : [outer, inner])
      gradients[1] = try builder.emit(Einsum(pattern), cotangent, operands[0])
    }
    if operands.count > 2, wanted[2] {
      gradients[2] = try builder.emit(SumTo([builder.shape(of: cotangent).last ?? 1]), cotangent)
    }
    return gradients
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let pattern = Pattern.arrow("... i", transposed ? "i o" : "o i", to: "... o")
    let product = try builder.emit(Einsum(pattern), operands[0], operands[1])
    return [operands.count > 2 ? try builder.add(product, operands[2]) : product]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.affine(
        operands[0], weight: operands[1], bias: operands.count > 2 ? operands[2] : nil,
        transposed: transposed, counter: &context.counter)
    ]
  }
}
