// JSONError: why a text is not JSON, and at which byte.
// Apart from the reader because configurations and weights files carry it in their own errors.

import Diagnostics

/// The first place at which a text stops being JSON (or exceeds the reader's limits).
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The byte at which reading stopped, counted from the start of the text.
  package let offset: Int
  /// What would have been right, such as "a value".
  package let expected: String
  /// What stands there, such as "`]`".
  package let found: String
  /// How to mend it, where that is not plain from the rest.
  package let help: String?

  package init(offset: Int, expected: String, found: String, help: String? = nil) {
    self.offset = offset
    self.expected = expected
    self.found = found
    self.help = help
  }

  /// One fact without its place: the place is drawn by whoever shows the text.
  package var message: String { "expected \(expected), found \(found)" }

  package var description: String { "\(message) at byte \(offset)" }
}

extension JSONError {
  /// The error as a diagnostic that points into its file.
  package func diagnostic(in source: SourceID) -> Diagnostic {
    Diagnostic(
      id: "invalid-json", message: message, range: SourceRange(source: source, at: offset),
      fixes: help.map { [FixIt(message: $0, effect: .none)] } ?? [])
  }
}
