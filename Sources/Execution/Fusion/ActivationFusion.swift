// ActivationFusion: a linear layer and the function that is applied to its result.
// Joined, the result gets its final form in registers; what backward reads is written beside it.
import IR
import Kernels
import Operations

/// Joins an affine layer with GELU, SiLU or ReLU.
///
/// Where the layer's own result is read by others, the joined node makes both.
struct ActivationFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var site = FusionSite(plan)
    for position in plan.nodes.indices {
      let node = site.plan.nodes[position]
      guard let kind = ActivationFusion.kind(node), let argument = node.operands.first,
        let (place, product, work) = site.product(making: argument),
        work.product is Affine, work.isBare
      else { continue }
      var fused = work
      fused.activation = kind
      fused.keepsArgument = !site.uses.isFree(argument, inside: [position])
      site.fuse(
        [place, position], as: fused, operands: product.operands,
        results: node.results + (fused.keepsArgument ? [argument] : []), at: place)
    }
    plan = site.plan
  }

  private static func kind(_ node: PlanNode) -> ActivationKind? {
    switch node.operation {
    case is Gelu: .gelu
    case is GeluTanh: .geluTanh
    case is Silu: .silu
    case is Relu: .relu
    default: nil
    }
  }
}
