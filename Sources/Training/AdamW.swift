// AdamW: settings, state and update of the optimiser.
// The loop over the elements is a kernel; here is what belongs to which weight.
import Kernels

/// The settings of AdamW; the defaults are PyTorch's.
package struct AdamWSettings: Hashable, Sendable {
  package var rate: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// The decoupled weight decay of the weights that decay.
  package var decay: Double

  package init(
    rate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    decay: Double = 1e-2
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
  }

  /// - Throws: ``TrainingFault/setting(name:found:needs:)`` for the first value out of range.
  package func check() throws(TrainingFault) {
    for (name, value) in [("rate", rate), ("epsilon", epsilon), ("decay", decay)] {
      guard value.isFinite, value >= 0 else {
        throw .setting(name: name, found: "\(value)", needs: "a finite number of at least 0")
      }
    }
    for (name, value) in [("beta1", beta1), ("beta2", beta2)] {
      guard value >= 0, value < 1 else {
        throw .setting(name: name, found: "\(value)", needs: "at least 0 and below 1")
      }
    }
  }
}

/// AdamW with its state: two moments for each trained weight, none for the others.
package struct AdamW<Scalar: KernelScalar>: Sendable {
  private struct Moments: Sendable {
    var first: [Scalar]
    var second: [Scalar]
  }

  package let settings: AdamWSettings
  /// How many updates have been made.
  package private(set) var steps = 0
  private var moments: [Moments?]
  private let decayed: [Bool]

  /// - Parameters:
  ///   - settings: rate, betas, epsilon and decay.
  ///   - parameters: the weights, for their sizes.
  ///   - trained: for each weight, whether it is updated.
  ///   - decayed: for each weight, whether it decays.
  /// - Throws: ``TrainingFault`` for settings out of range and lists that are not parallel.
  package init(
    _ settings: AdamWSettings, for parameters: [NDArray<Scalar>], trained: [Bool], decayed: [Bool]
  ) throws(TrainingFault) {
    try settings.check()
    for (name, list) in [("trained marks", trained), ("decay marks", decayed)] {
      guard list.count == parameters.count else {
        throw .wrongCount(of: name, expected: parameters.count, found: list.count)
      }
    }
    self.settings = settings
    self.decayed = decayed
    moments = zip(parameters, trained).map { parameter, isTrained in
      guard isTrained else { return nil }
      // Two arrays, because one assigned twice would be counted twice and held once.
      return Moments(
        first: [Scalar](repeating: 0, count: parameter.count),
        second: [Scalar](repeating: 0, count: parameter.count))
    }
  }

  /// The bytes of the moments.
  package var stateBytes: Int {
    moments.reduce(0) { sum, entry in
      guard let entry else { return sum }
      return sum + (entry.first.count + entry.second.count) * MemoryLayout<Scalar>.stride
    }
  }

  /// Whether a weight has moments.
  package func holdsState(of parameter: Int) -> Bool { moments[parameter] != nil }

  /// The two moments of a weight; `nil` for one that is not trained.
  package func state(of parameter: Int) -> (first: [Scalar], second: [Scalar])? {
    moments[parameter].map { ($0.first, $0.second) }
  }

  /// Makes one update in place; a weight without a gradient is left as it is, also by the decay.
  ///
  /// - Parameters:
  ///   - parameters: the weights.
  ///   - gradients: for each weight, its gradient.
  ///   - rate: the learning rate of this update; the settings' own unless told.
  /// - Throws: ``TrainingFault`` before anything has changed.
  package mutating func update(
    _ parameters: inout [NDArray<Scalar>], gradients: [NDArray<Scalar>?], rate: Double? = nil
  ) throws(TrainingFault) {
    try check(parameters, gradients)
    steps += 1
    let rate = rate ?? settings.rate
    let plain = coefficients(rate: rate, decay: 0)
    let decaying = coefficients(rate: rate, decay: settings.decay)
    for (index, gradient) in gradients.enumerated() {
      guard let gradient, var own = moments[index] else { continue }
      // Taken out of the list, so that each array has one owner and is updated in place.
      moments[index] = nil
      defer { moments[index] = own }
      do throws(KernelFault) {
        try parameters[index].withMutableReals { weight throws(KernelFault) in
          try OptimiserKernels.adamW(
            weight: &weight, first: &own.first, second: &own.second, gradient: gradient.reals,
            decayed[index] ? decaying : plain)
        }
      } catch {
        throw .kernel(error)
      }
    }
  }

  private func coefficients(rate: Double, decay: Double) -> AdamWCoefficients {
    AdamWCoefficients(
      rate: rate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
      decay: decay, step: steps)
  }

  private func check(
    _ parameters: [NDArray<Scalar>], _ gradients: [NDArray<Scalar>?]
  ) throws(TrainingFault) {
    guard parameters.count == moments.count else {
      throw .wrongCount(of: "parameters", expected: moments.count, found: parameters.count)
    }
    guard gradients.count == moments.count else {
      throw .wrongCount(of: "gradients", expected: moments.count, found: gradients.count)
    }
    for (index, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      guard let own = moments[index] else { throw .gradientOfFrozen("#\(index)") }
      guard gradient.extents == parameters[index].extents, case .real = gradient.payload,
        gradient.count == own.first.count, parameters[index].count == own.first.count
      else {
        throw .kernel(
          KernelFault(
            "the gradient of parameter #\(index) has extents \(gradient.extents), "
              + "the parameter \(parameters[index].extents)"))
      }
    }
  }
}
