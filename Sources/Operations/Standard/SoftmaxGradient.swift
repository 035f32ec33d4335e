// SoftmaxGradient: the gradient of softmax from its result, in one pass over each row.
// An operation of its own, so that backward needs no array of the products.
import Dimensions
import IR
import Kernels

/// Computes `y · (g - Σ g·y)` along one axis, for the softmax `y` and the arriving gradient `g`.
///
/// - Shapes: `y [..., s]`, `gradient [..., s]` → `[..., s]`
/// - Cost: four operations an element: product, sum, difference, product
package struct SoftmaxGradient: Operation {
  package static let schema = OperationSchema(
    name: "softmax_gradient", summary: "Computes the gradient of softmax from its result.",
    shapes: "y [b, h, t, s], gradient [b, h, t, s] : b h t [s] -> [b, h, t, s]",
    operands: [OperandSchema("y"), OperandSchema("gradient")], pattern: .bracket,
    faults: SingleAxis.faults.merging([
      "shape-mismatch": "the gradient cannot be proved to have the shape of the result",
      "element-mismatch": "the operands hold different types",
    ]) { first, _ in first })

  package static let examples: [OperationExample] = {
    let (b, t, s) = (Samples.b, Samples.t, Samples.s)
    let y = Samples.f32(b, t, s)
    let last = Samples.bracket("...", "s")
    return [
      .legal([y, y], pattern: last),
      .legal(
        [y, y],
        pattern: Pattern(inputs: [[.name("b"), .bracket([.name("t")]), .name("s")]], output: nil)),
      .faulty("shape-mismatch", [y, Samples.f32(b, t, t)], pattern: last),
      .faulty("element-mismatch", [y, TensorType(.f64, y.shape)], pattern: last),
    ] + SingleAxis.faultExamples([y, y])
  }()

  private let marked: SingleAxis

  package init(_ attributes: Attributes) throws(Fault) {
    marked = try SingleAxis(try SoftmaxGradient.schema.checked(attributes))
  }

  init(_ marked: SingleAxis) {
    self.marked = marked
  }

  package var attributes: Attributes { Attributes(pattern: marked.pattern) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try SoftmaxGradient.schema.check(operands)
    try ShapeRules.requireSameElement(operands)
    _ = try marked.axis(of: operands[0])
    try ShapeRules.requireShape(
      operands[0].shape, of: operands[1], at: 1, name: "gradient", kind: "shape-mismatch",
      prover: prover)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: 4 * operands[0].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [nil, nil] }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (y, g) = (operands[0], operands[1])
    let axis = try marked.axis(of: builder.type(of: y))
    let sum = try builder.emit(Sum(marked.bracket), try builder.multiply(y, g))
    let centred = try builder.subtract(g, try builder.restore(sum, axes: [axis], like: y))
    return [try builder.multiply(y, centred)]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let axis = try marked.axis(of: operands[0])
    return [try StandardKernels.softmaxGradient(operands[0], operands[1], axis: axis)]
  }
}
