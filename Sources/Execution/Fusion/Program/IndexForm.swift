// IndexForm: integers that grow evenly along axes, such as positions, and comparisons of them.
// It tells a causal mask from any other, whatever way it is written.
import Dimensions
import IR
import Kernels
import Operations

/// `offset + Σ step · position`, with axes counted from the last.
private struct IndexForm {
  var steps: [Int: Int] = [:]
  var offset: Dimension = 0

  func adding(_ other: IndexForm, times factor: Int) -> IndexForm {
    var sum = self
    for (axis, step) in other.steps { sum.steps[axis, default: 0] += factor * step }
    sum.steps = sum.steps.filter { $0.value != 0 }
    sum.offset += Dimension(factor) * other.offset
    return sum
  }
}

/// A mask that shows key `k` to query `q` when `k <= q + offset`.
struct CausalForm {
  /// The axes of query and key, counted from the last axis of the mask.
  var query: Int
  var key: Int
  var offset: Dimension
}

extension RegionView {
  /// Reads a mask as a comparison of positions.
  ///
  /// - Parameters:
  ///   - mask: booleans.
  ///   - inverted: whether what is true is hidden.
  /// - Returns: the comparison; `nil` for any other mask.
  func causal(_ mask: ValueID, inverted: Bool) -> CausalForm? {
    var (mask, inverted) = (trace(mask), inverted)
    if let operands = operands(of: mask.source, Not.self), mask.nodes.isEmpty {
      (mask, inverted) = (trace(operands[0]), !inverted)
    }
    // A repeated mask has its axes where the comparison has them, or it is read as any other.
    let rank = mask.axes.count
    let own = self.rank(of: mask.source)
    for (place, from) in mask.axes.enumerated() where from != nil && from != place - (rank - own) {
      return nil
    }
    guard let (operation, operands) = operation(of: mask.source),
      let compare = operation as? Compare,
      let left = indexForm(operands[0]), let right = indexForm(operands[1])
    else { return nil }
    // The difference is at most, or at least, a limit.
    let difference = left.adding(right, times: -1)
    var relation = compare.relation
    if inverted {
      switch relation {
      case .less: relation = .greaterOrEqual
      case .lessOrEqual: relation = .greater
      case .greater: relation = .lessOrEqual
      case .greaterOrEqual: relation = .less
      case .equal, .notEqual: return nil
      }
    }
    let (sign, limit): (Int, Dimension)
    switch relation {
    case .less: (sign, limit) = (1, -1)
    case .lessOrEqual: (sign, limit) = (1, 0)
    case .greater: (sign, limit) = (-1, -1)
    case .greaterOrEqual: (sign, limit) = (-1, 0)
    case .equal, .notEqual: return nil
    }
    // sign · difference <= limit
    let steps = difference.steps.mapValues { sign * $0 }
    guard steps.count == 2, let key = steps.first(where: { $0.value == 1 })?.key,
      let query = steps.first(where: { $0.value == -1 })?.key
    else { return nil }
    return CausalForm(
      query: query, key: key, offset: limit - Dimension(sign) * difference.offset)
  }

  private func indexForm(_ value: ValueID, depth: Int = 0) -> IndexForm? {
    if let constant = constant(value) {
      return Int(exactly: constant).map { IndexForm(offset: Dimension($0)) }
    }
    guard depth < 16, let (operation, operands) = operation(of: value) else { return nil }
    func form(_ index: Int) -> IndexForm? { indexForm(operands[index], depth: depth + 1) }
    switch operation {
    case is Iota: return IndexForm(steps: [0: 1])
    case let extent as Extent: return IndexForm(offset: extent.size)
    case is Cast:
      // Real numbers hold positions exactly; a mask is no position.
      return type(of: operands[0]).element == .bool || type(of: value).element == .bool
        ? nil : form(0)
    case is Add: return form(0).flatMap { left in form(1).map { left.adding($0, times: 1) } }
    case is Subtract: return form(0).flatMap { left in form(1).map { left.adding($0, times: -1) } }
    case is Negate: return form(0).map { IndexForm().adding($0, times: -1) }
    case is Rearrange, is Broadcast, is BroadcastTo:
      let trace = trace(value)
      guard trace.source != value, let inner = indexForm(trace.source, depth: depth + 1) else {
        return nil
      }
      var moved = IndexForm(offset: inner.offset)
      let (rank, own) = (trace.axes.count, self.rank(of: trace.source))
      for (place, from) in trace.axes.enumerated() {
        guard let from, let step = inner.steps[own - 1 - from] else { continue }
        moved.steps[rank - 1 - place] = step
      }
      return moved
    default: return nil
    }
  }
}
