// StepPlan: the one optimiser step that a verification takes.
// From the model's training plan where it has one, and from the usual rules where it has none.
import IR
import Kernels
import Language
import Training

/// Settings of the step, and which weights decay.
package struct StepPlan: Sendable {
  package var optimiser: OptimiserSettings
  /// The global norm to which gradients are clipped.
  package var clip: Double?
  /// `nil` lets weights of at least two axes decay: no biases, no norms.
  package var decay: DecayPlan?
  /// The micro-batches of one update.
  package var accumulate = 1

  package init(
    optimiser: OptimiserSettings = OptimiserSettings(), clip: Double? = nil,
    decay: DecayPlan? = nil, accumulate: Int = 1
  ) {
    self.optimiser = optimiser
    self.clip = clip
    self.decay = decay
    self.accumulate = accumulate
  }

  /// The step of a training plan, at the peak of its schedule: a warm-up from a rate of zero would
  /// move nothing and so show nothing.
  package init(_ plan: TrainingPlan?) {
    self.init(clip: plan?.clip, decay: plan?.decay)
    accumulate = max(plan?.accumulate ?? 1, 1)
    if let optimizer = plan?.optimizer { optimiser = OptimiserSettings(optimizer) }
  }

  /// Whether a weight decays.
  package func decays(_ name: String, _ declaration: ParameterDeclaration) -> Bool {
    decay?.includes(name) ?? (declaration.type.rank >= 2)
  }

  /// The settings as the training room takes them.
  var settings: TrainingSettings {
    TrainingSettings(
      optimiser: optimiser, clipping: clip.map { GradientClipping(globalNorm: $0) })
  }
}

extension OptimiserSettings {
  /// What the `optimizer` line of a plan says.
  package init(_ plan: OptimizerPlan) {
    self.init(
      OptimiserMethod(rawValue: plan.name) ?? .adamW, rate: plan.rate, epsilon: plan.epsilon,
      decay: plan.decay, momentum: plan.momentum, dampening: plan.dampening,
      nesterov: plan.nesterov)
    if plan.betas.count == 2 { (beta1, beta2) = (plan.betas[0], plan.betas[1]) }
  }
}
