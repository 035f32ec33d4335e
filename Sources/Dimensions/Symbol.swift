// Symbol: the name of a dimension that is not known yet, such as B, T or width.
// Apart from Dimension because assumptions, witnesses and substitutions are keyed by it.

/// A named unknown that stands for an integer.
package struct Symbol: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) {
    self.name = name
  }

  package var description: String { name }

  package static func < (left: Symbol, right: Symbol) -> Bool {
    left.name < right.name
  }
}
