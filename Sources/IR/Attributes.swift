// Attributes: everything of an operation that is not an operand.
// The language's calls, the text form and the operations' initialisers all meet here.
import Dimensions

/// The value of one attribute.
package enum AttributeValue: Hashable, Sendable {
  case integer(Int)
  case float(Double)
  case boolean(Bool)
  case string(String)
  case dimension(Dimension)
  case dimensions([Dimension])
  case element(ElementType)
}

/// A pattern and named values: `{b t [v], ignore = -100}`.
package struct Attributes: Hashable, Sendable {
  package var pattern: Pattern?
  package var values: [String: AttributeValue]

  package init(pattern: Pattern? = nil, _ values: [String: AttributeValue] = [:]) {
    self.pattern = pattern
    self.values = values
  }

  /// A whole number, also from a constant dimension.
  package func integer(_ name: String) -> Int? {
    switch values[name] {
    case .integer(let value): value
    case .dimension(let value): value.constant
    default: nil
    }
  }

  /// A real number; whole numbers count.
  package func float(_ name: String) -> Double? {
    switch values[name] {
    case .float(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  /// A truth value.
  package func boolean(_ name: String) -> Bool? {
    if case .boolean(let value) = values[name] { value } else { nil }
  }

  /// A word.
  package func string(_ name: String) -> String? {
    if case .string(let value) = values[name] { value } else { nil }
  }

  /// A dimension, also from a whole number.
  package func dimension(_ name: String) -> Dimension? {
    switch values[name] {
    case .dimension(let value): value
    case .integer(let value): Dimension(value)
    default: nil
    }
  }

  /// A list of dimensions.
  package func dimensions(_ name: String) -> [Dimension]? {
    if case .dimensions(let value) = values[name] { value } else { nil }
  }

  /// An element type.
  package func element(_ name: String) -> ElementType? {
    if case .element(let value) = values[name] { value } else { nil }
  }
}
