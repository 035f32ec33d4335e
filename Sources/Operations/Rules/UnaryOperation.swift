// UnaryOperation: what the functions of one real operand share.
// Each operation's own file then holds its name and its derivative only.
import Dimensions
import IR
import Kernels

/// A function that is applied to each element.
package protocol UnaryOperation: Operation {
  static var function: UnaryFunction { get }
  static var summary: String { get }

  init()

  /// The cotangent times the derivative at `x`, where the function is `y`.
  func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID
}

extension UnaryOperation {
  package static var schema: OperationSchema {
    OperationSchema(
      name: function.rawValue, summary: summary, shapes: "x [...] -> [...]",
      operands: [OperandSchema("x")], faults: [:])
  }

  package static var examples: [OperationExample] {
    let needsPositive: Set<UnaryFunction> = [.log, .sqrt, .reciprocal]
    let domain: OperationExample.Domain =
      needsPositive.contains(function) ? .positive : .signed
    return [
      .legal([Samples.f32(Samples.b, Samples.t)], domain: domain),
      .legal([Samples.f32()], domain: domain),
    ]
  }

  package init(_ attributes: Attributes) throws(Fault) {
    _ = try Self.schema.checked(attributes)
    self.init()
  }

  package var attributes: Attributes { Attributes() }

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Self.schema.check(operands)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: results[0].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    return [try derivative(&builder, x: operands[0], y: results[0], cotangent: cotangent)]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Elementwise.apply(Self.function, to: operands[0])]
  }
}
