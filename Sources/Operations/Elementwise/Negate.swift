// Negate: the sign turned round.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// `-x`.
///
/// - Cost: one operation for each element.
package struct Negate: UnaryOperation {
  package static let function = UnaryFunction.negate
  package static let summary = "Changes the sign of each element."
  package let keeps = KeptValues()

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    try builder.negate(cotangent)
  }
}
