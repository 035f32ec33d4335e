// Identifiers: the indices by which the parts of a program refer to one another.
// Each is a type of its own, so that a value can't be taken for a function.

/// A value of a function: an index into its `values`.
package struct ValueID: Hashable, Sendable, CustomStringConvertible {
  package let index: Int

  package init(index: Int) {
    self.index = index
  }

  package var description: String { "%\(index)" }
}

/// A function of the program.
package struct FunctionID: Hashable, Sendable {
  package let index: Int

  package init(index: Int) {
    self.index = index
  }
}

/// A block with its static arguments.
package struct DefinitionID: Hashable, Sendable {
  package let index: Int

  package init(index: Int) {
    self.index = index
  }
}

/// The backward region of a function for one choice of wanted gradients.
package struct DerivativeID: Hashable, Sendable {
  package let index: Int

  package init(index: Int) {
    self.index = index
  }
}
