// HeadLossFusion: finds an output head whose logits only a loss reads, forward and backward.
// Joined, the logits exist for a block of rows at a time; apart, they would be a step's largest value.
import IR
import Kernels
import Operations

/// Joins a product, cross-entropy, its gradient and the products that it goes back through.
///
/// Nothing happens when the logits, or their gradient, are wanted by anybody else, or when one of
/// the results is read before the last of the nodes that make them.
struct HeadLossFusion: FusionRule {
  func apply(to plan: inout PlanGraph) {
    var uses = plan.uses()
    for position in plan.nodes.indices where !plan.isReplaced(position) {
      guard let match = HeadLossMatch(plan, uses, loss: position) else { continue }
      plan.fuse(
        match.positions, as: match.fused, operands: match.operands, results: match.results)
      uses = plan.uses()
    }
  }
}

/// The nodes of one head and loss.
private struct HeadLossMatch {
  /// The loss first.
  private(set) var positions: [Int]
  private(set) var operands: [Int]
  private(set) var results: [Int]
  private(set) var fused: FusedHeadLoss

  init?(_ plan: PlanGraph, _ uses: PlanUses, loss position: Int) {
    let node = plan.nodes[position]
    guard let loss = node.operation as? CrossEntropy else { return nil }
    var (logits, targets) = (node.operands[0], node.operands[1])
    let rank = plan.extents[logits].count
    guard loss.classAxis(rank: rank) == rank - 1 else { return nil }
    positions = [position]
    let window = ScoredWindow(plan, uses, of: logits)
    if let window {
      guard uses.readers[logits].count <= 2 else { return nil }
      positions.append(window.position)
      logits = window.logits
    }
    guard let headPosition = uses.producer[logits], let head = HeadProduct(plan, headPosition)
    else { return nil }
    positions.append(headPosition)
    operands = [head.input, head.weight, targets]
    results = [node.results[0]]
    fused = FusedHeadLoss(
      isTransposed: head.isTransposed, ignore: loss.ignore, reduction: loss.reduction,
      head: plan.nodes[headPosition].members[0])
    fused.window = window?.slice
    if let bias = head.bias {
      fused.hasBias = true
      operands.append(bias)
    }
    let others = uses.readers[node.operands[0]].filter { $0 != position }
    if let back = others.first {
      guard others.count == 1, addGradient(plan, uses, at: back, of: node, head, window)
      else { return nil }
    }
    let inside = Set(positions)
    let last = inside.max() ?? position
    guard uses.isFree(logits, inside: inside), uses.isFree(node.operands[0], inside: inside),
      results.allSatisfy({ uses.readers[$0].allSatisfy { $0 > last } })
    else { return nil }
  }

  /// Takes in the gradient of the logits and everything that reads it.
  private mutating func addGradient(
    _ plan: PlanGraph, _ uses: PlanUses, at position: Int, of loss: PlanNode,
    _ head: HeadProduct, _ window: ScoredWindow?
  ) -> Bool {
    let node = plan.nodes[position]
    guard let gradient = node.operation as? CrossEntropyGradient,
      gradient.attributes == loss.operation?.attributes,
      Array(node.operands.prefix(2)) == loss.operands
    else { return false }
    var arriving = node.results[0]
    positions.append(position)
    operands.append(node.operands[2])
    if let window {
      guard let pad = uses.onlyReader(of: arriving), window.isUndone(by: plan.nodes[pad], plan)
      else { return false }
      positions.append(pad)
      arriving = plan.nodes[pad].results[0]
    }
    var (byInput, byWeight, byBias): (Int?, Int?, Int?)
    for reader in uses.readers[arriving] {
      if byInput == nil, head.isInputGradient(plan, reader, of: arriving) {
        byInput = reader
      } else if byWeight == nil, head.isWeightGradient(plan, reader, of: arriving) {
        byWeight = reader
      } else if byBias == nil, head.isBiasGradient(plan, reader, of: arriving) {
        byBias = reader
      } else {
        return false
      }
    }
    // The kernel sums the bias's gradient while it reads the logits for the weight's.
    guard byInput != nil || byWeight != nil, byBias == nil || byWeight != nil else { return false }
    fused.byInput = byInput.map { plan.nodes[$0].members[0] }
    fused.byWeight = byWeight.map { plan.nodes[$0].members[0] }
    fused.byBias = byBias.map { plan.nodes[$0].members[0] }
    for found in [byInput, byWeight, byBias] {
      guard let found else { continue }
      positions.append(found)
      results.append(plan.nodes[found].results[0])
    }
    return uses.isFree(arriving, inside: Set(positions))
  }
}

/// The part of the positions that has a target, as where each position is scored on the next token.
private struct ScoredWindow {
  /// Of the slice.
  var position: Int
  var logits: Int
  var slice: Slice

  init?(_ plan: PlanGraph, _ uses: PlanUses, of part: Int) {
    guard let position = uses.producer[part],
      let slice = plan.nodes[position].operation as? Slice,
      let axis = try? Extents.axis(slice.axis, rank: plan.extents[part].count),
      axis < plan.extents[part].count - 1
    else { return nil }
    self.position = position
    self.slice = slice
    logits = plan.nodes[position].operands[0]
  }

  /// Whether a node gives the positions outside the window zeros.
  func isUndone(by node: PlanNode, _ plan: PlanGraph) -> Bool {
    guard let pad = node.operation as? Pad, pad.before == slice.from else { return false }
    let extents = plan.extents[logits]
    return plan.extents[node.results[0]] == extents
      && (try? Extents.axis(pad.axis, rank: extents.count))
        == (try? Extents.axis(slice.axis, rank: extents.count))
  }
}

/// A product of rows with a weight, written as an affine layer or as an einsum.
private struct HeadProduct {
  var input: Int
  var weight: Int
  var bias: Int?
  /// Whether the weight lies as `[width, classes]`.
  var isTransposed: Bool

  init?(_ plan: PlanGraph, _ position: Int) {
    let node = plan.nodes[position]
    if let affine = node.operation as? Affine {
      (input, weight) = (node.operands[0], node.operands[1])
      bias = node.operands.count > 2 ? node.operands[2] : nil
      isTransposed = affine.transposed
    } else if let einsum = node.operation as? Einsum, let form = RowProduct(einsum, plan, node) {
      (input, weight, bias) = (form.rows, form.matrix, nil)
      isTransposed = form.isTransposed
    } else {
      return nil
    }
    // A value on both sides would have two gradients that can't be told apart.
    guard input != weight, plan.extents[weight].count == 2 else { return nil }
  }

  /// dX = dlogits · W.
  func isInputGradient(_ plan: PlanGraph, _ position: Int, of arriving: Int) -> Bool {
    let node = plan.nodes[position]
    if let affine = node.operation as? Affine {
      return node.operands == [arriving, weight] && affine.transposed != isTransposed
    }
    guard let einsum = node.operation as? Einsum, let form = RowProduct(einsum, plan, node) else {
      return false
    }
    return form.rows == arriving && form.matrix == weight && form.isTransposed != isTransposed
  }

  /// dW = dlogitsᵀ · X, in the weight's layout.
  func isWeightGradient(_ plan: PlanGraph, _ position: Int, of arriving: Int) -> Bool {
    let node = plan.nodes[position]
    guard let einsum = node.operation as? Einsum, node.operands.count == 2,
      let output = einsum.pattern.output, output.count == 2,
      Set(node.operands) == [arriving, input]
    else { return false }
    let first = node.operands[0] == arriving ? 0 : 1
    let (left, right) = (einsum.pattern.inputs[first], einsum.pattern.inputs[1 - first])
    guard let outer = left.last, let inner = right.last, outer != inner,
      left.dropLast() == right.dropLast(), outer != .ellipsis, inner != .ellipsis
    else { return false }
    return output == (isTransposed ? [inner, outer] : [outer, inner])
  }

  func isBiasGradient(_ plan: PlanGraph, _ position: Int, of arriving: Int) -> Bool {
    let node = plan.nodes[position]
    return bias != nil && node.operation is SumTo && node.operands == [arriving]
      && plan.extents[node.results[0]] == plan.extents[arriving].suffix(1)
  }
}

/// An einsum that multiplies the last axis of one operand with a matrix, the other.
private struct RowProduct {
  var rows: Int
  var matrix: Int
  /// Whether the matrix's first axis is the one that is summed.
  var isTransposed: Bool

  init?(_ einsum: Einsum, _ plan: PlanGraph, _ node: PlanNode) {
    guard node.operands.count == 2, let output = einsum.pattern.output, let made = output.last
    else { return nil }
    for first in [0, 1] {
      let (left, right) = (einsum.pattern.inputs[first], einsum.pattern.inputs[1 - first])
      guard right.count == 2, !right.contains(.ellipsis), let summed = left.last,
        summed != made, left.dropLast() == output.dropLast(), !left.dropLast().contains(summed),
        !left.contains(made), Set(right) == [summed, made]
      else { continue }
      rows = node.operands[first]
      matrix = node.operands[1 - first]
      isTransposed = right[0] == summed
      return
    }
    return nil
  }
}
