// Extent: a size as a number, such as the count by which a mean divides.
// Apart from fill because the value is known only when the symbols are.
import Dimensions
import IR
import Kernels

/// The value of a dimension as a scalar.
///
/// - Shapes: `-> element[]`
/// - Cost: none.
package struct Extent: Operation {
  package static let schema = OperationSchema(
    name: "extent", summary: "Gives the value of a dimension as a number.",
    shapes: "-> element[]", operands: [],
    attributes: [
      AttributeSchema("size", .dimension), AttributeSchema("element", .element, optional: true),
    ],
    positional: ["size"],
    faults: [
      "negative-size": "the size cannot be proved not to be negative",
      "element-kind": "the element type holds no numbers",
    ])

  package static let examples: [OperationExample] = [
    .legal([], ["size": .dimension(Samples.b * Samples.t)]),
    .legal([], ["size": .dimension(Samples.t), "element": .element(.i32)]),
    .faulty("negative-size", [], ["size": .dimension(Samples.t - 9)]),
    .faulty("element-kind", [], ["size": .dimension(3), "element": .element(.bool)]),
  ]

  package let size: Dimension
  package let element: ElementType

  package init(_ size: Dimension, element: ElementType = .f32) throws(Fault) {
    guard element.kind != .mask else {
      throw Fault(
        "element-kind", "a size is no truth value", needs: "real or integer elements",
        found: element.rawValue)
    }
    self.size = size
    self.element = element
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Extent.schema.checked(attributes)
    try self.init(
      try required(attributes.dimension("size"), "size"),
      element: attributes.element("element") ?? .f32)
  }

  package var attributes: Attributes {
    Attributes(["size": .dimension(size), "element": .element(element)])
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Extent.schema.check(operands)
    try ShapeRules.requireSize(size, "size", prover: prover)
    return [TensorType(element, [])]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [] }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let value = try context.size(size)
    if element.kind == .real { return [NDArray(extents: [], real: [Scalar(value)])] }
    guard let index = Int32(exactly: value) else {
      throw KernelFault("the size \(value) does not fit a 32-bit integer")
    }
    return [NDArray(extents: [], index: [index])]
  }
}
