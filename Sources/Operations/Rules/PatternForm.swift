// PatternForm: what may stand in an operation's pattern, checked before any operand is known.
// Apart from the size rules because these faults are about spelling, not about tensors.
import IR

/// The kinds of item that an operation's pattern may hold.
struct PatternForm {
  /// How many axis lists may stand before the arrow.
  var inputs: ClosedRange<Int>
  /// Whether an arrow and a result are needed; without it they are refused.
  var hasOutput: Bool
  var groups = false
  var numbers = false
  var brackets = false

  static let einsum = PatternForm(inputs: 1...2, hasOutput: true)
  static let rearrange = PatternForm(inputs: 1...1, hasOutput: true, groups: true, numbers: true)
  static let broadcast = PatternForm(inputs: 1...1, hasOutput: true)
  static let bracket = PatternForm(inputs: 1...1, hasOutput: false, brackets: true)

  /// - Throws: ``Fault`` of kind `pattern-form`, `pattern-item` or `repeated-axis`.
  func check(_ pattern: Pattern) throws(Fault) {
    guard inputs.contains(pattern.inputs.count) else {
      let needed =
        inputs.count == 1 ? "\(inputs.lowerBound)" : "\(inputs.lowerBound) or \(inputs.upperBound)"
      throw Fault(
        "pattern-form", "\(needed) axis lists are needed, found \(pattern.inputs.count)",
        needs: needed, found: "\(pattern.inputs.count)")
    }
    guard hasOutput == (pattern.output != nil) else {
      let message =
        hasOutput ? "the pattern needs `->` and a result" : "the pattern has no result after `->`"
      throw Fault("pattern-form", message, found: pattern.description)
    }
    for (list, axes) in pattern.inputs.enumerated() { try check(axes, list: list) }
    if let output = pattern.output { try check(output, list: nil) }
  }

  private func check(_ axes: [PatternAxis], list: Int?) throws(Fault) {
    var seen: Set<PatternAxis> = []
    func note(_ item: PatternAxis, _ place: Fault.PatternPlace) throws(Fault) {
      guard seen.insert(item).inserted else {
        throw Fault("repeated-axis", "`\(item)` stands twice in one axis list", place: place)
      }
    }
    for (position, axis) in axes.enumerated() {
      let place = Fault.PatternPlace(list: list, axis: position)
      switch axis {
      case .ellipsis: try note(axis, place)
      case .name, .number:
        try checkLeaf(axis, place)
        if case .name = axis { try note(axis, place) }
      case .group(let inner), .bracket(let inner):
        let isGroup = if case .group = axis { true } else { false }
        guard isGroup ? groups : brackets else {
          throw Fault(
            "pattern-item",
            "\(isGroup ? "a group" : "a bracket") cannot stand in this pattern", place: place)
        }
        for item in inner {
          try checkLeaf(item, place)
          if case .name = item { try note(item, place) }
        }
        if !isGroup, inner.isEmpty {
          throw Fault("pattern-item", "a bracket needs an axis", place: place)
        }
      }
    }
  }

  private func checkLeaf(_ axis: PatternAxis, _ place: Fault.PatternPlace) throws(Fault) {
    switch axis {
    case .name(let name):
      guard Pattern.isName(name) else {
        throw Fault("pattern-item", "`\(name)` is no name for an axis", place: place)
      }
    case .number(let value):
      guard numbers else {
        throw Fault("pattern-item", "the number \(value) cannot stand here", place: place)
      }
      guard value >= 1 else {
        throw Fault("pattern-item", "the size \(value) is not positive", place: place)
      }
    case .group, .bracket, .ellipsis:
      throw Fault("pattern-item", "groups hold names and numbers only", place: place)
    }
  }
}

extension Pattern {
  /// Whether a text is a letter or underscore followed by letters, digits and underscores.
  static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first else { return false }
    return (first == "_" || first.properties.isAlphabetic)
      && text.unicodeScalars.allSatisfy {
        $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0)
      }
  }
}
