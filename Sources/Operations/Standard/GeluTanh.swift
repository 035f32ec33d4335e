// GeluTanh: the tanh approximation of GELU, as in GPT-2 (`gelu_new`).
// Apart from the exact form: the two differ by up to 5e-4, and checkpoints mean one of them.
import Dimensions
import IR
import Kernels

/// Computes `x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`.
///
/// - Shapes: `x [...]` → the same
/// - Cost: nine operations an element
package struct GeluTanh: Activation {
  static let function = ActivationFunction.geluTanh
  static let steps: Dimension = 9
  static let summary = "Approximates GELU with a hyperbolic tangent."

  package init() {}

  static func emit(_ builder: inout RegionBuilder, _ x: ValueID) throws(Fault) -> ValueID {
    let cube = try builder.multiply(try builder.multiply(x, x), x)
    let inner = try builder.add(x, try builder.scale(cube, by: StandardKernels.geluCubic))
    let scaled = try builder.scale(inner, by: StandardKernels.geluScale)
    let tangent = try builder.shift(try builder.emit(Tanh(), scaled), by: 1)
    return try builder.multiply(x, try builder.scale(tangent, by: 0.5))
  }
}
