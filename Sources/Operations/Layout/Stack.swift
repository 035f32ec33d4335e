// Stack: tensors of one shape side by side along a new axis.
// The gradient of unstack, and unstack is its own.
import Dimensions
import IR
import Kernels

/// Joins tensors along a new axis.
///
/// - Shapes: `n` tensors `[..., ...]` → `[..., n, ...]`
/// - Cost: none; elements are copied.
package struct Stack: Operation {
  package static let schema = OperationSchema(
    name: "stack", summary: "Joins tensors of one shape along a new axis.",
    shapes: "a [b, t], b [b, t] -> [2, b, t]",
    operands: [OperandSchema("operand", [.real, .index, .mask])], variadic: true,
    attributes: [AttributeSchema("axis", .integer)],
    faults: [
      "axis-out-of-range": "the result has no such axis",
      "rank-mismatch": "the operands have different numbers of axes",
      "shape-mismatch": "two sizes cannot be proved equal",
      "element-mismatch": "the operands hold different types",
    ])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    let first: [String: AttributeValue] = ["axis": .integer(0)]
    return [
      .legal([Samples.f32(b, t), Samples.f32(b, t), Samples.f32(b, t)], first),
      .legal([Samples.f32(b, t), Samples.f32(b, t)], ["axis": .integer(-1)]),
      .legal([Samples.bool()], first),
      .faulty("axis-out-of-range", [Samples.f32(t)], ["axis": .integer(2)]),
      .faulty("rank-mismatch", [Samples.f32(t), Samples.f32(t, b)], first),
      .faulty("shape-mismatch", [Samples.f32(b, t), Samples.f32(t, b)], first),
      .faulty("element-mismatch", [Samples.f32(t), Samples.i32(t)], first),
    ]
  }()

  package let axis: Int

  package init(axis: Int) {
    self.axis = axis
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Stack.schema.checked(attributes)
    self.init(axis: try required(attributes.integer("axis"), "axis"))
  }

  package var attributes: Attributes { Attributes(["axis": .integer(axis)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Stack.schema.check(operands)
    try ShapeRules.requireSameElement(operands)
    var shape = operands[0].shape
    let front = try ShapeRules.axis(axis, rank: shape.count + 1)
    for (index, operand) in operands.enumerated().dropFirst() {
      try ShapeRules.requireShape(
        shape, of: operand, at: index, name: "operand \(index)", kind: "shape-mismatch",
        prover: prover)
    }
    shape.insert(Dimension(operands.count), at: front)
    return [TensorType(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0], wanted.contains(true) else {
      return operands.map { _ in nil }
    }
    let parts = try builder.emit(try Unstack(axis: axis, count: operands.count), [cotangent])
    var gradients: [ValueID?] = []
    for (index, operand) in operands.enumerated() {
      gradients.append(wanted[index] ? try builder.reduce(parts[index], like: operand) : nil)
    }
    return gradients
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Layout.stack(operands, axis: axis)]
  }
}
