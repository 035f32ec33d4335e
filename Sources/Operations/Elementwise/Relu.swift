// Relu: the rectifier; its derivative at zero is taken as zero.
// The loop and the rules for shapes are those of every UnaryOperation.
import IR
import Kernels

/// `max(x, 0)`.
///
/// - Cost: one operation for each element.
package struct Relu: UnaryOperation {
  package static let function = UnaryFunction.relu
  package static let summary = "Replaces negative elements by zero."
  package let keeps = KeptValues(results: [0])

  package init() {}

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let zero = try builder.scalar(0, like: y)
    return try builder.select(try builder.compare(y, .greater, zero), cotangent, zero)
  }
}
