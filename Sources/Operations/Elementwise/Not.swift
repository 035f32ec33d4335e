// Not: each truth value turned round.
// Apart from logical because it takes one operand.
import Dimensions
import IR
import Kernels

/// Negates a mask.
///
/// - Cost: none is counted.
package struct Not: Operation {
  package static let schema = OperationSchema(
    name: "not", summary: "Turns each truth value round.", shapes: "x bool[...] -> bool[...]",
    operands: [OperandSchema("x", [.mask])], faults: [:])

  package static let examples: [OperationExample] = [
    .legal([Samples.bool(Samples.b, Samples.t)])
  ]

  package init() {}

  package init(_ attributes: Attributes) throws(Fault) {
    _ = try Not.schema.checked(attributes)
  }

  package var attributes: Attributes { Attributes() }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Not.schema.check(operands)
    return operands
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [nil] }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Elementwise.not(operands[0])]
  }
}
