// ParsedArguments: what the user asked of one command.
// Values have passed the checks of their declarations; a command need not check them again.

/// The operands and options of one invocation.
package struct ParsedArguments: Hashable, Sendable {
  package internal(set) var operands: [String] = []
  var values: [String: [String]] = [:]

  /// Whether the option was given.
  package func has(_ option: String) -> Bool { values[option] != nil }

  /// Every value of a repeatable option, in order.
  package func all(_ option: String) -> [String] { values[option] ?? [] }

  /// The value of an option.
  package func value(_ option: String) -> String? { values[option]?.last }

  /// The value of an option that takes a whole number.
  package func integer(_ option: String) -> Int? { value(option).flatMap { Int($0) } }
}
