// ActivationGradientFusion: the gradient by a layer's input, on its way back through a function.
// Joined, the gradient by the function's result never exists.
import IR
import Kernels
import Operations

/// Joins a product with the activation gradient that alone reads it.
struct ActivationGradientFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var site = FusionSite(plan)
    for position in plan.nodes.indices {
      let node = site.plan.nodes[position]
      guard let slope = Slope(node, at: position, in: site),
        site.uses.onlyReader(of: slope.gradient) == position,
        let (place, product, work) = site.product(making: slope.gradient),
        work.product is Affine, work.isBare, site.isMade(slope.argument, before: place),
        plan.extents[slope.argument] == plan.extents[slope.gradient],
        plan.extents[node.results[0]] == plan.extents[slope.gradient]
      else { continue }
      var fused = work
      fused.slope = slope.kind
      site.fuse(
        [place, position] + slope.inside, as: fused,
        operands: product.operands + [slope.argument],
        results: node.results, at: place)
    }
    plan = site.plan
  }
}

/// A node that multiplies a gradient by the derivative of a function.
private struct Slope {
  let kind: ActivationKind
  let argument: Int
  let gradient: Int
  /// Positions of other nodes that are needed no more.
  let inside: [Int]

  init?(_ node: PlanNode, at place: Int, in site: FusionSite) {
    if let own = node.operation as? ActivationGradient {
      (kind, argument, gradient) = (own.function.kind, node.operands[0], node.operands[1])
      inside = []
      return
    }
    // ReLU's gradient chooses by the sign of the result, which is that of the argument.
    guard node.operation is Where, site.isZero(node.operands[2]),
      let position = site.uses.producer[node.operands[0]],
      let compare = site.plan.nodes[position].operation as? Compare, compare.relation == .greater,
      site.isZero(site.plan.nodes[position].operands[1])
    else { return nil }
    (kind, argument, gradient) = (.relu, site.plan.nodes[position].operands[0], node.operands[1])
    inside = site.uses.onlyReader(of: node.operands[0]) == place ? [position] : []
  }
}
