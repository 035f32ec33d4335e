// Gather: rows of a table chosen by id, the heart of an embedding.
// Whether the ids stay inside the table is for the kernel and the validators to check.
import Dimensions
import IR
import Kernels

/// Looks rows up.
///
/// A row that stands for padding may be looked up, but learns nothing from it.
///
/// - Shapes: `table [rows, width...]`, `ids [...]` → `[..., width...]`
/// - Cost: none; rows are copied.
package struct Gather: Operation {
  package static let schema = OperationSchema(
    name: "gather", summary: "Takes the rows of a table that integers name.",
    shapes: "table [rows, width...], ids i32[...] -> [..., width...]",
    operands: [OperandSchema("table", [.real, .index]), OperandSchema("ids", [.index])],
    attributes: [AttributeSchema("padding", .integer, optional: true)],
    faults: ["rank-mismatch": "the table has no axes"])

  package static let examples: [OperationExample] = {
    let (b, t, d, v) = (Samples.b, Samples.t, Samples.d, Samples.v)
    return [
      .legal([Samples.f32(v, d), Samples.i32(b, t)], indexLimits: [1: v]),
      .legal([Samples.f32(7), Samples.i32(t)], indexLimits: [1: 7]),
      .legal([Samples.f32(v, 2, d), Samples.i32()], indexLimits: [1: v]),
      .faulty("rank-mismatch", [Samples.f32(), Samples.i32(t)]),
    ]
  }()

  /// The row whose look-ups give no gradient.
  package let padding: Int?

  package init(padding: Int? = nil) {
    self.padding = padding
  }

  package init(_ attributes: Attributes) throws(Fault) {
    self.init(padding: try Gather.schema.checked(attributes).integer("padding"))
  }

  package var attributes: Attributes {
    Attributes(padding.map { ["padding": .integer($0)] } ?? [:])
  }

  package let keeps = KeptValues(operands: [1])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Gather.schema.check(operands)
    guard operands[0].rank > 0 else {
      throw Fault(
        "rank-mismatch", "a table needs an axis of rows", operand: 0, needs: "[rows, ...]",
        found: "[]")
    }
    return [TensorType(operands[0].element, operands[1].shape + operands[0].shape.dropFirst())]
  }

  package func checkValues(
    of operands: [TensorType], ranges: [IndexRange?], prover: Prover
  ) throws(Fault) {
    guard operands.count == 2, let asked = ranges[1], let rows = operands[0].shape.first else {
      return
    }
    let last = Constraint.atLeast(rows - 1, asked.upper)
    let verdict = prover.prove(last)
    guard verdict.isProved else {
      let bound = asked.upper.constant == nil ? prover.range(of: asked.upper).upper : nil
      let most = bound.map { ", which can be \($0)" } ?? ""
      throw Fault(
        "index-out-of-range",
        "the table has \(rows) rows, but is asked for row \(asked.upper)\(most)", operand: 1,
        needs: "\(asked.upper) <= \(rows - 1)", found: "values \(asked)", claim: last,
        verdict: verdict)
    }
    let first = Constraint.atLeast(asked.lower, 0)
    let verdictOfFirst = prover.prove(first)
    guard verdictOfFirst.isProved else {
      throw Fault(
        "index-out-of-range", "the table is asked for row \(asked.lower), before its first",
        operand: 1, needs: "\(asked.lower) >= 0", found: "values \(asked)", claim: first,
        verdict: verdictOfFirst)
    }
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    let table = builder.type(of: operands[0])
    guard wanted[0], let cotangent = cotangents[0], table.element.kind == .real else {
      return [nil, nil]
    }
    let value = try builder.emit(
      ScatterAdd(rows: table.shape[0], ignoring: padding), operands[1], cotangent)
    return [try builder.reduce(value, like: operands[0]), nil]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Indexing.gather(operands[0], operands[1])]
  }
}
