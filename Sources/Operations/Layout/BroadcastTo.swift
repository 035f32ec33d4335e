// BroadcastTo: repeats a tensor up to a shape, aligned from the right.
// The gradient of sum_to; arithmetic broadcasts by itself and needs it nowhere.
import Dimensions
import IR
import Kernels

/// Repeats a tensor along leading axes and axes of size 1.
package struct BroadcastTo: Operation {
  package static let schema = OperationSchema(
    name: "broadcast_to", summary: "Repeats a tensor up to a shape, aligned from the last axis.",
    shapes: "x [..., 1, d] -> [..., t, d]",
    operands: [OperandSchema("x", [.real, .index, .mask])],
    attributes: [AttributeSchema("shape", .dimensions)],
    faults: [
      "shapes-do-not-broadcast": "the operand cannot be proved to broadcast to the shape",
      "negative-size": "a new size cannot be proved not to be negative",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, d) = (Samples.b, Samples.t, Samples.d)
    return [
      .legal([Samples.f32(t, 1)], ["shape": .dimensions([b, t, d])]),
      .legal([Samples.bool()], ["shape": .dimensions([b, 3])]),
      .legal([Samples.f32(b, t)], ["shape": .dimensions([b, t])]),
      .faulty("shapes-do-not-broadcast", [Samples.f32(t)], ["shape": .dimensions([b, d])]),
      .faulty("shapes-do-not-broadcast", [Samples.f32(b, t)], ["shape": .dimensions([t])]),
      .faulty("negative-size", [Samples.f32()], ["shape": .dimensions([-1])]),
    ]
  }()

  package let shape: [Dimension]

  package init(_ shape: [Dimension]) {
    self.shape = shape
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try BroadcastTo.schema.checked(attributes)
    self.init(try required(attributes.dimensions("shape"), "shape"))
  }

  package var attributes: Attributes { Attributes(["shape": .dimensions(shape)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try BroadcastTo.schema.check(operands)
    let own = operands[0].shape
    try ShapeTarget.check(
      own, broadcastsTo: shape, found: operands[0], needs: shape, prover: prover)
    for (axis, size) in shape.enumerated() where !own.contains(size) {
      try ShapeRules.requireSize(size, "axis \(axis)", prover: prover)
    }
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    return [try builder.reduce(cotangent, like: operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Layout.broadcast(operands[0], to: try ShapeTarget.extents(shape, in: context))]
  }
}
