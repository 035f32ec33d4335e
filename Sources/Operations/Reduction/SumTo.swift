// SumTo: sums a tensor down to a shape that broadcasts to its own.
// The gradient of every broadcast; apart from sum, whose pattern names the axes.
import Dimensions
import IR
import Kernels

/// Sums leading axes and axes of which the shape has 1.
///
/// - Cost: one addition for each element of the operand.
package struct SumTo: Operation {
  package static let schema = OperationSchema(
    name: "sum_to", summary: "Sums a tensor down to a shape that broadcasts to its own.",
    shapes: "x [..., t, d] -> [1, d]", operands: [OperandSchema("x")],
    attributes: [AttributeSchema("shape", .dimensions)],
    faults: [
      "shapes-do-not-broadcast": "the shape cannot be proved to broadcast to the operand's"
    ])

  package static let examples: [OperationExample] = {
    let (b, t, d) = (Samples.b, Samples.t, Samples.d)
    let x = Samples.f32(b, t, d)
    return [
      .legal([x], ["shape": .dimensions([t, 1])]),
      .legal([x], ["shape": .dimensions([])]),
      .legal([x], ["shape": .dimensions([b, t, d])]),
      .faulty("shapes-do-not-broadcast", [x], ["shape": .dimensions([b])]),
      .faulty("shapes-do-not-broadcast", [x], ["shape": .dimensions([1, b, t, d])]),
    ]
  }()

  package let shape: [Dimension]

  package init(_ shape: [Dimension]) {
    self.shape = shape
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try SumTo.schema.checked(attributes)
    self.init(try required(attributes.dimensions("shape"), "shape"))
  }

  package var attributes: Attributes { Attributes(["shape": .dimensions(shape)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try SumTo.schema.check(operands)
    try ShapeTarget.check(
      shape, broadcastsTo: operands[0].shape, found: operands[0], needs: shape, prover: prover)
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let own = operands[0].shape
    let sums =
      own.count != shape.count
      || zip(own, shape).contains { $0.constant != 1 && $1.constant == 1 }
    return Cost(elementwise: sums ? operands[0].elementCount : 0)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    return [try builder.spread(cotangent, like: operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Reduction.sum(operands[0], to: try ShapeTarget.extents(shape, in: context))]
  }
}
