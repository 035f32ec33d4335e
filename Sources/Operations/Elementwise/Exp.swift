// Exp: the exponential, which is its own derivative.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// `e^x`.
///
/// - Cost: one operation for each element.
package struct Exp: UnaryOperation {
  package static let function = UnaryFunction.exp
  package static let summary = "Raises e to each element."
  package let keeps = KeptValues(results: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    try builder.multiply(cotangent, y)
  }
}
