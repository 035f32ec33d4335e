// ScatterAdd: updates added to the rows of a table of zeros, in order.
// The gradient of gather; the order is fixed so that sums are the same bits in every run.
import Dimensions
import IR
import Kernels

/// Adds updates to the rows that ids name.
///
/// - Shapes: `ids [...]`, `updates [..., width...]` → `[rows, width...]`
/// - Cost: one addition for each element of the updates.
package struct ScatterAdd: Operation {
  package static let schema = OperationSchema(
    name: "scatter_add", summary: "Adds updates to the rows of a table of zeros.",
    shapes: "ids i32[...], updates [..., width...] -> [rows, width...]",
    operands: [OperandSchema("ids", [.index]), OperandSchema("updates")],
    attributes: [
      AttributeSchema("rows", .dimension), AttributeSchema("ignoring", .integer, optional: true),
    ],
    faults: [
      "rank-mismatch": "the updates have fewer axes than the ids",
      "shape-mismatch": "the updates cannot be proved to begin with the axes of the ids",
      "negative-size": "the rows cannot be proved not to be negative",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, d, v) = (Samples.b, Samples.t, Samples.d, Samples.v)
    let rows: [String: AttributeValue] = ["rows": .dimension(v)]
    return [
      .legal([Samples.i32(b, t), Samples.f32(b, t, d)], rows, indexLimits: [0: v]),
      .legal([Samples.i32(t), Samples.f32(t)], ["rows": .dimension(3)], indexLimits: [0: 3]),
      .legal([Samples.i32(), Samples.f32(2, d)], rows, indexLimits: [0: v]),
      .legal(
        [Samples.i32(b, t), Samples.f32(b, t, 2, d)],
        ["rows": .dimension(3), "ignoring": .integer(1)], indexLimits: [0: 3]),
      .faulty("rank-mismatch", [Samples.i32(b, t), Samples.f32(b)], rows),
      .faulty("shape-mismatch", [Samples.i32(b, t), Samples.f32(b, d, 2)], rows),
      .faulty("negative-size", [Samples.i32(b), Samples.f32(b)], ["rows": .dimension(-1)]),
    ]
  }()

  package let rows: Dimension
  /// The row that stays zero, whatever is added to it.
  package let ignoring: Int?

  package init(rows: Dimension, ignoring: Int? = nil) {
    self.rows = rows
    self.ignoring = ignoring
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try ScatterAdd.schema.checked(attributes)
    self.init(
      rows: try required(attributes.dimension("rows"), "rows"),
      ignoring: attributes.integer("ignoring"))
  }

  package var attributes: Attributes {
    var values: [String: AttributeValue] = ["rows": .dimension(rows)]
    if let ignoring { values["ignoring"] = .integer(ignoring) }
    return Attributes(values)
  }

  package let keeps = KeptValues(operands: [0])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try ScatterAdd.schema.check(operands)
    try ShapeRules.requireSize(rows, "rows", prover: prover)
    let (ids, updates) = (operands[0], operands[1])
    let width = updates.shape.dropFirst(ids.rank)
    try ShapeRules.requireShape(
      ids.shape + width, of: updates, at: 1, name: "updates", kind: "shape-mismatch",
      prover: prover)
    return [TensorType(updates.element, [rows] + width)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: operands[1].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[1], let cotangent = cotangents[0] else { return [nil, nil] }
    var value = try builder.emit(Gather(), cotangent, operands[0])
    if let ignoring {
      let ids = operands[0]
      let kept = try builder.compare(
        ids, .notEqual, try builder.scalar(Double(ignoring), like: ids))
      let axes = builder.type(of: value).rank - builder.type(of: ids).rank
      let names = builder.shape(of: ids).indices.map { PatternAxis.name("a\($0)") }
      let spread = try builder.emit(
        Rearrange(
          Attributes(
            pattern: Pattern(
              inputs: [names], output: names + Array(repeating: .number(1), count: axes)))), kept)
      value = try builder.select(spread, value, try builder.scalar(0, like: value))
    }
    return [nil, try builder.reduce(value, like: operands[1])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try Indexing.scatterAdd(
        operands[0], operands[1], rows: try context.size(rows), ignoring: ignoring)
    ]
  }
}
