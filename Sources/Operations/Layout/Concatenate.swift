// Concatenate: tensors one after another along an axis that they have.
// Apart from stack, which makes a new axis.
import Dimensions
import IR
import Kernels

/// Joins tensors along an axis.
///
/// - Shapes: `a [..., n, ...]`, `b [..., m, ...]` → `[..., n + m, ...]`
/// - Cost: none; elements are copied.
package struct Concatenate: Operation {
  package static let schema = OperationSchema(
    name: "concatenate", summary: "Joins tensors along an axis.",
    shapes: "a [..., n, ...], b [..., m, ...] -> [..., n + m, ...]",
    operands: [OperandSchema("operand", [.real, .index, .mask])], variadic: true,
    attributes: [AttributeSchema("axis", .integer)],
    faults: [
      "axis-out-of-range": "the operands have no such axis",
      "rank-mismatch": "the operands have different numbers of axes",
      "shape-mismatch": "two sizes off the axis cannot be proved equal",
      "element-mismatch": "the operands hold different types",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, s, d) = (Samples.b, Samples.t, Samples.s, Samples.d)
    let last: [String: AttributeValue] = ["axis": .integer(-1)]
    let first: [String: AttributeValue] = ["axis": .integer(0)]
    return [
      .legal([Samples.f32(b, t), Samples.f32(b, s), Samples.f32(b, 2)], last),
      .legal([Samples.f32(t, d), Samples.f32(s, d)], first),
      .legal([Samples.i32(t)], first, indexLimits: [0: 9]),
      .faulty("axis-out-of-range", [Samples.f32(t)], ["axis": .integer(1)]),
      .faulty("rank-mismatch", [Samples.f32(t), Samples.f32(t, d)], first),
      .faulty("shape-mismatch", [Samples.f32(b, t), Samples.f32(d, t)], last),
      .faulty("element-mismatch", [Samples.f32(t), Samples.i32(t)], first),
    ]
  }()

  package let axis: Int

  package init(axis: Int) {
    self.axis = axis
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Concatenate.schema.checked(attributes)
    self.init(axis: try required(attributes.integer("axis"), "axis"))
  }

  package var attributes: Attributes { Attributes(["axis": .integer(axis)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Concatenate.schema.check(operands)
    try ShapeRules.requireSameElement(operands)
    let front = try ShapeRules.axis(axis, rank: operands[0].rank)
    var shape = operands[0].shape
    for (index, operand) in operands.enumerated().dropFirst() {
      var expected = shape
      if operand.rank > front { expected[front] = operand.shape[front] }
      try ShapeRules.requireShape(
        expected, of: operand, at: index, name: "operand \(index)", kind: "shape-mismatch",
        prover: prover)
    }
    shape[front] = Dimension.sum(of: operands.map { $0.shape[front] })
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0] else { return operands.map { _ in nil } }
    let front = try ShapeRules.axis(axis, rank: builder.shape(of: results[0]).count)
    var gradients: [ValueID?] = []
    var start = Dimension.zero
    for (index, operand) in operands.enumerated() {
      let end = start + builder.shape(of: operand)[front]
      if wanted[index] {
        let part = try builder.emit(Slice(axis: front, from: start, to: end), cotangent)
        gradients.append(try builder.reduce(part, like: operand))
      } else {
        gradients.append(nil)
      }
      start = end
    }
    return gradients
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Layout.concatenate(operands, axis: axis)]
  }
}
