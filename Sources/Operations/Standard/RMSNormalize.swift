// RMSNormalize: rows with root mean square one, scaled (Zhang and Sennrich 2019).
// Rules shared with layer norm are in Normalization.swift; the gradient in NormalizationGradient.swift.
import Dimensions
import IR
import Kernels

/// Normalises the last axis by its root mean square.
///
/// - Shapes: `x [..., n]`, `weight [n]` → `[..., n]`
/// - Cost: three operations an element, one more for the weight, four a row
package struct RMSNormalize: Operation {
  package static let schema = OperationSchema(
    name: "rms_normalize",
    summary: "Normalises the last axis by its root mean square, then scales it.",
    shapes: "x [..., n], weight [n] -> [..., n]",
    operands: [OperandSchema("x"), OperandSchema("weight", optional: true)],
    attributes: [AttributeSchema("epsilon", .float)], faults: Normalization.faults)

  package static let examples: [OperationExample] = {
    let (b, t, d) = (Samples.b, Samples.t, Samples.d)
    let x = Samples.f32(b, t, d)
    let epsilon: [String: AttributeValue] = ["epsilon": .float(1e-5)]
    return [
      .legal([x, Samples.f32(d)], epsilon),
      .legal([x], ["epsilon": .float(1e-3)]),
      .faulty("rank-mismatch", [Samples.f32()], epsilon),
      .faulty("rank-mismatch", [x, Samples.f32(1, d)], epsilon),
      .faulty("shape-mismatch", [x, Samples.f32(t)], epsilon),
      .faulty("element-mismatch", [x, TensorType(.f64, [d])], epsilon),
      .faulty("epsilon-out-of-range", [x], ["epsilon": .float(-1e-5)]),
    ]
  }()

  package let epsilon: Double

  /// Reads `epsilon`, which is added to the mean square: it has no default, since models differ.
  package init(_ attributes: Attributes) throws(Fault) {
    epsilon = try Epsilon.read(try RMSNormalize.schema.checked(attributes), default: nil)
  }

  package var attributes: Attributes { Attributes(["epsilon": .float(epsilon)]) }

  package let keeps = KeptValues(operands: [0, 1])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try RMSNormalize.schema.check(operands)
    try Normalization.check(operands, vectorsFrom: 1, names: ["x", "weight"], prover: prover)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Normalization.rootMeanSquare.cost(of: operands[0], vectors: operands.count - 1)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    try Normalization.rootMeanSquare.emitGradient(
      &builder, operands: operands, cotangent: cotangents[0], wanted: wanted, epsilon: epsilon)
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (rows, _) = try Normalization.rootMeanSquare.emitRows(
      &builder, operands[0], epsilon: epsilon)
    return [operands.count > 1 ? try builder.multiply(rows, operands[1]) : rows]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.normalize(
        .rootMeanSquare, operands[0], weight: operands.count > 1 ? operands[1] : nil, bias: nil,
        epsilon: Scalar(epsilon))
    ]
  }
}
