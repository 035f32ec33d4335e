// Cast: the same numbers as another type of element.
// Real numbers keep their value in the executor; integers are rounded towards zero.
import Dimensions
import IR
import Kernels

/// Converts elements.
///
/// - Cost: none is counted.
package struct Cast: Operation {
  package static let schema = OperationSchema(
    name: "cast", summary: "Converts the elements to another type.", shapes: "x [...] -> to[...]",
    operands: [OperandSchema("x", [.real, .index, .mask])],
    attributes: [AttributeSchema("to", .element)], faults: [:])

  package static let examples: [OperationExample] = {
    let (b, t) = (Samples.b, Samples.t)
    return [
      .legal([Samples.f32(b, t)], ["to": .element(.bf16)]),
      .legal([Samples.f32(b, t)], ["to": .element(.i32)]),
      .legal([Samples.i32(b, t)], ["to": .element(.f32)], indexLimits: [0: 9]),
      .legal([Samples.bool(b, t)], ["to": .element(.f32)]),
      .legal([Samples.i32(t)], ["to": .element(.bool)], indexLimits: [0: 3]),
    ]
  }()

  package let target: ElementType

  package init(to target: ElementType) {
    self.target = target
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Cast.schema.checked(attributes)
    self.init(to: try required(attributes.element("to"), "to"))
  }

  package var attributes: Attributes { Attributes(["to": .element(target)]) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Cast.schema.check(operands)
    return [TensorType(target, operands[0].shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    let source = builder.type(of: operands[0]).element
    guard wanted[0], let cotangent = cotangents[0], source.kind == .real, target.kind == .real
    else { return [nil] }
    return [try builder.emit(Cast(to: source), cotangent)]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    switch target.kind {
    case .real: [try Elementwise.toReals(operands[0])]
    case .index: [try Elementwise.toIndices(operands[0])]
    case .mask: [try Elementwise.toMask(operands[0])]
    }
  }
}
