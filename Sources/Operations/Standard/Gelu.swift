// Gelu: the Gaussian error linear unit, x times the normal distribution function at x.
// Apart from the tanh form: the two differ by up to 5e-4, and checkpoints mean one of them.
import Dimensions
import IR
import Kernels

/// Computes `x · Φ(x)` (Hendrycks and Gimpel 2016, arXiv 1606.08415).
///
/// - Shapes: `x [...]` → the same
/// - Cost: five operations an element
package struct Gelu: Activation {
  static let function = ActivationFunction.gelu
  static let steps: Dimension = 5
  static let summary = "Multiplies each element by the normal distribution function at it."

  package init() {}

  static func emit(_ builder: inout RegionBuilder, _ x: ValueID) throws(Fault) -> ValueID {
    let error = try builder.emit(Erf(), try builder.scale(x, by: 0.5.squareRoot()))
    return try builder.multiply(x, try builder.scale(try builder.shift(error, by: 1), by: 0.5))
  }
}
