// Setting: `--set NAME=VALUE`, for config fields and for sizes of dimensions.
// A capital name is a dimension, as in the language itself.
import Language

/// One `--set`.
package struct Setting: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// Parses `NAME=VALUE`; `nil` when there is no name or no `=`.
  package init?(parsing text: String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
    self.init(name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
  }

  /// Whether the setting is the size of a dimension.
  package var isDimension: Bool { name.first?.isUppercase == true }

  /// The value as a whole number, digits grouped by `_` or not.
  package var integer: Int? { Int(value.filter { $0 != "_" }) }

  /// The value as static code sees it.
  package var staticValue: StaticValue {
    if let integer { return .literal(integer) }
    if let number = Double(value) { return .float(number) }
    switch value {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "none": return .none
    default: return .string(value)
    }
  }
}
