// Power: powers of real numbers.
// The shape rule and the kernel are those of every BinaryOperation.
import IR
import Kernels

/// `a` raised to `b`.
///
/// - Cost: one operation for each element of the result.
package struct Power: BinaryOperation {
  package static let function = BinaryFunction.power
  package static let summary = "Raises the first tensor to the second."
  package static let takesIntegers = false
  package let keeps = KeptValues(operands: [0, 1], results: [0])

  package init() {}

  package func derivatives(
    _ builder: inout RegionBuilder, a: ValueID, b: ValueID, y: ValueID, cotangent: ValueID,
    wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    let zero = try builder.scalar(0, like: cotangent)
    let one = try builder.scalar(1, like: cotangent)
    var gradients: [ValueID?] = [nil, nil]
    if wanted[0] {
      // b·a^(b - 1) is 0·∞ where both are zero; the derivative of a constant is zero.
      let lower = try builder.emit(Power(), a, try builder.subtract(b, one))
      let slope = try builder.multiply(b, lower)
      let constant = try builder.compare(b, .equal, zero)
      gradients[0] = try builder.multiply(cotangent, try builder.select(constant, zero, slope))
    }
    if wanted[1] {
      // The logarithm is taken of positive numbers only; elsewhere the slope counts as zero.
      let positive = try builder.compare(a, .greater, zero)
      let logarithm = try builder.emit(Log(), try builder.select(positive, a, one))
      gradients[1] = try builder.multiply(cotangent, try builder.multiply(y, logarithm))
    }
    return gradients
  }
}
