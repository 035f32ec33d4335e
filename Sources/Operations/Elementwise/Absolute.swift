// Absolute: the magnitude; its derivative at zero is taken as zero.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// `|x|`.
///
/// - Cost: one operation for each element.
package struct Absolute: UnaryOperation {
  package static let function = UnaryFunction.absolute
  package static let summary = "Drops the sign of each element."
  package let keeps = KeptValues(operands: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let zero = try builder.scalar(0, like: x)
    let negated = try builder.negate(cotangent)
    let below = try builder.select(try builder.compare(x, .less, zero), negated, zero)
    return try builder.select(try builder.compare(x, .greater, zero), cotangent, below)
  }
}
