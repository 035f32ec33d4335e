// Recomputation: results of cheap operations that the backward pass makes again instead of keeping.
// A step's memory is what survives the forward pass; a GELU costs less time than it takes room.
import IR
import Operations

/// An operation whose result is cheaper to make twice than to keep from one pass to the other.
package protocol RecomputedOperation: Lowerable {}

extension Gelu: RecomputedOperation {}
extension GeluTanh: RecomputedOperation {}
extension Silu: RecomputedOperation {}
extension LayerNormalize: RecomputedOperation {}
extension RMSNormalize: RecomputedOperation {}
extension Multiply: RecomputedOperation {}

/// Decides, node by node of the backward pass, what is made again.
///
/// A value is made again once, before its first reader in the backward pass, and only when that
/// keeps nothing alive for much longer: every operand is read later still or was just read, is a
/// weight or an input, or is itself made again.
struct Recomputation {
  /// For each value, the node of the graph that made it in the forward pass, if it may be repeated.
  private var candidates: [Int: Int] = [:]
  /// How far what is made again may rest on what is made again.
  private static let depth = 4
  /// How many nodes longer an operand may be kept for it.
  private static let delay = 8
  /// Buffers that the backward pass has written: what the forward pass left there may be gone.
  private var overwritten: Set<Int> = []
  /// Instructions that were looked at for it.
  private var seen = 0

  init(_ plan: PlanGraph) {
    for (index, node) in plan.graph.nodes.enumerated() where node.phase == .forward {
      guard node.operation is any RecomputedOperation, node.results.count == 1 else { continue }
      let value = node.results[0]
      if !plan.isKept[value] { candidates[value] = index }
    }
  }

  /// Makes again what a node reads, where that is worth it.
  mutating func prepare(
    _ node: PlanNode, in lowering: inout Lowering
  ) throws(ExecutionFault) {
    guard node.phase == .backward else { return }
    for instruction in lowering.instructions[seen...] where instruction.phase != .forward {
      overwritten.formUnion(instruction.writes.map(\.buffer))
    }
    seen = lowering.instructions.count
    for operand in Set(node.operands).sorted() where candidates[operand] != nil {
      var order: [Int] = []
      guard isCheap(operand, lowering, depth: 0, &order) else {
        // Whatever holds it back now holds for its later readers too.
        candidates[operand] = nil
        continue
      }
      for value in order { try make(value, in: &lowering) }
    }
  }

  /// Whether a value can be made again, and what has to be before it, in order.
  private func isCheap(
    _ value: Int, _ lowering: Lowering, depth: Int, _ order: inout [Int]
  ) -> Bool {
    guard depth < Recomputation.depth, let index = candidates[value],
      lowering.views[value] != nil || depth > 0
    else { return false }
    for operand in lowering.plan.graph.nodes[index].operands {
      if isThere(operand, lowering) || order.contains(operand) { continue }
      guard isCheap(operand, lowering, depth: depth + 1, &order) else { return false }
    }
    order.append(value)
    return true
  }

  /// Whether a value is still there when the node is lowered, and after it for whoever asks.
  private func isThere(_ value: Int, _ lowering: Lowering) -> Bool {
    guard let view = lowering.views[value] else { return lowering.constants[value] != nil }
    guard case .step = lowering.buffers[view.buffer].place else { return true }
    if lowering.plan.isKept[value] { return true }
    guard let last = lowering.uses.readers[value].last else { return false }
    return last > lowering.position
      || (last >= lowering.position - Recomputation.delay && !overwritten.contains(view.buffer))
  }

  private mutating func make(_ value: Int, in lowering: inout Lowering) throws(ExecutionFault) {
    guard let index = candidates.removeValue(forKey: value) else { return }
    let node = lowering.plan.graph.nodes[index]
    guard let operation = node.operation as? any RecomputedOperation else { return }
    lowering.views[value] = nil
    lowering.reserved[value] = nil
    lowering.isRecomputing = true
    defer { lowering.isRecomputing = false }
    try operation.lower(
      PlanNode(
        work: .operation(node.operation), operands: node.operands, results: node.results,
        members: [index], scope: node.scope, phase: .backward),
      in: &lowering)
  }
}
