// ShapeTarget: the rule that broadcast_to and sum_to share, each being the other's gradient.
// Apart so that the two operations cannot disagree about which shapes fit.
import Dimensions
import IR
import Kernels

/// A shape that another one broadcasts to, or is summed from.
enum ShapeTarget {
  /// Checks that `narrow` broadcasts to `wide`: aligned from the right, equal or constant 1.
  static func check(
    _ narrow: [Dimension], broadcastsTo wide: [Dimension], found: TensorType, needs: [Dimension],
    prover: Prover
  ) throws(Fault) {
    let needed = TensorType(found.element, needs).shapeText
    guard narrow.count <= wide.count else {
      throw Fault(
        "shapes-do-not-broadcast", "\(found.shapeText) and \(needed) differ in rank the wrong way",
        operand: 0, needs: needed, found: found.shapeText)
    }
    let offset = wide.count - narrow.count
    for (axis, size) in narrow.enumerated() where size.constant != 1 {
      let other = wide[offset + axis]
      if size == other { continue }
      let claim = Constraint.equal(other, size)
      let verdict = prover.prove(claim)
      guard verdict.isProved else {
        throw Fault(
          "shapes-do-not-broadcast",
          "\(found.shapeText) does not fit \(needed): "
            + ShapeRules.disagreement(other, size, verdict),
          operand: 0, axis: found.rank == wide.count ? offset + axis : axis, needs: needed,
          found: found.shapeText, claim: claim, verdict: verdict)
      }
    }
  }

  /// The extents of a shape in this run.
  static func extents(_ shape: [Dimension], in context: EvaluationContext) throws(KernelFault)
    -> [Int]
  {
    var result: [Int] = []
    for dimension in shape { result.append(try context.size(dimension)) }
    return result
  }
}
