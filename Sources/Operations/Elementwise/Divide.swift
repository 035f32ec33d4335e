// Divide: quotients, whose gradient reads the divisor and the quotient.
// The shape rule and the kernel are those of every BinaryOperation.
import IR
import Kernels

/// `a / b`.
///
/// - Cost: one operation for each element of the result.
package struct Divide: BinaryOperation {
  package static let function = BinaryFunction.divide
  package static let summary = "Divides the first tensor by the second."
  package static let takesIntegers = false
  package let keeps = KeptValues(operands: [1], results: [0])

  package init() {}

  package func derivatives(
    _ builder: inout RegionBuilder, a: ValueID, b: ValueID, y: ValueID, cotangent: ValueID,
    wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    let byA = try builder.divide(cotangent, b)
    // d(a / b) / db = -(a / b) / b, from the quotient that exists already.
    let byB = wanted[1] ? try builder.negate(try builder.multiply(byA, y)) : nil
    return [wanted[0] ? byA : nil, byB]
  }
}
