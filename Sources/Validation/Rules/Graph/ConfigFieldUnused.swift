// ConfigFieldUnused: a config field that changes nothing.
// The elaborator notes which fields were read while the model was made; nothing is guessed.
import Diagnostics
import IR
import Language

/// A field of the model's config is set, and nothing reads it.
///
/// Whoever changes the field believes to change the model. Mostly a size is computed from another
/// field instead, or the branch of an `if` that would read it is not taken: an activation with a
/// gate that computes its own width. A whole number that the file mentions nowhere else is told as a
/// note, other fields that nothing mentions, such as a dropout, may be there for people and stay
/// silent. So do fields of a family, which are there for the members that need them.
///
/// - Example: config hidden = 3_072 where the layers use 8 * width / 3
/// - Remedy: Use the field, or remove it.
/// - Catalogue: A23
enum ConfigFieldUnused: Rule {
  static let id = "config-field-unused"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.model.unreadFields.compactMap { field in
      guard let place = field.range else { return nil }
      let isMentioned = subject.mentions(of: field.name, in: place.source) > 1
      guard isMentioned || field.integer != nil else { return nil }
      var found = finding(
        "`\(field.name)` is set to \(field.text), but nothing reads it", at: place,
        facts: ["with any other value the model would be the same"])
      if !isMentioned { found.severity = .note }
      return found
    }
  }
}

extension RuleSubject {
  /// How often a file names something outside of comments.
  fileprivate func mentions(of name: String, in source: SourceID) -> Int {
    sources[source].text.split(separator: "\n").reduce(0) { count, line in
      let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
      let words = code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
      return count + words.count { $0 == name }
    }
  }
}
