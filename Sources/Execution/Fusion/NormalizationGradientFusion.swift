// NormalizationGradientFusion: the gradient of a normalisation and that of the path around it.
// Joined, both arrive at the residual stream in one pass over its rows.
import IR
import Operations

/// Joins a normalisation's gradient by its input with the addition that alone reads it.
struct NormalizationGradientFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var site = FusionSite(plan)
    for position in plan.nodes.indices {
      let node = site.plan.nodes[position]
      guard node.operation is Add, node.operands.count == 2 else { continue }
      for (value, residual) in [
        (node.operands[0], node.operands[1]), (node.operands[1], node.operands[0]),
      ] {
        guard value != residual, plan.extents[value] == plan.extents[residual],
          site.uses.onlyReader(of: value) == position, let place = site.uses.producer[value],
          let gradient = site.plan.nodes[place].operation as? NormalizationGradient,
          gradient.wantsInput, site.isMade(residual, before: place)
        else { continue }
        // A scale that several layers share has sums of its own, which are not the input's gradient.
        let own = site.plan.nodes[place]
        guard own.results.first == value else { continue }
        site.fuse(
          [place, position], as: AddingNormalizationGradient(gradient: gradient),
          operands: own.operands + [residual],
          results: node.results + own.results.dropFirst(), at: place)
        break
      }
    }
    plan = site.plan
  }
}
