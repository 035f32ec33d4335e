// Reciprocal: the reciprocal, with derivative `-y²`.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// `1 / x`.
///
/// - Cost: one operation for each element.
package struct Reciprocal: UnaryOperation {
  package static let function = UnaryFunction.reciprocal
  package static let summary = "Divides one by each element."
  package let keeps = KeptValues(results: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let square = try builder.multiply(y, y)
    return try builder.negate(try builder.multiply(cotangent, square))
  }
}
