// Cos: the cosine, with minus the sine as derivative.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// The cosine of an angle in radians.
///
/// - Cost: one operation for each element.
package struct Cos: UnaryOperation {
  package static let function = UnaryFunction.cos
  package static let summary = "Takes the cosine of each element."
  package let keeps = KeptValues(operands: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let sine = try builder.emit(Sin(), x)
    return try builder.negate(try builder.multiply(cotangent, sine))
  }
}
