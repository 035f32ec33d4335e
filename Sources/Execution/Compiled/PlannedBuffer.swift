// PlannedBuffer: a piece of memory that the step will need, before it has an address.
// What it is for decides how long it lives and under which head a report counts it.
import Kernels

/// What the memory of a step is for: the heads of a report.
package enum MemoryClass: String, Hashable, Sendable, CaseIterable {
  case weights
  case gradients
  /// Sums over micro-batches, which live between the runs.
  case gradientSums = "gradient sums"
  case optimiser = "optimiser state"
  case inputs
  case constants
  /// Made in the forward pass and read in the backward pass.
  case kept = "kept activations"
  /// Made and read within one pass.
  case activations = "working activations"
  case workspace
  case scratch
}

/// A buffer of a plan.
package struct PlannedBuffer: Sendable {
  /// Whose memory it is.
  package enum Place: Sendable {
    /// A weight of the graph, by its number: alive between the steps.
    case parameter(Int)
    /// An input of the graph, by its number.
    case input(Int)
    /// What is known when the plan is made.
    case constant(NDArray<Float>)
    /// State of the optimiser; all zero before the first step.
    case optimiser
    /// The sum of a weight's gradients over micro-batches.
    case gradientSum
    /// Alive from the instruction that first writes it to the last that reads it.
    case step(MemoryClass)
  }

  package var bytes: Int
  package var place: Place
  /// `h.0.attn.scores`.
  package var label: String
  /// The value for which it was made; `nil` for workspace and the like.
  package var value: Int?

  package init(bytes: Int, place: Place, label: String, value: Int? = nil) {
    self.bytes = bytes
    self.place = place
    self.label = label
    self.value = value
  }

  /// Whether the memory is the step's own, free for others before and after.
  package var isOfStep: Bool {
    if case .step = place { true } else { false }
  }
}
