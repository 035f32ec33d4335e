// BracketAxes: a pattern such as `b t [d]` and the axes that it brackets.
// Shared by the reductions and by every standard operation that works along axes.
import IR

/// A checked bracket pattern.
package struct BracketAxes: Hashable, Sendable {
  package let pattern: Pattern

  /// - Throws: ``Fault`` for a pattern of another form, or without brackets.
  package init(_ pattern: Pattern) throws(Fault) {
    try PatternForm.bracket.check(pattern)
    let bracketed = pattern.inputs[0].contains {
      if case .bracket = $0 { true } else { false }
    }
    guard bracketed else {
      throw Fault(
        "no-bracket", "the pattern brackets no axis", needs: "an axis in brackets",
        found: pattern.description)
    }
    self.pattern = pattern
  }

  /// The pattern that brackets the given axes of an operand; there must be one.
  package init(axes: Set<Int>, rank: Int) {
    precondition(!axes.isEmpty, "a bracket pattern without brackets")
    let items: [PatternAxis] = (0..<rank).map { axis in
      axes.contains(axis) ? .bracket([.name("a\(axis)")]) : .name("a\(axis)")
    }
    pattern = Pattern(inputs: [items], output: nil)
  }

  /// The bracketed axes of an operand with that many axes, in order.
  package func axes(rank: Int, operand: Int = 0, found: String? = nil) throws(Fault) -> [Int] {
    var count = 0
    var hasEllipsis = false
    for item in pattern.inputs[0] {
      switch item {
      case .bracket(let inner): count += inner.count
      case .ellipsis: hasEllipsis = true
      default: count += 1
      }
    }
    guard hasEllipsis ? rank >= count : rank == count else {
      let needed = hasEllipsis ? "at least \(count)" : "\(count)"
      throw Fault(
        "rank-mismatch", "the pattern has \(needed) axes, the operand has \(rank)",
        operand: operand, needs: "\(needed) axes", found: found)
    }
    var result: [Int] = []
    var axis = 0
    for item in pattern.inputs[0] {
      switch item {
      case .bracket(let inner):
        result += axis..<axis + inner.count
        axis += inner.count
      case .ellipsis: axis += rank - count
      default: axis += 1
      }
    }
    return result
  }

  /// The bracketed axes of an operand.
  package func axes(of type: TensorType, operand: Int = 0) throws(Fault) -> [Int] {
    try axes(rank: type.rank, operand: operand, found: type.shapeText)
  }
}
