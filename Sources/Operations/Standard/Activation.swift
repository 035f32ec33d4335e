// Activation: what GELU, its tanh form and SiLU have in common: all rules but the formula.
// The loops live in Kernels/Standard/ActivationKernels.swift.
import Dimensions
import IR
import Kernels

/// An operation that applies one activation to each element.
protocol Activation: Operation {
  static var function: ActivationFunction { get }
  /// Operations an element.
  static var steps: Dimension { get }
  static var summary: String { get }

  init()

  /// Emits the formula in primitives.
  static func emit(_ builder: inout RegionBuilder, _ x: ValueID) throws(Fault) -> ValueID
}

extension Activation {
  package static var schema: OperationSchema {
    OperationSchema(
      name: function.rawValue, summary: summary, shapes: "x [...] -> [...]",
      operands: [OperandSchema("x")], faults: [:])
  }

  package static var examples: [OperationExample] {
    [.legal([Samples.f32(Samples.b, Samples.t, 4)]), .legal([Samples.f32()])]
  }

  package init(_ attributes: Attributes) throws(Fault) {
    _ = try Self.schema.checked(attributes)
    self.init()
  }

  package var attributes: Attributes { Attributes() }

  package var keeps: KeptValues { KeptValues(operands: [0]) }

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Self.schema.check(operands)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: Self.steps * operands[0].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    return [try builder.emit(ActivationGradient(Self.function), operands[0], cotangent)]
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    [try Self.emit(&builder, operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try StandardKernels.activate(Self.function, operands[0])]
  }
}

extension RegionBuilder {
  /// `x` plus a constant.
  mutating func shift(_ x: ValueID, by constant: Double) throws(Fault) -> ValueID {
    try add(x, try scalar(constant, like: x))
  }
}
