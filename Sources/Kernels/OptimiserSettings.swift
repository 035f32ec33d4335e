// OptimiserSettings: which optimiser moves the weights, with its constants, and the numbers of a step.
// Below both executors, so that the plain update and the planned one start from the same numbers.

/// A rule that moves weights by their gradients.
package enum OptimiserMethod: String, Hashable, Sendable, CaseIterable {
  case adamW = "adamw"
  case adam
  case sgd

  /// What a report calls it.
  package var title: String {
    switch self {
    case .adamW: "AdamW"
    case .adam: "Adam"
    case .sgd: "SGD"
    }
  }

  /// The decay unless told, which is PyTorch's.
  package var usualDecay: Double { self == .adamW ? 1e-2 : 0 }
}

/// What weight decay does to a weight.
package enum DecayForm: Hashable, Sendable {
  case none
  /// The weight is multiplied by `1 - rate · decay`, beside the gradient.
  case shrinking
  /// `decay · weight` is added to the gradient.
  case added
}

/// The settings of an optimiser; the defaults are PyTorch's.
package struct OptimiserSettings: Hashable, Sendable {
  package var method: OptimiserMethod
  package var rate: Double
  /// Of Adam and AdamW.
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// The weight decay of the weights that decay.
  package var decay: Double
  /// Of SGD: how much of the old direction is kept.
  package var momentum: Double
  /// Of SGD: how much of a gradient the momentum leaves out.
  package var dampening: Double
  /// Of SGD: whether the step looks ahead by the momentum.
  package var nesterov: Bool

  package init(
    _ method: OptimiserMethod = .adamW, rate: Double = 1e-3, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double? = nil, momentum: Double = 0,
    dampening: Double = 0, nesterov: Bool = false
  ) {
    self.method = method
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay ?? method.usualDecay
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
  }

  /// How many numbers are kept for each element of a trained weight.
  package var moments: Int {
    switch method {
    case .adamW, .adam: 2
    case .sgd: momentum == 0 ? 0 : 1
    }
  }

  /// What PyTorch calls each of them.
  package var momentNames: [String] {
    switch method {
    case .adamW, .adam: ["exp_avg", "exp_avg_sq"]
    case .sgd: momentum == 0 ? [] : ["momentum_buffer"]
    }
  }

  /// What decay does to a weight that takes part in it, or not.
  package func decayForm(decays: Bool) -> DecayForm {
    guard decays, decay != 0 else { return .none }
    return method == .adamW ? .shrinking : .added
  }
}

/// The numbers of one step, as PyTorch's single-tensor forms compute them.
package struct UpdateCoefficients: Hashable, Sendable {
  /// One minus rate times decay, applied to the weight first; 1 where decay doesn't shrink.
  package var shrink: Double
  /// How much of the weight is added to its gradient; 0 where decay isn't added.
  package var added: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// The rate, of Adam divided by 1 − β₁ᵗ.
  package var stepSize: Double
  /// The root of 1 − β₂ᵗ.
  package var correction: Double
  package var momentum: Double
  /// How much of a gradient the momentum takes in: all of the first one.
  package var intake: Double
  package var nesterov: Bool

  /// - Parameters:
  ///   - settings: the constants.
  ///   - rate: the learning rate of this step.
  ///   - decays: whether the weight decays.
  ///   - step: the number of this step, counted from one.
  package init(_ settings: OptimiserSettings, rate: Double, decays: Bool, step: Int) {
    let form = settings.decayForm(decays: decays)
    shrink = form == .shrinking ? 1 - rate * settings.decay : 1
    added = form == .added ? settings.decay : 0
    beta1 = settings.beta1
    beta2 = settings.beta2
    epsilon = settings.epsilon
    let t = Double(step)
    stepSize = settings.method == .sgd ? rate : rate / (1 - Double.power(settings.beta1, t))
    correction = (1 - Double.power(settings.beta2, t)).squareRoot()
    momentum = settings.momentum
    intake = step <= 1 ? 1 : 1 - settings.dampening
    nesterov = settings.nesterov
  }
}
