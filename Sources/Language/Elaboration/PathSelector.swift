// PathSelector: which layers and weights a path with wildcards means, followed step by step.
// Taking a derivative at each step, instead of matching whole names, keeps alike layers shared.

/// One step of a path pattern.
package struct PathStep: Hashable, Sendable {
  /// Which elements of a list are meant.
  package enum Elements: Hashable, Sendable {
    case all
    case range(Range<Int>)
  }

  /// The name, in which `*` stands for any characters.
  ///
  /// Alone before further steps `*` stands for any number of components, alone at the end for one.
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
    if step.name == "*", step.elements == nil, remaining.count > 1 {
      return [self] + rest.descending(into: name, element: element)
    }
    switch (step.elements, element) {
    case (.some(.range(let range)), .some(let index)) where !range.contains(index): return []
    case (.some, .none): return []
    default: return [rest]
    }
  }

  /// Whether elements of a list may be treated apart by this selector.
  package var dependsOnElement: Bool {
    remaining.contains { if case .range = $0.elements { true } else { false } }
  }
}

extension PathSelector {
  /// Whether a weight's dotted name, `h.0.attn.c_attn.weight`, or one of its layers is meant.
  package func matches(dotted name: String) -> Bool {
    var selectors = [self]
    let components = name.split(separator: ".").map(String.init)
    var position = 0
    while position < components.count {
      var element: Int?
      if position + 1 < components.count { element = Int(components[position + 1]) }
      var next: [PathSelector] = []
      for selector in selectors {
        next += selector.descending(into: components[position], element: element)
        // A single layer may have a number as its name only inside a list.
        if element != nil { next += selector.descending(into: components[position], element: nil) }
      }
      if next.contains(where: \.isComplete) { return true }
      selectors = next
      position += element == nil ? 1 : 2
    }
    return false
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
