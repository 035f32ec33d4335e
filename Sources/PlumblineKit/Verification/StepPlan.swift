// StepPlan: the one optimiser step that a verification takes.
// From the model's training plan where it has one, and from the usual rules where it has none.
import IR
import Language
import Training

/// Settings of the step, and which weights decay.
package struct StepPlan: Sendable {
  package var optimiser: AdamWSettings
  /// The global norm to which gradients are clipped.
  package var clip: Double?
  /// `nil` lets weights of at least two axes decay: no biases, no norms.
  package var decay: DecayPlan?

  package init(
    optimiser: AdamWSettings = AdamWSettings(), clip: Double? = nil, decay: DecayPlan? = nil
  ) {
    self.optimiser = optimiser
    self.clip = clip
    self.decay = decay
  }

  /// The step of a training plan, at the peak of its schedule: a warm-up from a rate of zero would
  /// move nothing and so show nothing.
  package init(_ plan: TrainingPlan?) {
    self.init(clip: plan?.clip, decay: plan?.decay)
    guard let optimizer = plan?.optimizer else { return }
    optimiser.rate = optimizer.rate
    optimiser.epsilon = optimizer.epsilon
    optimiser.decay = optimizer.decay
    if optimizer.betas.count == 2 {
      optimiser.beta1 = optimizer.betas[0]
      optimiser.beta2 = optimizer.betas[1]
    }
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
