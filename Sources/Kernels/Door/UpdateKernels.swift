// UpdateKernels: AdamW, the norm of gradients and their scaling, over flat ranges of weights.
// What changes from step to step is read from registers in memory, so that jobs are made once.

/// The numbers that an update reads, by their place among the registers.
///
/// ``AdamWCoefficients`` gives their values.
package enum UpdateRegister: Int, CaseIterable, Sendable {
  /// One minus rate times decay; 1 for a weight that does not decay.
  case shrink, keep
  case beta2, weight1, weight2, epsilon
  /// Minus the rate divided by 1 − β₁ᵗ.
  case step
  /// The root of 1 − β₂ᵗ.
  case correction
  /// 1 when the running mean starts from the old moment, 0 when from the gradient.
  case forward
  /// The factor of every gradient, and their norm before it.
  case scale, norm
}

/// A weight of `count` elements and what belongs to it.
package struct WeightPlaces: Sendable {
  package var count: Int
  package var weight: Place<Float>
  package var first: Place<Float>
  package var second: Place<Float>
  package var gradient: Place<Float>

  package init(
    count: Int, weight: Place<Float>, first: Place<Float>, second: Place<Float>,
    gradient: Place<Float>
  ) {
    self.count = count
    self.weight = weight
    self.first = first
    self.second = second
    self.gradient = gradient
  }
}

/// The fast kernels of an optimiser.
package protocol UpdateKernels {
  /// One step of AdamW in place, to the bits of ``OptimiserKernels``.
  ///
  /// - Parameters:
  ///   - places: the weight, its moments and its gradient, which is multiplied by `scale`.
  ///   - decays: whether the weight shrinks.
  ///   - registers: one number for each ``UpdateRegister``.
  /// - Returns: one job.
  static func adamW(
    _ places: WeightPlaces, decays: Bool, registers: Place<Float>
  ) -> [KernelJob]

  /// The number of partial sums of ``squares(_:count:to:)``.
  static func squareBlocks(count: Int) -> Int

  /// Sums of squares of fixed blocks, in double precision.
  static func squares(
    _ x: Place<Float>, count: Int, to partials: Place<Double>
  ) -> [KernelJob]

  /// Sums partial squares in order and writes their root to `norm`, and to `scale` the factor that
  /// brings it down to the limit: `limit / (norm + 1e-6)`, at most 1; 1 without a limit.
  static func clip(
    _ partials: Place<Double>, count: Int, limit: Float?, registers: Place<Float>
  ) -> [KernelJob]

  /// Multiplies elements by a number in memory.
  static func scale(_ x: Place<Float>, count: Int, by factor: Place<Float>) -> [KernelJob]
}
