// Log: the natural logarithm, with derivative `1 / x`.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// The natural logarithm.
///
/// - Cost: one operation for each element.
package struct Log: UnaryOperation {
  package static let function = UnaryFunction.log
  package static let summary = "Takes the natural logarithm of each element."
  package let keeps = KeptValues(operands: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    try builder.divide(cotangent, x)
  }
}
