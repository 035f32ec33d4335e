// UsageError: a command line that asks for nothing we know.
// Apart from the parser because commands find such errors too, in the values they are given.

/// Why a command line was rejected; the tool then exits with 2.
package struct UsageError: Error, Hashable, Sendable {
  /// One line: lower case, no full stop.
  package var message: String
  /// The known name that was probably meant, as it would be typed.
  package var suggestion: String?

  package init(_ message: String, suggestion: String? = nil) {
    self.message = message
    self.suggestion = suggestion
  }

  /// The message with its suggestion.
  package var text: String {
    message + (suggestion.map { "; did you mean `\($0)`?" } ?? "")
  }
}
