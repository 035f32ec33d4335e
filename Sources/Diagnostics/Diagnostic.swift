// Diagnostic: one mistake as data, with its facts, its notes and its fixes.
// No layout lives here; the renderers decide how a diagnostic looks.

/// How much a diagnostic weighs.
package enum Severity: String, Hashable, Sendable, CaseIterable {
  /// The model is wrong.
  case error
  /// The model is probably not what its author meant.
  case warning
  /// A remark that asks for nothing.
  case note
}

/// One mistake in the user's input.
///
/// All texts are lower case and without a full stop; both sides of a mismatch are named in
/// `message`, and a remedy stands only in `fixes`.
package struct Diagnostic: Hashable, Sendable {
  /// The kebab-case name of the kind of mistake, as in `shape-mismatch`.
  package var id: String
  package var severity: Severity
  /// One line that stands alone.
  package var message: String
  /// The smallest expression that is wrong.
  package var range: SourceRange?
  /// A few words printed after the carets, such as `[B, T, 768]`.
  package var label: String?
  /// What is known and needed, printed under the snippet.
  package var facts: [Fact]
  /// Further places and remarks.
  package var notes: [Note]
  /// What would resolve it, best first.
  package var fixes: [FixIt]

  package init(
    id: String, severity: Severity = .error, message: String, range: SourceRange? = nil,
    label: String? = nil, facts: [Fact] = [], notes: [Note] = [], fixes: [FixIt] = []
  ) {
    self.id = id
    self.severity = severity
    self.message = message
    self.range = range
    self.label = label
    self.facts = facts
    self.notes = notes
    self.fixes = fixes
  }
}

/// One line of evidence under a snippet.
package enum Fact: Hashable, Sendable {
  /// A fact of its own, printed as `    = text`.
  case line(String)
  /// More of the fact above, printed as `    |   text`; empty text prints a bare `    |`.
  case continuation(String)

  /// A bare gutter line, to set facts off from the carets.
  package static let blank = Fact.continuation("")

  /// The text without any layout.
  package var text: String {
    switch self {
    case .line(let text), .continuation(let text): text
    }
  }
}

/// A second place or remark that belongs to a diagnostic.
package struct Note: Hashable, Sendable {
  package var message: String
  /// The place, underlined with dashes.
  package var range: SourceRange?
  /// A few words printed after the dashes.
  package var label: String?
  package var facts: [Fact]
  /// Whether the source line is printed under the place; without it only `  --> path` is.
  package var showsSource: Bool

  package init(
    message: String, range: SourceRange? = nil, label: String? = nil, facts: [Fact] = [],
    showsSource: Bool = true
  ) {
    self.message = message
    self.range = range
    self.label = label
    self.facts = facts
    self.showsSource = showsSource
  }
}
