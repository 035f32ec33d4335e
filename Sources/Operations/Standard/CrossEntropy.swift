// CrossEntropy: the mean negative log-likelihood of class indices under logits.
// The gradient is in CrossEntropyGradient.swift, what both share in ClassLoss.swift.
import Dimensions
import IR
import Kernels

/// Log-softmax, look-up of the targets' classes and their mean, in one operation.
///
/// Targets equal to `ignore` count neither in the sum nor in the mean. When all are ignored the
/// mean is NaN, as in PyTorch: a loss of zero would look like a model that has learnt everything.
///
/// - Shapes: `logits [b, t, v]`, `targets [b, t]` → `[]`; the classes may be any axis
/// - Cost: four operations a logit and three a target
package struct CrossEntropy: Operation {
  package static let schema = OperationSchema(
    name: "cross_entropy",
    summary: "Averages the negative log-likelihood of target classes under logits.",
    shapes: "logits [b, t, v] : b t [v], targets i32[b, t] -> []",
    operands: [OperandSchema("logits"), OperandSchema("targets", [.index])],
    attributes: ClassLoss.attributes, pattern: .bracket, faults: ClassLoss.faults)

  package static let examples: [OperationExample] = {
    let (b, t, v) = (Samples.b, Samples.t, Samples.v)
    let (logits, targets) = (Samples.f32(b, t, v), Samples.i32(b, t))
    let last = Samples.bracket("b t", "v")
    let middle = Pattern(inputs: [[.name("b"), .bracket([.name("v")]), .ellipsis]], output: nil)
    let sum: [String: AttributeValue] = ["reduction": .string("sum"), "ignore": .integer(1)]
    return [
      .legal([logits, targets], pattern: last, indexLimits: [1: v]),
      .legal([logits, targets], sum, pattern: last, indexLimits: [1: v]),
      .legal([Samples.f32(b, v, t), targets], pattern: middle, indexLimits: [1: v]),
      .legal(
        [Samples.f32(v), Samples.i32()], pattern: Samples.bracket("", "v"), indexLimits: [1: v]),
      .faulty("shape-mismatch", [logits, Samples.i32(t, b)], pattern: last),
      .faulty("rank-mismatch", [logits, Samples.i32(b)], pattern: last),
      .faulty(
        "unknown-reduction", [logits, targets], ["reduction": .string("none")], pattern: last),
    ] + SingleAxis.faultExamples([logits, targets])
  }()

  private let loss: ClassLoss

  package init(_ attributes: Attributes) throws(Fault) {
    loss = try ClassLoss(try CrossEntropy.schema.checked(attributes))
  }

  package var attributes: Attributes { loss.attributes }

  /// The target of rows that don't count.
  package var ignore: Int { loss.ignore }
  package var reduction: LossReduction { loss.reduction }

  /// The axis of the classes of logits with so many axes.
  package func classAxis(rank: Int) -> Int? { loss.axis(rank: rank) }

  package let keeps = KeptValues(operands: [0, 1])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try CrossEntropy.schema.check(operands)
    try loss.check(operands, prover: prover)
    return [TensorType(operands[0].element, [])]
  }

  /// Checks targets whose values are known: none may lie beyond the last class.
  package func checkValues(
    of operands: [TensorType], ranges: [IndexRange?], prover: Prover
  ) throws(Fault) {
    guard operands.count == 2, ranges.count == 2, let asked = ranges[1] else { return }
    let classes = try loss.classes(of: operands[0])
    let claim = Constraint.atLeast(classes - 1, asked.upper)
    let verdict = prover.prove(claim)
    guard verdict.isProved else {
      throw Fault(
        "index-out-of-range", "there are \(classes) classes, but a target can be \(asked.upper)",
        operand: 1, needs: "\(asked.upper) <= \(classes - 1)", found: "values \(asked)",
        claim: claim, verdict: verdict)
    }
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: 4 * operands[0].elementCount + 3 * operands[1].elementCount)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil, nil] }
    return [
      try builder.emit(CrossEntropyGradient(loss), operands[0], operands[1], cotangent), nil,
    ]
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (logits, targets) = (operands[0], operands[1])
    let logarithms = try builder.emit(LogSoftmax(loss.marked), logits)
    let hits = try loss.emitHits(&builder, targets: targets, like: logits)
    let zero = try builder.scalar(0, like: logits)
    let picked = try builder.select(hits, logarithms, zero)
    let rows = try builder.emit(Sum(loss.marked.bracket), picked)
    let (mask, count) = try loss.emitKept(&builder, targets: targets, like: logits)
    let kept = try builder.select(mask, rows, zero)
    let total = try builder.negate(try builder.emit(SumTo([]), kept))
    guard let count else { return [total] }
    return [try builder.divide(total, count)]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.crossEntropy(
        operands[0], targets: operands[1], axis: try loss.marked.axis(of: operands[0]),
        ignore: loss.ignore, reduction: loss.reduction)
    ]
  }
}
