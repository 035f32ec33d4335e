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
/// silent. So do fields of a family, which are there for the members that need them. A field that the
/// model derived from does not have, `layers` where it says `depth`, is told with those that it has.
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
      let base = subject.model.baseFields
      let isNew = !base.isEmpty && !base.contains(field.name)
      let near = isNew ? Nearest.match(field.name, in: base) : nil
      var found = finding(
        "`\(field.name)` is set to \(field.text), but nothing reads it"
          + (near.map { "; did you mean `\($0)`?" } ?? ""), at: place,
        facts: isNew
          ? ["the model that it derives from has " + base.joined(separator: ", ")]
          : ["with any other value the model would be the same"])
      if !isMentioned, !isNew { found.severity = .note }
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
