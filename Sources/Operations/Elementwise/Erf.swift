// Erf: the error function, with derivative `2/√π · e^(-x²)`.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// The error function.
///
/// - Cost: one operation for each element.
package struct Erf: UnaryOperation {
  package static let function = UnaryFunction.erf
  package static let summary = "Takes the error function of each element."
  package let keeps = KeptValues(operands: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let decay = try builder.emit(Exp(), try builder.negate(try builder.multiply(x, x)))
    let slope = try builder.scale(decay, by: 2 / Double.pi.squareRoot())
    return try builder.multiply(cotangent, slope)
  }
}
