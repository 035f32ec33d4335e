// UpdateKernels: Adam, SGD, and sums, norm and scaling of gradients, over flat ranges of weights.
// What changes from step to step is read from registers in memory, so that jobs are made once.

/// The numbers that an update reads, by their place among the registers.
///
/// ``UpdateCoefficients`` gives their values.
package enum UpdateRegister: Int, CaseIterable, Sendable {
  /// One minus rate times decay; 1 for a weight that does not decay.
  case shrink, keep
  /// How much of a weight is added to its gradient, where decay is added.
  case added
  case beta2, weight1, weight2, epsilon
  /// Minus the rate, of Adam divided by 1 − β₁ᵗ.
  case step
  /// The root of 1 − β₂ᵗ.
  case correction
  /// 1 when the running mean starts from the old moment, 0 when from the gradient.
  case forward
  /// The momentum of SGD, and how much of a gradient it takes in.
  case momentum, intake
  /// The factor of every gradient, and their norm before it.
  case scale, norm
  /// The factor with which gradients are added to their sums, and 1 when the sums start with them.
  case share, starts
}

/// A weight of `count` elements and what belongs to it.
package struct WeightPlaces: Sendable {
  package var count: Int
  package var weight: Place<Float>
  /// The first moment, or the momentum of SGD; `nil` where the optimiser keeps none.
  package var first: Place<Float>?
  package var second: Place<Float>?
  package var gradient: Place<Float>

  package init(
    count: Int, weight: Place<Float>, first: Place<Float>? = nil, second: Place<Float>? = nil,
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
  /// One step of Adam or AdamW in place, to the bits of ``OptimiserKernels``.
  ///
  /// - Parameters:
  ///   - places: the weight, its two moments and its gradient, which is multiplied by `scale`.
  ///   - decay: what decay does to the weight.
  ///   - registers: one number for each ``UpdateRegister``.
  /// - Returns: one job.
  static func adam(
    _ places: WeightPlaces, decay: DecayForm, registers: Place<Float>
  ) -> [KernelJob]

  /// One step of SGD in place, to the bits of ``OptimiserKernels``.
  ///
  /// - Parameters:
  ///   - places: the weight, its momentum where there is one, and its gradient.
  ///   - decay: what decay does to the weight.
  ///   - nesterov: whether the step looks ahead by the momentum.
  ///   - registers: one number for each ``UpdateRegister``.
  /// - Returns: one job.
  static func sgd(
    _ places: WeightPlaces, decay: DecayForm, nesterov: Bool, registers: Place<Float>
  ) -> [KernelJob]

  /// Adds `share` times a gradient to a sum, or sets the sum to it when it `starts`.
  static func accumulate(
    _ gradient: Place<Float>, count: Int, to sum: Place<Float>, registers: Place<Float>
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
