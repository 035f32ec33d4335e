// Sqrt: the square root, with derivative `1 / 2y`.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// The square root.
///
/// - Cost: one operation for each element.
package struct Sqrt: UnaryOperation {
  package static let function = UnaryFunction.sqrt
  package static let summary = "Takes the square root of each element."
  package let keeps = KeptValues(results: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    try builder.divide(try builder.scale(cotangent, by: 0.5), y)
  }
}
