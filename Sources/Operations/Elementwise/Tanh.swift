// Tanh: the hyperbolic tangent, with derivative `1 - y²`.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// The hyperbolic tangent.
///
/// - Cost: one operation for each element.
package struct Tanh: UnaryOperation {
  package static let function = UnaryFunction.tanh
  package static let summary = "Takes the hyperbolic tangent of each element."
  package let keeps = KeptValues(results: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let one = try builder.scalar(1, like: y)
    let slope = try builder.subtract(one, try builder.multiply(y, y))
    return try builder.multiply(cotangent, slope)
  }
}
