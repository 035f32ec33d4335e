// Unstack: a tensor taken apart along an axis of known size.
// `q, k, v = …` in the language is an unstack; it is the only operation with several results.
import Dimensions
import IR
import Kernels

/// Splits a tensor into its parts along an axis.
///
/// - Shapes: `x [..., count, ...]` → `count` tensors `[..., ...]`
/// - Cost: none; elements are copied.
package struct Unstack: Operation {
  package static let schema = OperationSchema(
    name: "unstack", summary: "Takes a tensor apart along an axis of known size.",
    shapes: "x [3, b, t] -> [b, t], [b, t], [b, t]",
    operands: [OperandSchema("x", [.real, .index, .mask])],
    attributes: [
      AttributeSchema("axis", .integer, optional: true), AttributeSchema("count", .integer),
    ],
    faults: [
      "axis-out-of-range": "the operand has no such axis",
      "size-mismatch": "the axis cannot be proved to have that many parts",
      "count-out-of-range": "fewer than one part, or more than 65536",
    ])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    return [
      .legal([Samples.f32(3, b, t)], ["count": .integer(3)]),
      .legal([Samples.f32(b, 2, t)], ["axis": .integer(-2), "count": .integer(2)]),
      .legal(
        [Samples.i32(t, 1)], ["axis": .integer(1), "count": .integer(1)], indexLimits: [0: 9]),
      .faulty("axis-out-of-range", [Samples.f32()], ["count": .integer(1)]),
      .faulty("size-mismatch", [Samples.f32(3, t)], ["count": .integer(2)]),
      .faulty("size-mismatch", [Samples.f32(b, t)], ["count": .integer(2)]),
      .faulty("count-out-of-range", [Samples.f32(3, t)], ["count": .integer(0)]),
    ]
  }()

  package let axis: Int
  package let count: Int

  /// - Throws: ``Fault`` when there would be no results, or more than anybody can name.
  package init(axis: Int = 0, count: Int) throws(Fault) {
    guard count >= 1, count <= 65_536 else {
      throw Fault(
        "count-out-of-range", "cannot take a tensor apart into \(count)", needs: "1 ... 65536",
        found: "\(count)")
    }
    self.axis = axis
    self.count = count
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Unstack.schema.checked(attributes)
    try self.init(
      axis: attributes.integer("axis") ?? 0,
      count: try required(attributes.integer("count"), "count"))
  }

  package var attributes: Attributes {
    Attributes(["axis": .integer(axis), "count": .integer(count)])
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Unstack.schema.check(operands)
    let operand = operands[0]
    let front = try ShapeRules.axis(axis, rank: operand.rank)
    let claim = Constraint.equal(operand.shape[front], Dimension(count))
    let verdict = prover.prove(claim)
    guard verdict.isProved else {
      throw Fault(
        "size-mismatch",
        "axis \(front) is taken apart into \(count): "
          + ShapeRules.disagreement(operand.shape[front], Dimension(count), verdict),
        operand: 0, axis: front, needs: "\(count)", found: operand.shapeText, claim: claim,
        verdict: verdict)
    }
    var shape = operand.shape
    shape.remove(at: front)
    return Array(repeating: TensorType(operand.element, shape), count: count)
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], cotangents.contains(where: { $0 != nil }) else { return [nil] }
    var parts: [ValueID] = []
    for (index, cotangent) in cotangents.enumerated() {
      let part = if let cotangent { cotangent } else { try builder.zeros(like: results[index]) }
      parts.append(part)
    }
    let front = try ShapeRules.axis(axis, rank: builder.shape(of: operands[0]).count)
    let value = try builder.emit(Stack(axis: front), parts)[0]
    return [try builder.reduce(value, like: operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    try Layout.unstack(operands[0], axis: axis, count: count)
  }
}
