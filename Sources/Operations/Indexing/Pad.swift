// Pad: zeros before and after one axis.
// The gradient of slice, and slice is its own.
import Dimensions
import IR
import Kernels

/// Adds zeros around an axis.
///
/// - Shapes: `x [..., n, ...]` → `[..., before + n + after, ...]`
/// - Cost: none; elements are copied.
package struct Pad: Operation {
  package static let schema = OperationSchema(
    name: "pad", summary: "Adds zeros before and after an axis.",
    shapes: "x [..., n, ...] -> [..., before + n + after, ...]",
    operands: [OperandSchema("x", [.real, .index, .mask])],
    attributes: [
      AttributeSchema("axis", .integer), AttributeSchema("before", .dimension, optional: true),
      AttributeSchema("after", .dimension, optional: true),
    ],
    faults: [
      "axis-out-of-range": "the operand has no such axis",
      "negative-size": "a padding cannot be proved not to be negative",
    ])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    let x = Samples.f32(b, t)
    return [
      .legal([x], ["axis": .integer(1), "before": .dimension(2), "after": .dimension(1)]),
      .legal([x], ["axis": .integer(-2), "after": .dimension(t)]),
      .legal([Samples.bool(t)], ["axis": .integer(0), "before": .dimension(1)]),
      .faulty("axis-out-of-range", [x], ["axis": .integer(-3)]),
      .faulty("negative-size", [x], ["axis": .integer(0), "before": .dimension(-1)]),
    ]
  }()

  package let axis: Int
  package let before: Dimension
  package let after: Dimension

  package init(axis: Int, before: Dimension = 0, after: Dimension = 0) {
    self.axis = axis
    self.before = before
    self.after = after
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Pad.schema.checked(attributes)
    self.init(
      axis: try required(attributes.integer("axis"), "axis"),
      before: attributes.dimension("before") ?? 0, after: attributes.dimension("after") ?? 0)
  }

  package var attributes: Attributes {
    Attributes([
      "axis": .integer(axis), "before": .dimension(before), "after": .dimension(after),
    ])
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Pad.schema.check(operands)
    let front = try ShapeRules.axis(axis, rank: operands[0].rank)
    try ShapeRules.requireSize(before, "before", prover: prover)
    try ShapeRules.requireSize(after, "after", prover: prover)
    var shape = operands[0].shape
    shape[front] = before + shape[front] + after
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    let shape = builder.shape(of: operands[0])
    let front = try ShapeRules.axis(axis, rank: shape.count)
    let part = Slice(axis: front, from: before, to: before + shape[front])
    return [try builder.reduce(try builder.emit(part, cotangent), like: operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let (before, after) = (try context.size(before), try context.size(after))
    return [try Layout.pad(operands[0], axis: axis, before: before, after: after)]
  }
}
