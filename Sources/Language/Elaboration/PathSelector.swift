// PathSelector: which layers and weights a path with wildcards means, followed step by step.
// Taking a derivative at each step, instead of matching whole names, keeps alike layers shared.

/// One step of a path pattern.
package struct PathStep: Hashable, Sendable {
  /// Which elements of a list are meant.
  package enum Elements: Hashable, Sendable {
    case all
    case range(Range<Int>)
  }

  /// The name; `*` stands for any characters, and alone for one or more whole components.
  package var name: String
  package var elements: Elements?

  package init(name: String, elements: Elements?) {
    self.name = name
    self.elements = elements
  }
}

/// What is left of a path pattern below some layer.
package struct PathSelector: Hashable, Sendable {
  /// Which selection this belongs to, in the order of the source.
  package var selection: Int
  package var remaining: [PathStep]

  package init(selection: Int, remaining: [PathStep]) {
    self.selection = selection
    self.remaining = remaining
  }

  /// True when nothing is left: the layer or weight reached is meant.
  package var isComplete: Bool { remaining.isEmpty }

  /// What is left after descending to a child or weight.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - element: its index, for the element of a list.
  /// - Returns: the selectors that go on below; a complete one means this very layer.
  package func descending(into name: String, element: Int?) -> [PathSelector] {
    guard let step = remaining.first else { return [] }
    let rest = PathSelector(selection: selection, remaining: Array(remaining.dropFirst()))
    guard Glob.matches(step.name, name) else { return [] }
    var result: [PathSelector] = []
    if step.name == "*", step.elements == nil, remaining.count > 1 { result.append(self) }
    switch (step.elements, element) {
    case (.some(.range(let range)), .some(let index)) where !range.contains(index): return result
    case (.some, .none): return result
    default: result.append(rest)
    }
    return result
  }

  /// Whether elements of a list may be treated apart by this selector.
  package var dependsOnElement: Bool {
    remaining.contains { if case .range = $0.elements { true } else { false } }
  }
}

/// Matching of names with `*`.
package enum Glob {
  /// Whether `pattern`, in which `*` stands for any characters, matches all of `text`.
  package static func matches(_ pattern: String, _ text: String) -> Bool {
    if !pattern.utf8.contains(UInt8(ascii: "*")) { return pattern == text }
    let pattern = Array(pattern.utf8)
    let text = Array(text.utf8)
    var p = 0
    var t = 0
    var star: Int?
    var mark = 0
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = p
        mark = t
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let back = star {
        p = back + 1
        mark += 1
        t = mark
      } else {
        return false
      }
    }
    while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
    return p == pattern.count
  }
}
