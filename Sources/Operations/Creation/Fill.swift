// Fill: one value everywhere; without a shape, a literal of the source.
// The value may be infinite, so that masks can be written with `where`.
import Dimensions
import IR
import Kernels

/// A constant tensor.
///
/// - Shapes: `-> element[shape...]`
/// - Cost: none.
package struct Fill: Operation {
  package static let schema = OperationSchema(
    name: "fill", summary: "Makes a tensor with one value everywhere.",
    shapes: "-> element[shape...]", operands: [],
    attributes: [
      AttributeSchema("value", .float), AttributeSchema("shape", .dimensions, optional: true),
      AttributeSchema("element", .element, optional: true),
    ],
    positional: ["value", "shape"],
    faults: [
      "negative-size": "a size cannot be proved not to be negative",
      "value-out-of-range": "the element type cannot hold the value",
    ])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    return [
      .legal([], ["value": .float(-.infinity), "shape": .dimensions([b, t])]),
      .legal([], ["value": .float(0.1)]),
      .legal([], ["value": .float(7), "shape": .dimensions([t]), "element": .element(.i32)]),
      .legal([], ["value": .float(1), "shape": .dimensions([t]), "element": .element(.bool)]),
      .faulty("negative-size", [], ["value": .float(0), "shape": .dimensions([b - t])]),
      .faulty("value-out-of-range", [], ["value": .float(0.5), "element": .element(.i32)]),
    ]
  }()

  package let value: Double
  package let shape: [Dimension]
  package let element: ElementType

  package init(
    _ value: Double, shape: [Dimension] = [], element: ElementType = .f32
  ) throws(Fault) {
    let fits =
      switch element.kind {
      case .real: !value.isNaN
      case .index: Int32(exactly: value) != nil
      case .mask: value == 0 || value == 1
      }
    guard fits else {
      throw Fault(
        "value-out-of-range", "\(element.rawValue) cannot hold \(value)",
        needs: "a value of \(element.rawValue)", found: "\(value)")
    }
    self.value = value
    self.shape = shape
    self.element = element
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Fill.schema.checked(attributes)
    try self.init(
      try required(attributes.float("value"), "value"), shape: attributes.dimensions("shape") ?? [],
      element: attributes.element("element") ?? .f32)
  }

  package var attributes: Attributes {
    Attributes(["value": .float(value), "shape": .dimensions(shape), "element": .element(element)])
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Fill.schema.check(operands)
    for (axis, size) in shape.enumerated() {
      try ShapeRules.requireSize(size, "axis \(axis)", prover: prover)
    }
    return [TensorType(element, shape)]
  }

  package func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange? {
    Int(exactly: value).map { IndexRange(lower: Dimension($0), upper: Dimension($0)) }
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [] }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let extents = try ShapeTarget.extents(shape, in: context)
    switch element.kind {
    case .real: return [try Creation.fill(Scalar(value), extents: extents)]
    case .index:
      guard let index = Int32(exactly: value) else {
        throw KernelFault("\(value) does not fit a 32-bit integer")
      }
      return [try Creation.fill(index: index, extents: extents, of: Scalar.self)]
    case .mask: return [try Creation.fill(mask: value != 0, extents: extents, of: Scalar.self)]
    }
  }
}
