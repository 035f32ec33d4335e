// ActivationGradient: the gradients of GELU, its tanh form and SiLU from their input.
// One operation with a word for the function, so that backward is one pass over the input.
import Dimensions
import IR
import Kernels

/// Computes `g · f'(x)` for an activation `f`.
///
/// - Shapes: `x [...]`, `gradient [...]` → the same
package struct ActivationGradient: Operation {
  package static let schema = OperationSchema(
    name: "activation_gradient",
    summary: "Multiplies the arriving gradient by an activation's derivative.",
    shapes: "x [...], gradient [...] -> [...]",
    operands: [OperandSchema("x"), OperandSchema("gradient")],
    attributes: [AttributeSchema("function", .string)],
    faults: [
      "shape-mismatch": "the gradient cannot be proved to have the shape of x",
      "rank-mismatch": "the gradient has more or fewer axes than x",
      "element-mismatch": "the operands hold different types",
      "unknown-function": "no activation has that name",
    ])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    let x = Samples.f32(b, t, 4)
    let gelu: [String: AttributeValue] = ["function": .string("gelu")]
    return ActivationFunction.allCases.map {
      .legal([x, x], ["function": .string($0.rawValue)])
    } + [
      .faulty("shape-mismatch", [x, Samples.f32(b, t, 5)], gelu),
      .faulty("rank-mismatch", [x, Samples.f32(t, 4)], gelu),
      .faulty("element-mismatch", [x, TensorType(.f64, x.shape)], gelu),
      .faulty("unknown-function", [x, x], ["function": .string("mish")]),
    ]
  }()

  package let function: ActivationFunction

  init(_ function: ActivationFunction) {
    self.function = function
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try ActivationGradient.schema.checked(attributes)
    self.init(try word(attributes, "function", as: ActivationFunction.self))
  }

  package var attributes: Attributes { Attributes(["function": .string(function.rawValue)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try ActivationGradient.schema.check(operands)
    try ShapeRules.requireSameElement(operands)
    try ShapeRules.requireShape(
      operands[0].shape, of: operands[1], at: 1, name: "gradient", kind: "shape-mismatch",
      prover: prover)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let steps: Dimension =
      switch function {
      case .gelu: 11
      case .geluTanh: 18
      case .silu: 7
      }
    return Cost(elementwise: steps * operands[0].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [nil, nil] }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let x = operands[0]
    let slope =
      switch function {
      case .gelu: try geluSlope(&builder, x)
      case .geluTanh: try geluTanhSlope(&builder, x)
      case .silu: try siluSlope(&builder, x)
      }
    return [try builder.multiply(operands[1], slope)]
  }

  /// Emits `Φ(x) + x · exp(-x²/2) / √(2π)`.
  private func geluSlope(_ builder: inout RegionBuilder, _ x: ValueID) throws(Fault) -> ValueID {
    let error = try builder.emit(Erf(), try builder.scale(x, by: 0.5.squareRoot()))
    let distribution = try builder.scale(try builder.shift(error, by: 1), by: 0.5)
    let square = try builder.scale(try builder.multiply(x, x), by: -0.5)
    let density = try builder.scale(
      try builder.emit(Exp(), square), by: (0.5 / Double.pi).squareRoot())
    return try builder.add(distribution, try builder.multiply(x, density))
  }

  /// Emits `(1 + t)/2 + x/2 · (1 - t²) · √(2/π) · (1 + 3 · 0.044715 x²)` for the tangent `t`.
  private func geluTanhSlope(
    _ builder: inout RegionBuilder, _ x: ValueID
  ) throws(Fault) -> ValueID {
    let (scale, cubic) = (StandardKernels.geluScale, StandardKernels.geluCubic)
    let square = try builder.multiply(x, x)
    let inner = try builder.shift(try builder.scale(square, by: cubic), by: 1)
    let argument = try builder.scale(try builder.multiply(x, inner), by: scale)
    let tangent = try builder.emit(Tanh(), argument)
    let half = try builder.scale(try builder.shift(tangent, by: 1), by: 0.5)
    let bend = try builder.shift(
      try builder.negate(try builder.multiply(tangent, tangent)), by: 1)
    let slope = try builder.scale(
      try builder.shift(try builder.scale(square, by: 3 * cubic), by: 1), by: scale / 2)
    return try builder.add(half, try builder.multiply(try builder.multiply(x, bend), slope))
  }

  /// Emits `s · (1 + x · (1 - s))` for the logistic function `s`.
  private func siluSlope(_ builder: inout RegionBuilder, _ x: ValueID) throws(Fault) -> ValueID {
    let sigmoid = try builder.emit(Sigmoid(), x)
    let rest = try builder.shift(try builder.negate(sigmoid), by: 1)
    return try builder.multiply(
      sigmoid, try builder.shift(try builder.multiply(x, rest), by: 1))
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try StandardKernels.activationGradient(function, operands[0], operands[1])]
  }
}
