// Pattern: the axes of rearrange, einsum and reductions, without source ranges.
// The language's pattern syntax lowers to it; operations print and compare it.

/// One item of an axis list.
package indirect enum PatternAxis: Hashable, Sendable {
  case name(String)
  case number(Int)
  /// `(h d)`: axes that are stored as one.
  case group([PatternAxis])
  /// `[s]`: axes that are reduced or normalised.
  case bracket([PatternAxis])
  /// `...`: any leading axes.
  case ellipsis
}

/// `b t (3 h d) -> 3 b h t d`.
package struct Pattern: Hashable, Sendable {
  /// One list of axes for each operand.
  package var inputs: [[PatternAxis]]
  package var output: [PatternAxis]?

  package init(inputs: [[PatternAxis]], output: [PatternAxis]?) {
    self.inputs = inputs
    self.output = output
  }
}

extension PatternAxis: CustomStringConvertible {
  package var description: String {
    switch self {
    case .name(let name): name
    case .number(let value): String(value)
    case .group(let axes): "(" + axes.map(\.description).joined(separator: " ") + ")"
    case .bracket(let axes): "[" + axes.map(\.description).joined(separator: " ") + "]"
    case .ellipsis: "..."
    }
  }
}

extension Pattern: CustomStringConvertible {
  package var description: String {
    func text(_ axes: [PatternAxis]) -> String {
      axes.map(\.description).joined(separator: " ")
    }
    let left = inputs.map(text).joined(separator: ", ")
    guard let output else { return left }
    return left + " -> " + text(output)
  }
}
