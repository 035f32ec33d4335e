// StepOptions: what a planned step is made for: which values survive, how many workers, which updates.
// Every one of them changes the plan, so they are fixed before it is made.
import Kernels

/// The updates that a planned step makes once the gradients are there.
package struct OptimiserOptions: Hashable, Sendable {
  /// The method and its constants; the rate is told at each update.
  package var settings: OptimiserSettings
  /// For each weight of the graph, whether it decays.
  package var decayed: [Bool]
  /// The norm over all gradients above which they are scaled down; all of them then live until the
  /// norm is known.
  package var globalNorm: Double?
  /// Whether the norm is wanted where nothing is clipped.
  package var measuresNorm = false
  /// Whether gradients are summed over micro-batches before they are used.
  ///
  /// The sums live between the runs; a gradient dies once it is added.
  package var accumulates = false

  package init(
    _ settings: OptimiserSettings = OptimiserSettings(), decayed: [Bool],
    globalNorm: Double? = nil, measuresNorm: Bool = false, accumulates: Bool = false
  ) {
    self.settings = settings
    self.decayed = decayed
    self.globalNorm = globalNorm
    self.measuresNorm = measuresNorm
    self.accumulates = accumulates
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
  /// Whether a row has the same bits alone and among others, which costs some speed.
  package var keepsRows = false
  /// Uses no fast kernel at all: for tests that tell the plan's mistakes from the kernels'.
  package var plainOnly = false

  package init() {}
}
