// FusionSite: a plan and who uses what in it, kept together while a rule edits the plan.
// Apart from the plan, because a rule over thousands of nodes can't count all uses after each edit.
import IR
import Kernels
import Operations

/// A plan under the hands of a rule.
struct FusionSite {
  private(set) var plan: PlanGraph
  private(set) var uses: PlanUses

  init(_ plan: PlanGraph) {
    self.plan = plan
    uses = plan.uses()
  }

  /// Replaces nodes by one; see ``PlanGraph/fuse(_:as:operands:results:at:)``.
  mutating func fuse(
    _ positions: [Int], as fused: any Lowerable, operands: [Int], results: [Int], at place: Int
  ) {
    var old: [Int: PlanNode] = [:]
    for position in positions { old[position] = plan.nodes[position] }
    plan.fuse(positions, as: fused, operands: operands, results: results, at: place)
    uses.replace(old, at: place, by: plan.nodes[place])
  }

  /// Whether a value is there before the node at a position runs.
  func isMade(_ value: Int, before position: Int) -> Bool {
    uses.producer[value].map { $0 < position } ?? true
  }

  /// Whether nobody reads the results of a node before another position.
  func isUnread(_ node: PlanNode, until position: Int) -> Bool {
    node.results.allSatisfy { value in uses.readers[value].allSatisfy { $0 > position } }
  }

  /// The product of matrices that makes a value, and where.
  func product(making value: Int) -> (position: Int, node: PlanNode, work: FusedProduct)? {
    guard let position = uses.producer[value] else { return nil }
    let node = plan.nodes[position]
    guard node.results.first == value, let work = product(node) else { return nil }
    return (position, node, work)
  }

  /// A node as a product of matrices; `nil` when it is none.
  func product(_ node: PlanNode) -> FusedProduct? {
    switch node.work {
    case .fused(let fused): return fused as? FusedProduct
    case .operation(let operation):
      guard operation is Affine || operation is Einsum, node.operands.count > 1 else { return nil }
      let work = FusedProduct(operation, factors: node.operands.count)
      let ranks = node.operands.map { plan.extents[$0].count }
      guard ranks[0] > 0, work.form(ranks: ranks)?.isProduct == true else { return nil }
      return work
    }
  }

  /// Whether a value is zero everywhere, as the plan can see.
  func isZero(_ value: Int) -> Bool {
    guard let position = uses.producer[value] else { return false }
    let node = plan.nodes[position]
    if let fill = node.operation as? Fill { return fill.value == 0 }
    guard node.operation is Broadcast || node.operation is BroadcastTo else { return false }
    return isZero(node.operands[0])
  }
}

extension ActivationFunction {
  /// The same function as the products of matrices call it.
  var kind: ActivationKind {
    switch self {
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .silu: .silu
    }
  }
}
