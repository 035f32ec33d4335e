// Program: one elaborated model, folded.
// Checking, counting and reports walk this form, so that a thousand alike layers cost as much as one.
import Diagnostics
import Dimensions

/// A symbolic dimension of the model and where it was introduced.
package struct DeclaredDimension: Hashable, Sendable {
  package var symbol: Symbol
  package var range: SourceRange?

  package init(symbol: Symbol, range: SourceRange?) {
    self.symbol = symbol
    self.range = range
  }
}

/// A config field with its value, if it is a whole number, and its place.
package struct ConfigValue: Hashable, Sendable {
  package var name: String
  /// As printed; strings are quoted.
  package var text: String
  package var integer: Int?
  /// The range of the value in the source, where a fix would change it.
  package var range: SourceRange?
  /// True when the command line or a JSON file supplied the value.
  package var overridden: Bool

  package init(name: String, text: String, integer: Int?, range: SourceRange?, overridden: Bool) {
    self.name = name
    self.text = text
    self.integer = integer
    self.range = range
    self.overridden = overridden
  }
}

/// An elaborated model.
package struct Program: Sendable {
  package var name: String
  package var definitions: [Definition]
  package var functions: [Function]
  package var derivatives: [Derivative]
  /// The model itself.
  package var root: DefinitionID
  /// The model's forward; `nil` when it has none.
  package var entry: FunctionID?
  /// The training loss: the model's inputs and targets in, its outputs and a scalar `loss` out.
  package var loss: FunctionID?
  package var dimensions: [DeclaredDimension]
  package var assumptions: Assumptions
  package var config: [ConfigValue]

  package init(
    name: String, definitions: [Definition] = [], functions: [Function] = [],
    derivatives: [Derivative] = [], root: DefinitionID, entry: FunctionID? = nil,
    dimensions: [DeclaredDimension] = [], assumptions: Assumptions = .none,
    config: [ConfigValue] = []
  ) {
    self.name = name
    self.definitions = definitions
    self.functions = functions
    self.derivatives = derivatives
    self.root = root
    self.entry = entry
    self.dimensions = dimensions
    self.assumptions = assumptions
    self.config = config
  }

  package subscript(_ id: DefinitionID) -> Definition { definitions[id.index] }
  package subscript(_ id: FunctionID) -> Function { functions[id.index] }
  package subscript(_ id: DerivativeID) -> Derivative { derivatives[id.index] }
}
