// Witness: one assignment of numbers to symbols that shows a claim to be false.
// Apart from the verdict because diagnostics print it and tests evaluate it.

/// A point at which every assumption holds and a claim fails.
package struct Witness: Hashable, Sendable, CustomStringConvertible {
  package let values: [Symbol: Int]

  package init(values: [Symbol: Int]) {
    self.values = values
  }

  /// The values sorted by name, such as `B = 1, T = 1025`.
  package var description: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
  }
}
