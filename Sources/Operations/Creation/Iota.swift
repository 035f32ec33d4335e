// Iota: the positions 0, 1, … of a sequence.
// Apart from fill because its values differ and are integers.
import Dimensions
import IR
import Kernels

/// Counts from zero.
///
/// - Shapes: `-> i32[length]`
/// - Cost: none.
package struct Iota: Operation {
  package static let schema = OperationSchema(
    name: "iota", summary: "Counts 0, 1, … up to a length.", shapes: "-> i32[length]",
    operands: [], attributes: [AttributeSchema("length", .dimension)], positional: ["length"],
    faults: ["negative-size": "the length cannot be proved not to be negative"])

  package static let examples: [OperationExample] = [
    .legal([], ["length": .dimension(Samples.t)]),
    .legal([], ["length": .dimension(3)]),
    .faulty("negative-size", [], ["length": .dimension(Samples.t - 2)]),
  ]

  package let length: Dimension

  package init(_ length: Dimension) {
    self.length = length
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Iota.schema.checked(attributes)
    self.init(try required(attributes.dimension("length"), "length"))
  }

  package var attributes: Attributes { Attributes(["length": .dimension(length)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Iota.schema.check(operands)
    try ShapeRules.requireSize(length, "length", prover: prover)
    return [TensorType(.i32, [length])]
  }

  package func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange? {
    IndexRange(lower: 0, upper: length - 1)
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [] }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Creation.iota(try context.size(length), of: Scalar.self)]
  }
}
