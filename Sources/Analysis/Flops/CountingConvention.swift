// CountingConvention: what a tool or a paper counts as a FLOP, as data.
// Each convention is a table over kinds of work; the report only multiplies and adds.
import Dimensions

/// How FLOPs are counted.
package struct CountingConvention: Sendable {
  /// What one unit of a kind of work counts, and under which operator.
  package struct Rule: Hashable, Sendable {
    package var name: String
    package var factor: Int

    init(_ name: String, _ factor: Int) {
      self.name = name
      self.factor = factor
    }
  }

  package var name: String
  /// Who counts so.
  package var source: String
  /// What is counted, in a line.
  package var summary: String
  package var forward: [WorkKind: Rule]
  /// `nil` when no backward pass is counted.
  package var backward: [WorkKind: Rule]?
  /// Why a kind counts otherwise than FlopCounterMode counts it.
  package var reasons: [WorkKind: String] = [:]
  /// Whether only what the first result reads is counted.
  package var firstResultOnly = false
  /// FLOPs for each parameter and token, forward and backward.
  package var perParameter: (forward: Int, backward: Int)?

  /// The rules of a pass.
  package func rules(_ pass: WorkPass) -> [WorkKind: Rule] {
    pass == .forward ? forward : backward ?? [:]
  }
}

/// How the counted program computes attention.
package enum AttentionForm: String, Hashable, Sendable, CaseIterable {
  /// Two products and a softmax, each an operator.
  case eager
  /// One call, as PyTorch makes it on a processor.
  case cpu
  /// One call, by the kernels of a graphics processor.
  case flash, efficient, cudnn

  /// The operator that PyTorch calls; `nil` for two products.
  var operatorName: String? {
    switch self {
    case .eager: nil
    case .cpu: "aten._scaled_dot_product_flash_attention_for_cpu"
    case .flash: "aten._scaled_dot_product_flash_attention"
    case .efficient: "aten._scaled_dot_product_efficient_attention"
    case .cudnn: "aten._scaled_dot_product_cudnn_attention"
    }
  }
}
