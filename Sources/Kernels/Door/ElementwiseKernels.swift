// ElementwiseKernels: one element at a time, over tensors of equal extents and any strides.
// Broadcasting is a stride of zero; a target may be one of the operands in the same place.

/// The fast kernels that compute each element from the elements in the same place.
///
/// All tensors of one call have the same extents; no two elements of a target share a place. No
/// kernel needs workspace.
package protocol ElementwiseKernels {
  /// Applies a function to each element.
  static func apply(
    _ function: UnaryFunction, _ x: PlacedTensor<Float>, to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// Applies an activation to each element.
  static func activate(
    _ function: ActivationFunction, _ x: PlacedTensor<Float>, to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// `gradient · f'(x)` for each element.
  static func activationGradient(
    _ function: ActivationFunction, _ x: PlacedTensor<Float>, gradient: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// `f(x) · other` for each element: a gated product, forward and by its other factor.
  static func gate(
    _ function: ActivationFunction, _ x: PlacedTensor<Float>, times other: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// Applies a function to pairs of elements.
  static func apply(
    _ function: BinaryFunction, _ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// Adds `factor` times each element to the target.
  static func accumulate(
    _ x: PlacedTensor<Float>, times factor: Float, to y: PlacedTensor<Float>
  ) -> [KernelJob]

  /// Compares pairs of elements.
  static func compare(
    _ relation: Relation, _ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob]
  static func compare(
    _ relation: Relation, _ a: PlacedTensor<Int32>, _ b: PlacedTensor<Int32>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob]
  static func compare(
    _ relation: Relation, _ a: PlacedTensor<Bool>, _ b: PlacedTensor<Bool>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob]

  /// Joins pairs of truth values.
  static func join(
    _ connective: Connective, _ a: PlacedTensor<Bool>, _ b: PlacedTensor<Bool>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob]

  /// Turns each truth value round.
  static func not(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Bool>) -> [KernelJob]

  /// Takes `a` where the condition holds and `b` elsewhere.
  static func select(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Float>, _ b: PlacedTensor<Float>,
    to y: PlacedTensor<Float>
  ) -> [KernelJob]
  static func select(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Int32>, _ b: PlacedTensor<Int32>,
    to y: PlacedTensor<Int32>
  ) -> [KernelJob]
  static func select(
    _ condition: PlacedTensor<Bool>, _ a: PlacedTensor<Bool>, _ b: PlacedTensor<Bool>,
    to y: PlacedTensor<Bool>
  ) -> [KernelJob]

  /// Writes one value everywhere.
  static func fill(_ value: Float, to y: PlacedTensor<Float>) -> [KernelJob]
  static func fill(_ value: Int32, to y: PlacedTensor<Int32>) -> [KernelJob]
  static func fill(_ value: Bool, to y: PlacedTensor<Bool>) -> [KernelJob]

  /// Writes 0, 1, … along the only axis.
  static func iota(to y: PlacedTensor<Int32>) -> [KernelJob]

  /// Copies elements between any two layouts.
  static func copy(_ x: PlacedTensor<Float>, to y: PlacedTensor<Float>) -> [KernelJob]
  static func copy(_ x: PlacedTensor<Int32>, to y: PlacedTensor<Int32>) -> [KernelJob]
  static func copy(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Bool>) -> [KernelJob]

  /// Converts elements; true is one. Reals become integers only in the plain kernels, because a
  /// number that does not fit is a fault.
  static func cast(_ x: PlacedTensor<Int32>, to y: PlacedTensor<Float>) -> [KernelJob]
  static func cast(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Float>) -> [KernelJob]
  static func cast(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Int32>) -> [KernelJob]
  static func cast(_ x: PlacedTensor<Float>, to y: PlacedTensor<Bool>) -> [KernelJob]
  static func cast(_ x: PlacedTensor<Int32>, to y: PlacedTensor<Bool>) -> [KernelJob]
}
