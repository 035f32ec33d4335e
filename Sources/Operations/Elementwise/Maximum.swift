// Maximum: the larger of two numbers, with ties shared by the gradient.
// The shape rule and the kernel are those of every BinaryOperation.
import IR
import Kernels

/// The larger of `a` and `b`.
///
/// - Cost: one operation for each element of the result.
package struct Maximum: BinaryOperation {
  package static let function = BinaryFunction.maximum
  package static let summary = "Takes the larger of two elements."
  package static let takesIntegers = true
  package let keeps = KeptValues(operands: [0, 1])

  package init() {}

  package func derivatives(
    _ builder: inout RegionBuilder, a: ValueID, b: ValueID, y: ValueID, cotangent: ValueID,
    wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    // Where both are equal each side gets half, so that the gradient does not depend on the order.
    let half = try builder.scale(cotangent, by: 0.5)
    let zero = try builder.scalar(0, like: cotangent)
    let ties = try builder.select(try builder.compare(a, .equal, b), half, zero)
    func share(_ winner: ValueID, _ loser: ValueID) throws(Fault) -> ValueID {
      let wins = try builder.compare(winner, .greater, loser)
      return try builder.select(wins, cotangent, ties)
    }
    return [wanted[0] ? try share(a, b) : nil, wanted[1] ? try share(b, a) : nil]
  }
}
