// Logical: two masks joined by and, or by or.
// Apart from arithmetic, so that a mask is never a number.
import Dimensions
import IR
import Kernels

/// Joins truth values pairwise.
///
/// - Cost: none is counted.
package struct Logical: Operation {
  package static let schema = OperationSchema(
    name: "logical", summary: "Joins two masks by \"and\" or \"or\".",
    shapes: "a bool[..., t, 1], b bool[s] -> bool[..., t, s]",
    operands: [OperandSchema("a", [.mask]), OperandSchema("b", [.mask])],
    attributes: [AttributeSchema("kind", .string)],
    faults: [
      "shapes-do-not-broadcast": "two sizes are neither proved equal nor 1",
      "unknown-kind": "the kind is neither \"and\" nor \"or\"",
    ])

  package static let examples: [OperationExample] = {
    let (t, s) = (Samples.t, Samples.s)
    let and: [String: AttributeValue] = ["kind": .string("and")]
    return [
      .legal([Samples.bool(t, 1), Samples.bool(s)], and),
      .legal([Samples.bool(t, s), Samples.bool(t, s)], ["kind": .string("or")]),
      .faulty("shapes-do-not-broadcast", [Samples.bool(t), Samples.bool(s)], and),
      .faulty("unknown-kind", [Samples.bool(t), Samples.bool(t)], ["kind": .string("xor")]),
    ]
  }()

  package let kind: Connective

  package init(_ kind: Connective) {
    self.kind = kind
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Logical.schema.checked(attributes)
    self.init(try word(attributes, "kind", as: Connective.self))
  }

  package var attributes: Attributes { Attributes(["kind": .string(kind.rawValue)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Logical.schema.check(operands)
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
    [try Elementwise.join(operands[0], operands[1], kind)]
  }
}
