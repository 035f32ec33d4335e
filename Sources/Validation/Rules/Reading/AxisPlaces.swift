// AxisPlaces: which axes of an operand become which axes of a result.
// Patterns, broadcasting and axis attributes in one form, so that facts move alike through all.
import Dimensions
import IR

/// The names of the axes of one list of a pattern, `...` written out.
struct AxisNames {
  /// One list of names for each axis; several for a group, none for a number.
  var axes: [[String]] = []
  /// The axes in brackets.
  var marked: [Int] = []

  /// - Returns: `nil` when the list does not have as many axes as the value.
  init?(_ items: [PatternAxis], rank: Int) {
    let hasEllipsis = items.contains(.ellipsis)
    let rest = rank - (items.count - (hasEllipsis ? 1 : 0))
    guard hasEllipsis ? rest >= 0 : true else { return nil }
    for item in items {
      switch item {
      case .ellipsis:
        for index in 0..<max(rest, 0) { axes.append(["...\(index)"]) }
      case .bracket(let inner):
        for axis in inner {
          marked.append(axes.count)
          axes.append(AxisNames.names(of: axis))
        }
      default: axes.append(AxisNames.names(of: item))
      }
    }
    guard axes.count == rank else { return nil }
  }

  private static func names(of item: PatternAxis) -> [String] {
    switch item {
    case .name(let name): [name]
    case .group(let inner), .bracket(let inner): inner.flatMap(names(of:))
    case .number, .ellipsis: []
    }
  }

  /// The axes of another list that share a name with an axis.
  ///
  /// An axis that is merged with others, or split, has several places, or one that is not its own:
  /// then the place is given twice, so that what is tied to it is blurred.
  func places(of axis: Int, in other: AxisNames) -> [Int] {
    let names = Set(axes[axis])
    let found = other.axes.indices.filter { !names.isDisjoint(with: other.axes[$0]) }
    if found.count == 1, Set(other.axes[found[0]]) != names { return [found[0], found[0]] }
    return found
  }
}

extension GraphFact {
  /// The fact of an operand that is broadcast to a result, aligned from the last axis.
  func broadcast(from type: TensorType, toRank rank: Int) -> GraphFact {
    let shift = rank - type.rank
    return moved { axis in
      guard type.shape.indices.contains(axis), type.shape[axis].constant != 1 else { return [] }
      return [axis + shift]
    }
  }
}
