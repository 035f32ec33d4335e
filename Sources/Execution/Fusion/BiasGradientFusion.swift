// BiasGradientFusion: the gradients of a layer's weight and of its bias, which read the same rows.
// Joined, the rows are summed while they are packed for the product.
import IR
import Kernels
import Operations

/// Joins the product that makes a weight's gradient with the sum over the rows of one operand.
struct BiasGradientFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var site = FusionSite(plan)
    for position in plan.nodes.indices where !site.plan.isReplaced(position) {
      let node = site.plan.nodes[position]
      guard node.operation is SumTo, let (place, operand) = product(for: position, in: site),
        var fused = site.product(site.plan.nodes[place]), site.isUnread(node, until: place)
      else { continue }
      let product = site.plan.nodes[place]
      fused.sums = operand
      site.fuse(
        [place, position], as: fused, operands: product.operands,
        results: product.results + node.results, at: place)
    }
    plan = site.plan
  }

  /// A product that sums over all axes of the value but the last.
  private func product(for position: Int, in site: FusionSite) -> (place: Int, operand: Int)? {
    let node = site.plan.nodes[position]
    let value = node.operands[0]
    let extents = site.plan.extents[value]
    guard extents.count > 1, site.plan.extents[node.results[0]] == extents.suffix(1) else {
      return nil
    }
    for place in site.uses.readers[value] {
      let reader = site.plan.nodes[place]
      guard reader.operands.count > 1, let work = site.product(reader), work.sums == nil,
        work.product is Einsum,
        let form = work.form(ranks: reader.operands.map { site.plan.extents[$0].count }),
        form.batch.isEmpty
      else { continue }
      for operand in [0, 1] where reader.operands[operand] == value {
        let axes = operand == 0 ? form.left : form.right
        if axes.dropLast().allSatisfy(form.sums.contains), form.sums.count == axes.count - 1 {
          return (place, operand)
        }
      }
    }
    return nil
  }
}
