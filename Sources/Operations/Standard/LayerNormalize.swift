// LayerNormalize: rows with mean zero and deviation one, scaled and shifted (Ba et al. 2016).
// Rules shared with RMS norm are in Normalization.swift; the gradient in NormalizationGradient.swift.
import Dimensions
import IR
import Kernels

/// Normalises the last axis by mean and variance.
///
/// The variance is the mean of the squares, without Bessel's correction.
///
/// - Shapes: `x [..., n]`, `weight [n]`, `bias [n]` → `[..., n]`
/// - Cost: five operations an element, one more each for weight and bias, five a row
package struct LayerNormalize: Operation {
  package static let schema = OperationSchema(
    name: "layer_normalize",
    summary: "Normalises the last axis by mean and variance, then scales and shifts it.",
    shapes: "x [..., n], weight [n], bias [n] -> [..., n]",
    operands: [
      OperandSchema("x"), OperandSchema("weight", optional: true),
      OperandSchema("bias", optional: true),
    ],
    attributes: [AttributeSchema("epsilon", .float, optional: true)],
    faults: Normalization.faults)

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    // Rows of one element have no spread, so the width is fixed.
    let (x, row) = (Samples.f32(b, t, 6), Samples.f32(6))
    return [
      .legal([x, row, row], ["epsilon": .float(1e-5)]),
      .legal([x, row], ["epsilon": .float(1e-3)]),
      .legal([x]),
      .faulty("rank-mismatch", [Samples.f32()]),
      .faulty("rank-mismatch", [x, Samples.f32(1, 6)]),
      .faulty("shape-mismatch", [x, Samples.f32(5)]),
      .faulty("shape-mismatch", [x, row, Samples.f32(t)]),
      .faulty("element-mismatch", [x, TensorType(.f64, [6])]),
      .faulty("epsilon-out-of-range", [x], ["epsilon": .float(-1e-5)]),
      .faulty("epsilon-out-of-range", [x], ["epsilon": .float(.infinity)]),
    ]
  }()

  package let epsilon: Double

  /// Reads `epsilon`, which is added to the variance: 1e-5 when not given, as in PyTorch.
  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try LayerNormalize.schema.checked(attributes)
    epsilon = try Epsilon.read(attributes, default: 1e-5)
  }

  package var attributes: Attributes { Attributes(["epsilon": .float(epsilon)]) }

  package let keeps = KeptValues(operands: [0, 1])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try LayerNormalize.schema.check(operands)
    try Normalization.check(
      operands, vectorsFrom: 1, names: ["x", "weight", "bias"], prover: prover)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Normalization.layer.cost(of: operands[0], vectors: operands.count - 1)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    try Normalization.layer.emitGradient(
      &builder, operands: operands, cotangent: cotangents[0], wanted: wanted, epsilon: epsilon)
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    var (result, _) = try Normalization.layer.emitRows(&builder, operands[0], epsilon: epsilon)
    if operands.count > 1 { result = try builder.multiply(result, operands[1]) }
    if operands.count > 2 { result = try builder.add(result, operands[2]) }
    return [result]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.normalize(
        .layer, operands[0], weight: operands.count > 1 ? operands[1] : nil,
        bias: operands.count > 2 ? operands[2] : nil, epsilon: Scalar(epsilon))
    ]
  }
}
