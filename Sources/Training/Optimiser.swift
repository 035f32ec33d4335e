// Optimiser: the state of AdamW, Adam or SGD, and the update of the weights.
// The loop over the elements is a kernel; here is what belongs to which weight.
import Kernels

extension OptimiserSettings {
  /// - Throws: ``TrainingFault/setting(name:found:needs:)`` for the first value out of range.
  package func check() throws(TrainingFault) {
    for (name, value) in [("rate", rate), ("epsilon", epsilon), ("decay", decay)] {
      guard value.isFinite, value >= 0 else {
        throw .setting(name: name, found: "\(value)", needs: "a finite number of at least 0")
      }
    }
    for (name, value) in [("beta1", beta1), ("beta2", beta2), ("momentum", momentum)] {
      guard value >= 0, value < 1 else {
        throw .setting(name: name, found: "\(value)", needs: "at least 0 and below 1")
      }
    }
    guard dampening >= 0, dampening <= 1 else {
      throw .setting(name: "dampening", found: "\(dampening)", needs: "at least 0 and at most 1")
    }
    if nesterov, momentum == 0 || dampening != 0 {
      throw .setting(
        name: "nesterov", found: "on", needs: "a momentum above 0 and no dampening")
    }
  }
}

/// An optimiser with its state: its moments for each trained weight, none for the others.
package struct Optimiser<Scalar: KernelScalar>: Sendable {
  package let settings: OptimiserSettings
  /// How many updates have been made.
  package private(set) var steps = 0
  /// For each trained weight, as many arrays as the method keeps.
  private var moments: [[[Scalar]]?]
  private let decayed: [Bool]

  /// - Parameters:
  ///   - settings: the method and its constants.
  ///   - parameters: the weights, for their sizes.
  ///   - trained: for each weight, whether it is updated.
  ///   - decayed: for each weight, whether it decays.
  /// - Throws: ``TrainingFault`` for settings out of range and lists that are not parallel.
  package init(
    _ settings: OptimiserSettings, for parameters: [NDArray<Scalar>], trained: [Bool],
    decayed: [Bool]
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
      // Arrays made apart, because one that is repeated would be counted twice and held once.
      return (0..<settings.moments).map { _ in [Scalar](repeating: 0, count: parameter.count) }
    }
  }

  /// The bytes of the moments.
  package var stateBytes: Int {
    moments.reduce(0) { sum, entry in
      (entry ?? []).reduce(sum) { $0 + $1.count * MemoryLayout<Scalar>.stride }
    }
  }

  /// Whether a weight is updated, and so has the state that the method keeps.
  package func holdsState(of parameter: Int) -> Bool { moments[parameter] != nil }

  /// The moments of a weight, as many as the method keeps; `nil` for one that is not trained.
  package func state(of parameter: Int) -> [[Scalar]]? { moments[parameter] }

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
    let plain = UpdateCoefficients(settings, rate: rate, decays: false, step: steps)
    let decaying = UpdateCoefficients(settings, rate: rate, decays: true, step: steps)
    for (index, gradient) in gradients.enumerated() {
      guard let gradient, moments[index] != nil else { continue }
      let coefficients = decayed[index] ? decaying : plain
      do throws(KernelFault) {
        try parameters[index].withMutableReals { weight throws(KernelFault) in
          try move(&weight, index, gradient.reals, coefficients)
        }
      } catch {
        throw .kernel(error)
      }
    }
  }

  private mutating func move(
    _ weight: inout [Scalar], _ index: Int, _ gradient: [Scalar],
    _ coefficients: UpdateCoefficients
  ) throws(KernelFault) {
    // Taken out of the list, so that each array has one owner and is updated in place.
    var own = moments[index] ?? []
    moments[index] = []
    defer { moments[index] = own }
    var first = own.first ?? []
    var second = own.count > 1 ? own[1] : []
    let count = own.count
    own = []
    defer { own = Array([first, second].prefix(count)) }
    switch settings.method {
    case .adamW, .adam:
      try OptimiserKernels.adam(
        weight: &weight, first: &first, second: &second, gradient: gradient, coefficients)
    case .sgd:
      try OptimiserKernels.sgd(
        weight: &weight, direction: &first, gradient: gradient, coefficients)
    }
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
        gradient.count == parameters[index].count,
        own.allSatisfy({ $0.count == gradient.count })
      else {
        throw .kernel(
          KernelFault(
            "the gradient of parameter #\(index) has extents \(gradient.extents), "
              + "the parameter \(parameters[index].extents)"))
      }
    }
  }
}
