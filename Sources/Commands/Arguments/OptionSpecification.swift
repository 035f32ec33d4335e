// OptionSpecification: the options and operands that a command declares.
// Help, parsing and near misses read the same declarations, so that they can't disagree.

/// One option of a command.
package struct OptionSpecification: Hashable, Sendable {
  /// What follows the option.
  package enum Value: Hashable, Sendable {
    /// Nothing: the option is on or off.
    case none
    /// Any text, called so in help: `NAME=VALUE`.
    case text(String)
    /// A whole number, called so in help.
    case integer(String)
    /// One of these words; the first is the default.
    case choice(String, [String])
  }

  /// The long name without its dashes.
  package var name: String
  package var value: Value
  package var isRepeatable: Bool
  /// Another name of one letter, `o` for `-o`.
  package var letter: Character?
  /// One line for help: lower case, no full stop.
  package var summary: String

  package init(
    _ name: String, _ value: Value = .none, isRepeatable: Bool = false,
    letter: Character? = nil, summary: String
  ) {
    self.name = name
    self.value = value
    self.isRepeatable = isRepeatable
    self.letter = letter
    self.summary = summary
  }

  /// `--format FORMAT`, as help prints it.
  package var usage: String {
    let names = (letter.map { "-\($0), " } ?? "") + "--\(name)"
    return switch value {
    case .none: names
    case .text(let placeholder), .integer(let placeholder), .choice(let placeholder, _):
      "\(names) \(placeholder)"
    }
  }

  /// Whether a word of the command line names the option.
  func isNamed(_ word: some StringProtocol) -> Bool {
    word == "--\(name)" || letter.map { word == "-\($0)" } ?? false
  }
}

/// The files or names that a command works on.
package struct OperandSpecification: Hashable, Sendable {
  /// How many are accepted.
  package enum Count: Hashable, Sendable {
    case one
    case two
    case atMostOne
    case atLeastOne
  }

  /// The name in help: `FILE`.
  package var name: String
  package var count: Count
  /// One line for help: lower case, no full stop.
  package var summary: String

  package init(_ name: String, _ count: Count, summary: String) {
    self.name = name
    self.count = count
    self.summary = summary
  }

  /// `FILE…`, as help prints it.
  package var usage: String {
    switch count {
    case .one: name
    case .two: "\(name) \(name)"
    case .atMostOne: "[\(name)]"
    case .atLeastOne: "\(name)…"
    }
  }
}
