// GateFusion: an activation that is read by products with other values alone, as in gated layers.
// Joined, the activation's result never exists: forward and backward apply it on the way.
import IR
import Kernels
import Operations

/// Joins GELU or SiLU with each multiplication that reads its result.
struct GateFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var site = FusionSite(plan)
    for position in plan.nodes.indices {
      let node = site.plan.nodes[position]
      guard let function = GateFusion.function(node), let value = node.results.first,
        let argument = node.operands.first
      else { continue }
      let readers = site.uses.readers[value]
      guard !readers.isEmpty, site.uses.isFree(value, inside: Set(readers)),
        readers.allSatisfy({ GateFusion.other(than: value, at: $0, in: site) != nil })
      else { continue }
      // The activation's own place is emptied with its first reader.
      var inside = [position]
      for reader in readers {
        guard let other = GateFusion.other(than: value, at: reader, in: site) else { continue }
        site.fuse(
          [reader] + inside, as: GatedProduct(function: function), operands: [argument, other],
          results: site.plan.nodes[reader].results, at: reader)
        inside = []
      }
    }
    plan = site.plan
  }

  private static func function(_ node: PlanNode) -> ActivationFunction? {
    switch node.operation {
    case is Gelu: .gelu
    case is GeluTanh: .geluTanh
    case is Silu: .silu
    default: nil
    }
  }

  /// The other factor of a product that is as large as the value; `nil` when it is none.
  private static func other(than value: Int, at position: Int, in site: FusionSite) -> Int? {
    let node = site.plan.nodes[position]
    guard node.operation is Multiply, node.operands.count == 2 else { return nil }
    let other = node.operands[0] == value ? node.operands[1] : node.operands[0]
    let extents = site.plan.extents[value]
    guard other != value, site.plan.extents[other] == extents,
      site.plan.extents[node.results[0]] == extents
    else { return nil }
    return other
  }
}
