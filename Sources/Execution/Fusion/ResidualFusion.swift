// ResidualFusion: a product and the addition of what was there before: a residual path, or a gradient
// with several contributions. Joined, the sum is made in registers, in place where the other term dies.
import IR
import Operations

/// Joins a product with the addition that alone reads it.
///
/// The other term must be there before the product, so that nothing lives longer than it did.
struct ResidualFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var site = FusionSite(plan)
    for position in plan.nodes.indices {
      let node = site.plan.nodes[position]
      guard node.operation is Add, node.operands.count == 2 else { continue }
      for (value, residual) in [
        (node.operands[0], node.operands[1]), (node.operands[1], node.operands[0]),
      ] {
        guard value != residual, plan.extents[value] == plan.extents[residual],
          site.uses.onlyReader(of: value) == position,
          let (place, product, work) = site.product(making: value),
          !work.addsResidual, site.isMade(residual, before: place)
        else { continue }
        var fused = work
        fused.addsResidual = true
        site.fuse(
          [place, position], as: fused, operands: product.operands + [residual],
          results: node.results + product.results.dropFirst(), at: place)
        break
      }
    }
    plan = site.plan
  }
}
