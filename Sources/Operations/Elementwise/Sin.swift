// Sin: the sine, with the cosine as derivative.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// The sine of an angle in radians.
///
/// - Cost: one operation for each element.
package struct Sin: UnaryOperation {
  package static let function = UnaryFunction.sin
  package static let summary = "Takes the sine of each element."
  package let keeps = KeptValues(operands: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    try builder.multiply(cotangent, try builder.emit(Cos(), x))
  }
}
