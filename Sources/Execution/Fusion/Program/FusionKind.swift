// FusionKind: the patterns that are recognised in a program, and how often each was found.
// Tests and reports count them; a rule that stops to fire would otherwise only be slower.
import IR

/// An operation that a pattern of several stands for.
package enum FusionKind: String, Hashable, Sendable, CaseIterable {
  case attention
  case affine
  case softmax
  case layerNormalize = "layer_normalize"
  case rmsNormalize = "rms_normalize"
  case gelu
  case geluTanh = "gelu_tanh"
  case silu
}

/// A program with its patterns replaced, and what was found.
package struct FusedProgram: Sendable {
  package var program: Program
  /// For each function, in order, how often each pattern stood in it: a layer counts once.
  package var found: [[FusionKind: Int]]

  /// The patterns in all functions together, each function counted once however often it runs.
  package var total: [FusionKind: Int] {
    found.reduce(into: [:]) { sum, own in sum.merge(own, uniquingKeysWith: +) }
  }
}
