// Where: one of two tensors, chosen element by element.
// Apart from arithmetic with masks: nothing is multiplied, so an infinity that is not chosen is gone.
import Dimensions
import IR
import Kernels

/// Takes `a` where the condition holds and `b` elsewhere.
///
/// - Shapes: all three operands are broadcast.
/// - Cost: none is counted.
package struct Where: Operation {
  package static let schema = OperationSchema(
    name: "where", summary: "Takes the first tensor where a condition holds, the second elsewhere.",
    shapes: "condition bool[..., t, s], a [..., 1, s], b [] -> [..., t, s]",
    operands: [
      OperandSchema("condition", [.mask]), OperandSchema("a", [.real, .index, .mask]),
      OperandSchema("b", [.real, .index, .mask]),
    ],
    faults: [
      "shapes-do-not-broadcast": "two sizes are neither proved equal nor 1",
      "element-mismatch": "the two choices hold different types",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, s) = (Samples.b, Samples.t, Samples.s)
    let mask = Samples.bool(t, s)
    return [
      .legal([mask, Samples.f32(b, t, s), Samples.f32()]),
      .legal([Samples.bool(), Samples.f32(t, 1), Samples.f32(s)]),
      .legal([mask, Samples.i32(s), Samples.i32(t, s)], indexLimits: [1: 9, 2: 9]),
      .faulty("shapes-do-not-broadcast", [mask, Samples.f32(b, t), Samples.f32()]),
      .faulty("element-mismatch", [mask, Samples.f32(), Samples.i32()]),
    ]
  }()

  package init() {}

  package init(_ attributes: Attributes) throws(Fault) {
    _ = try Where.schema.checked(attributes)
  }

  package var attributes: Attributes { Attributes() }

  package let keeps = KeptValues(operands: [0])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Where.schema.check(operands)
    try ShapeRules.requireSameElement(operands, from: 1)
    let shape = try ShapeRules.broadcast(
      operands, names: ["condition", "a", "b"], prover: prover)
    return [try ShapeRules.result(operands[1].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0], builder.type(of: results[0]).element.kind == .real else {
      return [nil, nil, nil]
    }
    let condition = operands[0]
    var gradients: [ValueID?] = [nil, nil, nil]
    let zero = try builder.scalar(0, like: cotangent)
    if wanted[1] {
      let whole = try builder.select(condition, cotangent, zero)
      gradients[1] = try builder.reduce(whole, like: operands[1])
    }
    if wanted[2] {
      let whole = try builder.select(condition, zero, cotangent)
      gradients[2] = try builder.reduce(whole, like: operands[2])
    }
    return gradients
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Elementwise.select(operands[0], operands[1], operands[2])]
  }
}
