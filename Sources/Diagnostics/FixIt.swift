// FixIt: a remedy as edits of the source, with a statement of what it changes.
// Apart from Diagnostic because a command applies fixes without showing anything.

/// What applying a fix changes besides the text.
package enum FixEffect: String, Hashable, Sendable, CaseIterable {
  /// Nothing but the text: the model, its parameters and its claims stay as they are.
  case none
  /// The number or the shapes of parameters.
  case parameters
  /// What the model computes.
  case model
  /// Only what the file claims about the model.
  case claim

  /// A phrase for a reader, fit for the brackets after a fix's message.
  package var summary: String {
    switch self {
    case .none: "changes nothing but the text"
    case .parameters: "changes the parameters"
    case .model: "changes the model"
    case .claim: "changes the documentation"
    }
  }
}

/// The replacement of one range of a file.
package struct Edit: Hashable, Sendable {
  package var range: SourceRange
  package var replacement: String

  package init(range: SourceRange, replacement: String) {
    self.range = range
    self.replacement = replacement
  }
}

/// One way to resolve a diagnostic.
package struct FixIt: Hashable, Sendable {
  /// What it does, with its effect in brackets; printed as it is after `help: `.
  package var message: String
  /// The edits, applied all or none; a fix without edits is advice.
  package var edits: [Edit]
  package var effect: FixEffect

  package init(message: String, edits: [Edit] = [], effect: FixEffect) {
    self.message = message
    self.edits = edits
    self.effect = effect
  }

  /// Whether a command may apply it without asking.
  package var isSafe: Bool { effect == .none && !edits.isEmpty }
}
