// ScatterAddFusion: a gradient by index that is added to another gradient of the same table.
// A tied embedding has both; joined, the second table of vocabulary × width never exists.
import IR
import Operations

/// Joins a scatter-add and the addition that alone reads it.
struct ScatterAddFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var uses = plan.uses()
    for position in plan.nodes.indices where !plan.isReplaced(position) {
      let node = plan.nodes[position]
      guard node.operation is Add, node.operands.count == 2 else { continue }
      for (table, sum) in [
        (node.operands[0], node.operands[1]), (node.operands[1], node.operands[0]),
      ] {
        guard table != sum, plan.extents[table] == plan.extents[sum],
          uses.onlyReader(of: sum) == position, let scatter = uses.producer[sum],
          let adding = plan.nodes[scatter].operation as? ScatterAdd, uses.producer[table] != nil
        else { continue }
        plan.fuse(
          [scatter, position], as: AccumulatingScatter(ignoring: adding.ignoring),
          operands: plan.nodes[scatter].operands + [table], results: node.results)
        uses = plan.uses()
        break
      }
    }
  }
}
