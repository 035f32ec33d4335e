// ShapeRules: the obligations about dimensions that many operations share.
// Each asks the prover and turns anything but a proof into a fault that carries the answer.
import Dimensions
import IR

/// Rules about shapes; each throws a ``Fault`` with the claim and the verdict.
enum ShapeRules {
  /// What the prover's answer says of two sizes: "4 and 8 differ".
  static func disagreement(_ left: Dimension, _ right: Dimension, _ verdict: Verdict) -> String {
    switch verdict {
    case .unknown: "\(left) and \(right) cannot be shown equal"
    case .refuted(let witness)
    where !witness.values.isEmpty && (left.constant == nil || right.constant == nil):
      "\(left) and \(right) are not always equal"
    case .refuted, .proved: "\(left) and \(right) differ"
    }
  }

  /// The same question where neither size is 1: with a size of 1 the operands do broadcast, so
  /// that no such witness breaks anything.
  private static func unlessOne(
    _ own: Dimension, _ other: Dimension, prover: Prover
  ) -> Verdict? {
    var assumptions = prover.assumptions
    assumptions.add(.atLeast(own, 2))
    assumptions.add(.atLeast(other, 2))
    let verdict = Prover(assuming: assumptions).prove(.equal(other, own))
    if case .refuted = verdict { return verdict }
    return nil
  }

  /// The shape to which operands broadcast, aligned from the last axis.
  static func broadcast(
    _ operands: [TensorType], names: [String], prover: Prover
  ) throws(Fault) -> [Dimension] {
    let rank = operands.map(\.rank).max() ?? 0
    var result = Array(repeating: Dimension.one, count: rank)
    var sources = Array(repeating: 0, count: rank)
    for (index, operand) in operands.enumerated() {
      for axis in 0..<operand.rank {
        let place = rank - operand.rank + axis
        let (own, other) = (operand.shape[axis], result[place])
        if own == other || own.constant == 1 { continue }
        if other.constant == 1 {
          result[place] = own
          sources[place] = index
          continue
        }
        let claim = Constraint.equal(other, own)
        let verdict = prover.prove(claim)
        guard verdict.isProved else {
          let verdict = unlessOne(own, other, prover: prover) ?? verdict
          let source = sources[place]
          throw Fault(
            "shapes-do-not-broadcast",
            "`\(names[source])` \(operands[source].shapeText) and `\(names[index])` "
              + "\(operand.shapeText) do not broadcast: \(disagreement(other, own, verdict))",
            operand: index, axis: axis, needs: operands[source].shapeText,
            found: operand.shapeText, claim: claim, verdict: verdict)
        }
        // Of two forms of one size the constant says more.
        if own.constant != nil { result[place] = own }
      }
    }
    return result
  }

  /// Checks that an operand has a given shape, axis by axis.
  static func requireShape(
    _ shape: [Dimension], of operand: TensorType, at index: Int, name: String, kind: String,
    prover: Prover
  ) throws(Fault) {
    let needs = TensorType(operand.element, shape).shapeText
    guard operand.rank == shape.count else {
      throw Fault(
        "rank-mismatch",
        "`\(name)` has \(operand.rank) axes, expected \(shape.count)", operand: index,
        needs: needs, found: operand.shapeText)
    }
    for axis in shape.indices where shape[axis] != operand.shape[axis] {
      let claim = Constraint.equal(shape[axis], operand.shape[axis])
      let verdict = prover.prove(claim)
      guard verdict.isProved else {
        throw Fault(
          kind,
          "axis \(axis) of `\(name)`: "
            + disagreement(shape[axis], operand.shape[axis], verdict),
          operand: index, axis: axis, needs: needs, found: operand.shapeText, claim: claim,
          verdict: verdict)
      }
    }
  }

  /// Checks that all operands hold the same type of element.
  static func requireSameElement(_ operands: [TensorType], from start: Int = 0) throws(Fault) {
    guard start < operands.count else { return }
    let first = operands[start].element
    for (index, operand) in operands.enumerated().dropFirst(start + 1)
    where operand.element != first {
      throw Fault(
        "element-mismatch",
        "`operand \(start)` holds \(first.rawValue) elements, `operand \(index)` \(operand.element.rawValue)",
        operand: index,
        needs: first.rawValue, found: operand.element.rawValue)
    }
  }

  /// Checks that a size is never negative.
  static func requireSize(_ size: Dimension, _ name: String, prover: Prover) throws(Fault) {
    try requireDefined(size, name)
    if let constant = size.constant, constant >= 0 { return }
    let claim = Constraint.atLeast(size, 0)
    let verdict = prover.prove(claim)
    if verdict.isProved { return }
    let words = if case .unknown = verdict { "cannot be shown not to be" } else { "can be" }
    throw Fault(
      "negative-size", "`\(name)` is \(size), which \(words) negative", needs: "\(size) >= 0",
      found: "\(size)", claim: claim, verdict: verdict)
  }

  /// Checks that a size did not overflow.
  static func requireDefined(_ size: Dimension, _ name: String) throws(Fault) {
    guard size.isDefined else {
      throw Fault("size-overflow", "the size of `\(name)` is too large to be represented")
    }
  }

  /// The axis counted from the front.
  static func axis(_ axis: Int, rank: Int, operand: Int = 0) throws(Fault) -> Int {
    let (sum, overflow) = axis.addingReportingOverflow(rank)
    let front = axis < 0 ? sum : axis
    guard !overflow, front >= 0, front < rank else {
      throw Fault(
        "axis-out-of-range", "there is no axis \(axis) among \(rank) axes", operand: operand,
        needs: rank == 0 ? "at least one axis" : "\(-rank) ... \(rank - 1)", found: "\(axis)")
    }
    return front
  }

  /// The type of a result, once its dimensions are known to be representable.
  static func result(_ element: ElementType, _ shape: [Dimension]) throws(Fault) -> TensorType {
    for dimension in shape { try requireDefined(dimension, "result") }
    return TensorType(element, shape)
  }
}
