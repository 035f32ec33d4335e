// StepOptions: what a planned step is made for: which values survive, how many workers, AdamW or not.
// Every one of them changes the plan, so they are fixed before it is made.
import Kernels

/// The updates that a planned step makes once the gradients are there.
package struct OptimiserOptions: Hashable, Sendable {
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  package var decay: Double
  /// For each weight of the graph, whether it decays.
  package var decayed: [Bool]
  /// The norm over all gradients above which they are scaled down; all of them then live until the
  /// norm is known.
  package var globalNorm: Double?
  /// Whether the norm is wanted where nothing is clipped.
  package var measuresNorm = false

  package init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 1e-2,
    decayed: [Bool], globalNorm: Double? = nil
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
    self.decayed = decayed
    self.globalNorm = globalNorm
  }
}

/// How a step is planned.
package struct StepOptions: Sendable {
  /// The workers for which scratch memory is planned; results don't depend on it.
  package var workers = 1
  /// The kernels of an instruction set.
  package var kernels: any KernelSet.Type = KernelChoice.best
  /// Rules that join operations; none when every value is wanted.
  package var fusions: [any FusionRule] = FusionRules.standard
  /// Makes cheap results again in the backward pass instead of keeping them.
  package var recomputes = true
  /// Keeps every value of the graph to the end, for a comparison value by value.
  package var keepsEverything = false
  /// Keeps the gradients to the end; without it each dies once its weight is updated.
  package var keepsGradients = true
  /// Names of the outputs that are read after the step; `nil` for all.
  ///
  /// A training step reads the loss alone, and logits that nobody reads need not exist.
  package var outputs: Set<String>?
  /// Values that are read after the step beside outputs and gradients.
  package var kept: Set<Int> = []
  /// Weights whose memory the caller supplies, by number; read and never written.
  package var external: Set<Int> = []
  package var optimiser: OptimiserOptions?
  /// Uses no fast kernel at all: for tests that tell the plan's mistakes from the kernels'.
  package var plainOnly = false

  package init() {}
}
