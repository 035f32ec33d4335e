// BinaryOperation: what the arithmetic operations of two operands share.
// Each operation's own file then holds its name and its derivatives only.
import Dimensions
import IR
import Kernels

/// Arithmetic of two operands that are broadcast against each other.
package protocol BinaryOperation: Operation {
  static var function: BinaryFunction { get }
  static var summary: String { get }
  /// Whether integers are taken as well.
  static var takesIntegers: Bool { get }

  init()

  /// The gradient by each operand, before it is summed to the operand's shape.
  func derivatives(
    _ builder: inout RegionBuilder, a: ValueID, b: ValueID, y: ValueID, cotangent: ValueID,
    wanted: [Bool]
  ) throws(Fault) -> [ValueID?]
}

extension BinaryOperation {
  package static var schema: OperationSchema {
    let kinds: [ElementKind] = takesIntegers ? [.real, .index] : [.real]
    return OperationSchema(
      name: function.rawValue, summary: summary, shapes: "a [..., t, 1], b [d] -> [..., t, d]",
      operands: [OperandSchema("a", kinds), OperandSchema("b", kinds)],
      faults: [
        "shapes-do-not-broadcast": "two sizes are neither proved equal nor 1",
        "element-mismatch": "the operands hold different types",
      ])
  }

  package static var examples: [OperationExample] {
    let (b, t, d) = (Samples.b, Samples.t, Samples.d)
    let domain: OperationExample.Domain =
      function == .divide || function == .power ? .positive : .signed
    var examples: [OperationExample] = [
      .legal([Samples.f32(b, t, d), Samples.f32(b, t, d)], domain: domain),
      .legal([Samples.f32(b, t, d), Samples.f32(d)], domain: domain),
      .legal([Samples.f32(t, 1), Samples.f32(b, 1, d)], domain: domain),
      .legal([Samples.f32(), Samples.f32(b, 3)], domain: domain),
      .faulty("shapes-do-not-broadcast", [Samples.f32(b, 4), Samples.f32(b, 3)]),
      .faulty("shapes-do-not-broadcast", [Samples.f32(b, t), Samples.f32(b, d)]),
      .faulty("element-mismatch", [Samples.f32(b), TensorType(.f16, [b])]),
    ]
    if takesIntegers {
      examples.append(
        .legal([Samples.i32(b, t), Samples.i32(t)], indexLimits: [0: 10, 1: 10]))
    }
    return examples
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
    try ShapeRules.requireSameElement(operands)
    let shape = try ShapeRules.broadcast(operands, names: ["a", "b"], prover: prover)
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: operands[0].element.kind == .real ? results[0].elementCount : 0)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0], builder.type(of: results[0]).element.kind == .real else {
      return [nil, nil]
    }
    let whole = try derivatives(
      &builder, a: operands[0], b: operands[1], y: results[0], cotangent: cotangent,
      wanted: wanted)
    var gradients: [ValueID?] = []
    for (value, operand) in zip(whole, operands) {
      let gradient: ValueID? =
        if let value { try builder.reduce(value, like: operand) } else { nil }
      gradients.append(gradient)
    }
    return gradients
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try Elementwise.apply(Self.function, operands[0], operands[1])]
  }
}
