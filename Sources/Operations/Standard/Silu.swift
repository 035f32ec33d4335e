// Silu: x times the logistic function of x, also called swish.
// Apart from the primitives because gated networks run it over their widest arrays.
import Dimensions
import IR
import Kernels

/// Computes `x / (1 + exp(-x))`.
///
/// - Shapes: `x [...]` → the same
/// - Cost: two operations an element: the logistic function and the product
/// - Source: Elfwing and others 2017, arXiv 1702.03118
package struct Silu: Activation {
  static let function = ActivationFunction.silu
  static let steps: Dimension = 2
  static let summary = "Multiplies each element by the logistic function at it."

  package init() {}

  static func emit(_ builder: inout RegionBuilder, _ x: ValueID) throws(Fault) -> ValueID {
    try builder.multiply(x, try builder.emit(Sigmoid(), x))
  }
}
