// ConfigFieldUnused: a config field that changes nothing.
// The elaborator notes which fields were read while the model was made; nothing is guessed.
import Diagnostics
import IR
import Language

/// A field of the model's config is set, and nothing reads it.
///
/// Whoever changes the field believes to change the model. Mostly a size is computed from another
/// field instead, or the branch of an `if` that would read it is not taken: an activation with a
/// gate that computes its own width. Fields of a family, or that keys of a `config.json` fill, are
/// there for the members that need them and stay silent; so do fields that a base model declares.
///
/// - Example: config hidden = 3_072 where the layers use 8 * width / 3
/// - Remedy: Use the field, or remove it.
/// - Catalogue: A23
enum ConfigFieldUnused: Rule {
  static let id = "config-field-unused"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.model.unreadFields.map { field in
      finding(
        "`\(field.name)` is set to \(field.text), but nothing reads it", at: field.range,
        facts: ["with any other value the model would be the same"])
    }
  }
}
