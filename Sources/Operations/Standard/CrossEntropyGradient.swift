// CrossEntropyGradient: softmax minus one-hot, scaled by the arriving gradient.
// An operation of its own, so that backward makes one array of the logits' size and no more.
import Dimensions
import IR
import Kernels

/// Computes `(softmax - onehot) · g / count`, zero in the rows that are ignored.
///
/// - Shapes: `logits [b, t, v]`, `targets [b, t]`, `gradient []` → `[b, t, v]`
/// - Cost: seven operations a logit
package struct CrossEntropyGradient: Operation {
  package static let schema = OperationSchema(
    name: "cross_entropy_gradient",
    summary: "Computes the gradient of cross-entropy by the logits.",
    shapes: "logits [b, t, v] : b t [v], targets i32[b, t], gradient [] -> [b, t, v]",
    operands: [
      OperandSchema("logits"), OperandSchema("targets", [.index]), OperandSchema("gradient"),
    ],
    attributes: ClassLoss.attributes, pattern: .bracket,
    faults: ClassLoss.faults.merging([
      "element-mismatch": "logits and gradient hold different types"
    ]) { first, _ in first })

  package static let examples: [OperationExample] = {
    let (b, t, v) = (Samples.b, Samples.t, Samples.v)
    let (logits, targets, g) = (Samples.f32(b, t, v), Samples.i32(b, t), Samples.f32())
    let last = Samples.bracket("b t", "v")
    let sum: [String: AttributeValue] = ["reduction": .string("sum"), "ignore": .integer(1)]
    return [
      .legal([logits, targets, g], pattern: last, indexLimits: [1: v]),
      .legal([logits, targets, g], sum, pattern: last, indexLimits: [1: v]),
      .faulty("shape-mismatch", [logits, Samples.i32(t, b), g], pattern: last),
      .faulty("rank-mismatch", [logits, targets, Samples.f32(b)], pattern: last),
      .faulty("element-mismatch", [logits, targets, TensorType(.f64, [])], pattern: last),
      .faulty(
        "unknown-reduction", [logits, targets, g], ["reduction": .string("none")], pattern: last),
    ] + SingleAxis.faultExamples([logits, targets, g])
  }()

  private let loss: ClassLoss

  package init(_ attributes: Attributes) throws(Fault) {
    loss = try ClassLoss(try CrossEntropyGradient.schema.checked(attributes))
  }

  init(_ loss: ClassLoss) {
    self.loss = loss
  }

  package var attributes: Attributes { loss.attributes }

  /// The target of rows that don't count.
  package var ignore: Int { loss.ignore }
  package var reduction: LossReduction { loss.reduction }

  /// The axis of the classes of logits with so many axes.
  package func classAxis(rank: Int) -> Int? { loss.axis(rank: rank) }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try CrossEntropyGradient.schema.check(operands)
    try loss.check(operands, prover: prover)
    guard operands[2].element == operands[0].element else {
      throw Fault(
        "element-mismatch",
        "`logits` holds \(operands[0].element.rawValue), `gradient` \(operands[2].element.rawValue)",
        operand: 2, needs: operands[0].element.rawValue, found: operands[2].element.rawValue)
    }
    try ShapeRules.requireShape(
      [], of: operands[2], at: 2, name: "gradient", kind: "shape-mismatch", prover: prover)
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: 7 * operands[0].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] { [nil, nil, nil] }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (logits, targets, g) = (operands[0], operands[1], operands[2])
    let type = builder.type(of: logits)
    let axis = try loss.marked.axis(of: type)
    let softmax = try builder.emit(Softmax(axis: axis, rank: type.rank), logits)
    let hits = try loss.emitHits(&builder, targets: targets, like: logits)
    let difference = try builder.subtract(
      softmax, try builder.emit(Cast(to: type.element), hits))
    let (mask, count) = try loss.emitKept(&builder, targets: targets, like: logits)
    var scale = g
    if let count { scale = try builder.divide(g, count) }
    let scaled = try builder.multiply(difference, scale)
    let kept = try builder.restore(mask, axes: [axis], like: logits)
    return [try builder.select(kept, scaled, try builder.scalar(0, like: logits))]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.crossEntropyGradient(
        operands[0], targets: operands[1], gradient: operands[2],
        axis: try loss.marked.axis(of: operands[0]), ignore: loss.ignore,
        reduction: loss.reduction)
    ]
  }
}
