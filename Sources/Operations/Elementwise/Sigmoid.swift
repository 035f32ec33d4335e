// Sigmoid: the logistic function, with derivative `y(1 - y)`.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// `1 / (1 + e^-x)`.
///
/// - Cost: one operation for each element.
package struct Sigmoid: UnaryOperation {
  package static let function = UnaryFunction.sigmoid
  package static let summary = "Takes the logistic function of each element."
  package let keeps = KeptValues(results: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let one = try builder.scalar(1, like: y)
    let slope = try builder.multiply(y, try builder.subtract(one, y))
    return try builder.multiply(cotangent, slope)
  }
}
