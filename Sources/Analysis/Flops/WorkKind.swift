// WorkKind: the kinds of work that tools which count FLOPs tell apart.
// Kinds of ours, without a tool's names: each convention is a table over them.
import Dimensions

/// A kind of work.
package enum WorkKind: String, Hashable, Sendable, CaseIterable, Comparable {
  // Multiply-adds.
  /// Rows times a weight stored `[out, in]`, plus a bias.
  case biasedLinear = "linear layer with a bias"
  /// Rows times a weight stored `[out, in]`.
  case plainLinear = "linear layer"
  /// Rows times a weight stored `[in, out]`, plus a bias.
  case biasedStored = "layer stored [in, out] with a bias"
  /// Rows times a weight stored `[in, out]`.
  case plainStored = "layer stored [in, out]"
  case convolution = "convolution"
  /// The two products around a softmax.
  case attention = "attention"
  /// The scores once more, where a fused attention makes them again for its gradient.
  case scoresAgain = "attention scores made again"
  /// A product added to something in the same call.
  case addedProduct = "product added to something"
  /// One matrix of activations times another.
  case matrices = "product of two matrices"
  /// Any other product of two activations.
  case product = "product"
  /// Rows times the matrix of the expert that was chosen for them.
  case routed = "routed expert"
  case angles = "rotary angles"
  // Elements.
  case scaledNorm = "layer norm with a scale"
  case plainNorm = "layer norm without a scale"
  case softmax = "softmax"
  case relu = "relu"
  case silu = "silu"
  /// A GELU that the model's code calls itself.
  case gelu = "gelu"
  case convolutionBias = "bias of a convolution"
  case storedBias = "bias of a layer stored [in, out]"

  /// Whether the amount is multiply-adds, and not elements.
  package var isContraction: Bool { self <= .angles }

  package static func < (left: WorkKind, right: WorkKind) -> Bool { left.order < right.order }

  private var order: Int { WorkKind.allCases.firstIndex(of: self) ?? 0 }
}

/// Which pass of a training step.
package enum WorkPass: String, Hashable, Sendable, CaseIterable {
  case forward, backward
}

/// Amounts of work by kind: multiply-adds, or elements.
package struct WorkAmounts: Hashable, Sendable {
  package private(set) var amounts: [WorkKind: Dimension] = [:]

  package init() {}

  package subscript(_ kind: WorkKind) -> Dimension { amounts[kind] ?? 0 }

  mutating func add(_ amount: Dimension, of kind: WorkKind) {
    amounts[kind, default: 0] += amount
  }

  mutating func add(_ other: WorkAmounts, times: Dimension = 1) {
    for (kind, amount) in other.amounts { add(amount * times, of: kind) }
  }

  func substituting(_ sizes: [Symbol: Dimension]) -> WorkAmounts {
    var result = self
    result.amounts = amounts.mapValues { $0.substituting(sizes) }
    return result
  }
}
