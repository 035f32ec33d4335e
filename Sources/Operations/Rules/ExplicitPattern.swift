// ExplicitPattern: a pattern for operands of known rank, with every `...` written out.
// All rules and gradients work on it, so that the ellipsis is understood in one place.
import IR

/// One item of an axis list and where it was written.
package struct PatternItem: Hashable, Sendable {
  package var axis: PatternAxis
  /// The position in the list as it was written, for carets.
  package var position: Int

  /// The names inside, in order.
  package var names: [String] {
    switch axis {
    case .name(let name): [name]
    case .group(let inner), .bracket(let inner):
      inner.compactMap { if case .name(let name) = $0 { name } else { nil } }
    case .number, .ellipsis: []
    }
  }
}

/// A pattern without ellipses: one item for each axis of each operand.
package struct ExplicitPattern {
  package private(set) var inputs: [[PatternItem]] = []
  package private(set) var output: [PatternItem] = []
  /// The names that stand for the axes of `...`, outermost first.
  private(set) var ellipsisNames: [String] = []

  /// - Throws: ``Fault`` of kind `rank-mismatch` when the axes are not as many as the items, or
  ///   `...` stands for different numbers of axes.
  package init(_ pattern: Pattern, shapes: [TensorType]) throws(Fault) {
    try self.init(pattern, ranks: shapes.map(\.rank), found: shapes.map(\.shapeText))
  }

  init(_ pattern: Pattern, ranks: [Int], found: [String] = []) throws(Fault) {
    var width: Int?
    for (list, axes) in pattern.inputs.enumerated() where list < ranks.count {
      let hasEllipsis = axes.contains(.ellipsis)
      let rest = ranks[list] - (axes.count - (hasEllipsis ? 1 : 0))
      let text = list < found.count ? found[list] : nil
      guard hasEllipsis ? rest >= 0 : rest == 0 else {
        let needed = hasEllipsis ? "at least \(axes.count - 1)" : "\(axes.count)"
        throw Fault(
          "rank-mismatch", "the pattern has \(needed) axes, the operand has \(ranks[list])",
          operand: list, needs: "\(needed) axes", found: text)
      }
      guard hasEllipsis else { continue }
      if let width, width != rest {
        throw Fault(
          "rank-mismatch", "`...` stands for \(width) axes before and for \(rest) here",
          operand: list, needs: "\(width + axes.count - 1) axes", found: text)
      }
      width = rest
    }
    ellipsisNames = ExplicitPattern.freshNames(width ?? 0, besides: pattern)
    inputs = pattern.inputs.map { expand($0) }
    output = expand(pattern.output ?? [])
  }

  /// The name as a message shows it.
  func display(_ name: String) -> String {
    if let index = ellipsisNames.firstIndex(of: name) { return "axis \(index) of `...`" }
    return "axis `\(name)`"
  }

  private func expand(_ axes: [PatternAxis]) -> [PatternItem] {
    axes.enumerated().flatMap { position, axis in
      let items = axis == .ellipsis ? ellipsisNames.map { PatternAxis.name($0) } : [axis]
      return items.map { PatternItem(axis: $0, position: position) }
    }
  }

  /// Names that the pattern does not use.
  private static func freshNames(_ count: Int, besides pattern: Pattern) -> [String] {
    let lists = pattern.inputs + [pattern.output ?? []]
    let used = Set(lists.joined().flatMap { PatternItem(axis: $0, position: 0).names })
    var prefix = "e"
    while (0..<count).contains(where: { used.contains(prefix + String($0)) }) { prefix += "_" }
    return (0..<count).map { prefix + String($0) }
  }
}
