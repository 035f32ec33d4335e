// ReductionOperation: what sum, mean and max share.
// Each operation's own file then holds its name and its gradient only.
import Dimensions
import IR
import Kernels

/// A function of all elements along the bracketed axes, which the result drops.
package protocol ReductionOperation: Operation {
  static var function: ReductionFunction { get }
  static var summary: String { get }

  var axes: BracketAxes { get }

  init(_ axes: BracketAxes)

  /// The gradient by the operand `x`, whose `axes` were reduced to `y`.
  func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, axes: [Int], cotangent: ValueID
  ) throws(Fault) -> ValueID
}

extension ReductionOperation {
  package static var schema: OperationSchema {
    OperationSchema(
      name: function.rawValue, summary: summary, shapes: "x [b, t, d] : b t [d] -> [b, t]",
      operands: [OperandSchema("x")], pattern: .bracket,
      faults: [
        "pattern-form": "not one axis list, or a result after `->`",
        "pattern-item": "a number or a group in the pattern",
        "repeated-axis": "an axis stands twice in the list",
        "no-bracket": "the pattern brackets no axis",
        "rank-mismatch": "the list has more or fewer axes than the operand",
      ])
  }

  package static var examples: [OperationExample] {
    let x = Samples.f32(Samples.b, Samples.t, 4)
    let numbered = Pattern(
      inputs: [Samples.names("b t") + [.bracket([.number(4)])]], output: nil)
    let first = Pattern(
      inputs: [[.bracket(Samples.names("b"))] + Samples.names("t d")], output: nil)
    return [
      .legal([x], pattern: Samples.bracket("b t", "d")),
      .legal([x], pattern: Samples.bracket("...", "t d")),
      .legal([x], pattern: Samples.bracket("", "b t d")),
      .legal([x], pattern: first),
      .faulty("pattern-form", [x], pattern: Samples.arrow("b t d", to: "b")),
      .faulty("pattern-item", [x], pattern: numbered),
      .faulty("repeated-axis", [x], pattern: Samples.bracket("b t", "t")),
      .faulty("no-bracket", [x], pattern: Pattern(inputs: [Samples.names("b t d")], output: nil)),
      .faulty("rank-mismatch", [x], pattern: Samples.bracket("b", "d")),
    ]
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Self.schema.checked(attributes)
    self.init(try BracketAxes(try required(attributes.pattern, "pattern")))
  }

  package var attributes: Attributes { Attributes(pattern: axes.pattern) }

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Self.schema.check(operands)
    let reduced = try axes.axes(of: operands[0])
    let kept = operands[0].shape.indices.filter { !reduced.contains($0) }
    return [TensorType(operands[0].element, kept.map { operands[0].shape[$0] })]
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    let reduced = try axes.axes(of: builder.type(of: operands[0]))
    return [
      try derivative(
        &builder, x: operands[0], y: results[0], axes: reduced, cotangent: cotangent)
    ]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let reduced: [Int]
    do throws(Fault) {
      reduced = try axes.axes(rank: operands[0].extents.count)
    } catch {
      throw KernelFault(error.message)
    }
    return [try Reduction.apply(Self.function, operands[0], axes: Set(reduced))]
  }
}
