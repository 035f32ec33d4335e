// Catalogue: every operation by name.
// The one list; adding an operation is one file and one line here.
import IR

/// All operations.
package enum Catalogue {
  /// The primitive operations.
  private static let primitives: [any Operation.Type] = [
    Einsum.self,
    Rearrange.self, Broadcast.self, BroadcastTo.self, Concatenate.self, Stack.self, Unstack.self,
    Add.self, Subtract.self, Multiply.self, Divide.self, Maximum.self, Minimum.self, Power.self,
    Negate.self, Exp.self, Log.self, Sqrt.self, Reciprocal.self, Sin.self, Cos.self, Tanh.self,
    Erf.self, Relu.self, Sigmoid.self, Absolute.self,
    Compare.self, Where.self, Cast.self, Logical.self, Not.self,
    Sum.self, Mean.self, Max.self, SumTo.self,
    Gather.self, ScatterAdd.self, Slice.self, Pad.self,
    Iota.self, Fill.self, Extent.self,
  ]

  /// The operations that also state their expansion into primitives.
  private static let standard: [any Operation.Type] = [
    Affine.self, Softmax.self, LogSoftmax.self, LayerNormalize.self, RMSNormalize.self,
    Gelu.self, GeluTanh.self, Silu.self, CrossEntropy.self, ScaledDotProductAttention.self,
    Rotary.self,
    // Gradients that are one pass over their operands.
    SoftmaxGradient.self, NormalizationGradient.self, ActivationGradient.self,
    CrossEntropyGradient.self, AttentionGradient.self,
  ]

  /// Every operation, primitives first.
  package static let all: [any Operation.Type] = primitives + standard

  private static let byName: [String: any Operation.Type] = Dictionary(
    all.map { ($0.schema.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// The operation of that name.
  package static func operation(named name: String) -> (any Operation.Type)? {
    byName[name]
  }
}
