// OptimiserSchedule: where in the step each weight is updated, and the memory that this needs.
// As early as can be, so that a gradient dies before the next one is made.
import IR
import Kernels

/// The buffers of one weight's state.
package struct OptimiserState: Hashable, Sendable {
  package var first: TensorView
  package var second: TensorView
}

/// Numbers that change from step to step, read by the updates from the arena.
struct OptimiserRegisters: Sendable {
  /// One element each.
  static let count = 16
  var view: TensorView

  /// The places of the numbers.
  enum Register: Int {
    /// For a weight that decays, and for one that does not.
    case shrink, keep
    case beta2, weight1, weight2, epsilon, step, correction
    /// 1 when the running mean starts from the old moment.
    case forward
    /// The factor of every gradient, and their norm before it.
    case scale, norm
  }

  /// The numbers of a step.
  static func values(
    _ options: OptimiserOptions, rate: Double, step: Int
  ) -> [(Register, Float)] {
    let own = AdamWCoefficients(
      rate: rate, beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon,
      decay: options.decay, step: step)
    return [
      (.shrink, Float(own.shrink)), (.keep, 1), (.beta2, Float(options.beta2)),
      (.weight1, Float(1 - options.beta1)), (.weight2, Float(1 - options.beta2)),
      (.epsilon, Float(options.epsilon)), (.step, Float(-own.stepSize)),
      (.correction, Float(own.correction)), (.forward, 1 - options.beta1 < 0.5 ? 1 : 0),
      (.scale, 1), (.norm, 0),
    ]
  }
}
