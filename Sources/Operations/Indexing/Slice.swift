// Slice: a contiguous part of one axis, with bounds that are dimensions.
// The bounds are proved, so a slice never reads outside its operand.
import Dimensions
import IR
import Kernels

/// Takes the part `from ..< to` of an axis.
///
/// - Shapes: `x [..., n, ...]` → `[..., to - from, ...]`
/// - Cost: none; elements are copied.
package struct Slice: Operation {
  package static let schema = OperationSchema(
    name: "slice", summary: "Takes a contiguous part of an axis.",
    shapes: "x [..., n, ...] -> [..., to - from, ...]",
    operands: [OperandSchema("x", [.real, .index, .mask])],
    attributes: [
      AttributeSchema("axis", .integer), AttributeSchema("from", .dimension, optional: true),
      AttributeSchema("to", .dimension),
    ],
    faults: [
      "axis-out-of-range": "the operand has no such axis",
      "slice-out-of-range": "0 <= from <= to <= extent cannot be proved",
    ])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    let x = Samples.f32(b, t, 6)
    func bounds(_ axis: Int, _ from: Dimension, _ to: Dimension) -> [String: AttributeValue] {
      ["axis": .integer(axis), "from": .dimension(from), "to": .dimension(to)]
    }
    return [
      .legal([x], bounds(-1, 2, 5)),
      .legal([x], bounds(1, t - 1, t)),
      .legal([x], ["axis": .integer(2), "to": .dimension(3)]),
      .legal([Samples.i32(b + t)], bounds(0, b, b + t), indexLimits: [0: 9]),
      .faulty("axis-out-of-range", [x], bounds(3, 0, 1)),
      .faulty("slice-out-of-range", [x], bounds(-1, 0, 7)),
      .faulty("slice-out-of-range", [x], bounds(-1, -1, 3)),
      .faulty("slice-out-of-range", [x], bounds(-1, 4, 3)),
      .faulty("slice-out-of-range", [x], bounds(1, 0, 3)),
    ]
  }()

  package let axis: Int
  package let from: Dimension
  package let to: Dimension

  package init(axis: Int, from: Dimension = 0, to: Dimension) {
    self.axis = axis
    self.from = from
    self.to = to
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Slice.schema.checked(attributes)
    self.init(
      axis: try required(attributes.integer("axis"), "axis"),
      from: attributes.dimension("from") ?? 0,
      to: try required(attributes.dimension("to"), "to"))
  }

  package var attributes: Attributes {
    Attributes(["axis": .integer(axis), "from": .dimension(from), "to": .dimension(to)])
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Slice.schema.check(operands)
    let operand = operands[0]
    let front = try ShapeRules.axis(axis, rank: operand.rank)
    let extent = operand.shape[front]
    for claim in [Constraint.atLeast(from, 0), .atLeast(to, from), .atMost(to, extent)] {
      let verdict = prover.prove(claim)
      guard verdict.isProved else {
        let words = if case .unknown = verdict { "cannot be shown" } else { "does not hold" }
        throw Fault(
          "slice-out-of-range",
          "slice \(from) ..< \(to) of axis \(front) of size \(extent): \(claim) \(words)",
          operand: 0, axis: front, needs: "0 <= \(from) <= \(to) <= \(extent)",
          found: operand.shapeText, claim: claim, verdict: verdict)
      }
    }
    var shape = operand.shape
    shape[front] = to - from
    return [try ShapeRules.result(operand.element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    let shape = builder.shape(of: operands[0])
    let front = try ShapeRules.axis(axis, rank: shape.count)
    let padding = Pad(axis: front, before: from, after: shape[front] - to)
    return [try builder.reduce(try builder.emit(padding, cotangent), like: operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let (from, to) = (try context.size(from), try context.size(to))
    return [try Layout.slice(operands[0], axis: axis, from: from, to: to)]
  }
}
