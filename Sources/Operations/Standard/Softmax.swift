// Softmax: exponentials along one axis, divided by their sum.
// The loops live in Kernels/Standard/SoftmaxKernel.swift, the gradient in SoftmaxGradient.swift.
import Dimensions
import IR
import Kernels

/// Turns numbers along one axis into positive ones that sum to one.
///
/// A row of nothing but -infinity gives NaN, as in PyTorch: there is no right answer, and zeros
/// would hide the mask that left nothing to attend to.
///
/// - Shapes: `x [..., s]` → the same; the bracketed axis may stand anywhere
/// - Cost: five operations an element: maximum, difference, exponential, sum, quotient
package struct Softmax: Operation {
  package static let schema = OperationSchema(
    name: "softmax", summary: "Divides exponentials along one axis by their sum.",
    shapes: "x [b, h, t, s] : b h t [s] -> [b, h, t, s]", operands: [OperandSchema("x")],
    pattern: .bracket, faults: SingleAxis.faults)

  package static let examples: [OperationExample] = {
    let (b, t, s) = (Samples.b, Samples.t, Samples.s)
    let x = Samples.f32(b, t, s)
    return [
      .legal([x], pattern: Samples.bracket("b t", "s")),
      .legal([x], pattern: Samples.bracket("...", "s")),
      .legal(
        [x],
        pattern: Pattern(inputs: [[.name("b"), .bracket([.name("t")]), .name("s")]], output: nil)),
      .legal([x], pattern: Pattern(inputs: [[.bracket([.name("b")]), .ellipsis]], output: nil)),
    ] + SingleAxis.faultExamples([x])
  }()

  private let marked: SingleAxis

  package init(_ attributes: Attributes) throws(Fault) {
    marked = try SingleAxis(try Softmax.schema.checked(attributes))
  }

  /// The softmax along one axis of an operand with that many axes.
  package init(axis: Int, rank: Int) {
    marked = SingleAxis(axis: axis, rank: rank)
  }

  package var attributes: Attributes { Attributes(pattern: marked.pattern) }

  package let keeps = KeptValues(results: [0])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Softmax.schema.check(operands)
    _ = try marked.axis(of: operands[0])
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: 5 * operands[0].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    return [try builder.emit(SoftmaxGradient(marked), results[0], cotangent)]
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let x = operands[0]
    let axis = try marked.axis(of: builder.type(of: x))
    let largest = try builder.emit(Max(marked.bracket), x)
    let shifted = try builder.subtract(x, try builder.restore(largest, axes: [axis], like: x))
    let powers = try builder.emit(Exp(), shifted)
    let sum = try builder.emit(Sum(marked.bracket), powers)
    return [try builder.divide(powers, try builder.restore(sum, axes: [axis], like: x))]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try StandardKernels.softmax(operands[0], axis: try marked.axis(of: operands[0]))]
  }
}
