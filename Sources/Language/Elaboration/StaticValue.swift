// StaticValue: what is known before any tensor exists: numbers, words, dimensions, layers.
// A whole number carries its formula in the config's names, so that counts can be solved for them.
import Diagnostics
import Dimensions
import IR

/// A layer as static code sees it.
package struct LayerValue: Hashable, Sendable {
  /// What the reference leads to.
  package enum Form: Hashable, Sendable {
    case single(DefinitionID)
    case list([Run])
    case shared(DefinitionID, times: Int)
  }

  package var reference: InstanceReference
  package var form: Form

  package init(reference: InstanceReference, form: Form) {
    self.reference = reference
    self.form = form
  }
}

/// A value that is known when a block is instantiated.
package indirect enum StaticValue: Hashable, Sendable {
  /// A whole number and its formula in the config's names.
  case integer(Int, formula: Dimension)
  case float(Double)
  case boolean(Bool)
  case string(String)
  case none
  case list([StaticValue])
  /// A symbolic dimension or a formula of some.
  case dimension(Dimension)
  case layer(LayerValue)
  /// A value whose expression was wrong; already reported.
  case invalid

  /// A literal number: its formula is itself.
  package static func literal(_ value: Int) -> StaticValue {
    .integer(value, formula: Dimension(value))
  }

  /// The value as a dimension, for whole numbers and dimensions.
  package var asDimension: Dimension? {
    switch self {
    case .integer(let value, _): Dimension(value)
    case .dimension(let dimension): dimension
    default: nil
    }
  }

  /// The formula in the config's names, for whole numbers and dimensions.
  package var formula: Dimension? {
    switch self {
    case .integer(_, let formula): formula
    case .dimension(let dimension): dimension
    default: nil
    }
  }

  /// The value as a real number, for numbers.
  package var asDouble: Double? {
    switch self {
    case .integer(let value, _): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// What the language calls this kind of value.
  package var kindName: String {
    switch self {
    case .integer: "Int"
    case .float: "Float"
    case .boolean: "Bool"
    case .string: "String"
    case .none: "none"
    case .list: "list"
    case .dimension: "Dim"
    case .layer: "layer"
    case .invalid: "invalid value"
    }
  }

  /// The value as it is printed in arguments and notes.
  package var text: String {
    switch self {
    case .integer(let value, _): "\(value)"
    case .float(let value): "\(value)"
    case .boolean(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .none: "none"
    case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .dimension(let value): value.description
    case .layer: "layer"
    case .invalid: "?"
    }
  }

  /// How many values this is: a list is itself and everything in it.
  package var size: Int {
    if case .list(let values) = self { values.reduce(1) { $0 + $1.size } } else { 1 }
  }

  /// Whether the value is the same, formulas apart.
  package func isSame(as other: StaticValue) -> Bool {
    switch (self, other) {
    case (.integer(let a, _), .integer(let b, _)): a == b
    case (.integer(let a, _), .float(let b)): Double(a) == b
    case (.float(let a), .integer(let b, _)): a == Double(b)
    case (.list(let a), .list(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    default:
      // A size that does not depend on any symbol is a number: T % 1 is 0.
      if let a = asDimension, let b = other.asDimension { a == b } else { self == other }
    }
  }
}

/// A static name: its value, where it was bound and to what.
package struct StaticBinding: Sendable {
  package var value: StaticValue
  /// The range that a reader should look at: the name where it is bound.
  package var range: SourceRange?
  /// The expression bound, if one was written.
  package var expression: Expression?
  /// The derivation of the value, back to literals.
  package var origin: AxisOrigin

  package init(
    value: StaticValue, range: SourceRange?, expression: Expression? = nil,
    origin: AxisOrigin = .unknown
  ) {
    self.value = value
    self.range = range
    self.expression = expression
    self.origin = origin
  }
}
