// Compare: a relation between two tensors as a mask.
// One operation for all six relations, because they differ in one word only.
import Dimensions
import IR
import Kernels

/// Compares elements pairwise.
///
/// - Shapes: broadcast like arithmetic; the result holds booleans.
/// - Cost: none is counted.
package struct Compare: Operation {
  package static let schema = OperationSchema(
    name: "compare", summary: "Tells for each pair of elements whether a relation holds.",
    shapes: "a [..., t, 1], b [s] -> bool[..., t, s]",
    operands: [
      OperandSchema("a", [.real, .index, .mask]), OperandSchema("b", [.real, .index, .mask]),
    ],
    attributes: [AttributeSchema("relation", .string)],
    faults: [
      "shapes-do-not-broadcast": "two sizes are neither proved equal nor 1",
      "element-mismatch": "the operands hold different types",
      "unknown-relation": "the relation is none of the six",
      "operand-kind": "booleans are compared by another relation than equality",
    ])

  package static let examples: [OperationExample] = {
    let (t, s) = (Samples.t, Samples.s)
    let less: [String: AttributeValue] = ["relation": .string("less")]
    let legal = Relation.allCases.map { relation in
      OperationExample.legal(
        [Samples.i32(t, 1), Samples.i32(s)], ["relation": .string(relation.rawValue)],
        indexLimits: [0: 4, 1: 4])
    }
    return legal + [
      .legal([Samples.f32(t, s), Samples.f32()], less),
      .legal([Samples.bool(t), Samples.bool(t)], ["relation": .string("equal")]),
      .faulty("shapes-do-not-broadcast", [Samples.f32(t), Samples.f32(s)], less),
      .faulty("element-mismatch", [Samples.f32(t), Samples.i32(t)], less),
      .faulty("unknown-relation", [Samples.f32(), Samples.f32()], ["relation": .string("<")]),
      .faulty("operand-kind", [Samples.bool(t), Samples.bool(t)], less),
    ]
  }()

  package let relation: Relation

  package init(_ relation: Relation) {
    self.relation = relation
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Compare.schema.checked(attributes)
    self.init(try word(attributes, "relation", as: Relation.self))
  }

  package var attributes: Attributes { Attributes(["relation": .string(relation.rawValue)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Compare.schema.check(operands)
    try ShapeRules.requireSameElement(operands)
    if operands[0].element == .bool, relation != .equal, relation != .notEqual {
      throw Fault(
        "operand-kind", "booleans have no order for `\(relation.rawValue)`", operand: 0,
        needs: "numbers", found: operands[0].element.rawValue)
    }
    let shape = try ShapeRules.broadcast(operands, names: ["a", "b"], prover: prover)
    return [try ShapeRules.result(.bool, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [nil, nil] }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let (a, b) = (operands[0], operands[1])
    if case .mask = a.payload {
      return [
        try Elementwise.compare(
          try Elementwise.toIndices(a), try Elementwise.toIndices(b), relation)
      ]
    }
    return [try Elementwise.compare(a, b, relation)]
  }
}
