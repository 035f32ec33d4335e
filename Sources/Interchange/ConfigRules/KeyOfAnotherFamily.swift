// KeyOfAnotherFamily: a quantity under the name that another family has for it.
// Apart from misspelt keys: the word is right, and nobody here reads it.
import Diagnostics
import Language

/// A config gives a quantity under a key of another family, and the key that is read is missing.
///
/// `n_layers` is read by nobody in a Llama config: the model gets the default number of layers, and
/// no loader complains. The rule knows the names that published families have for width, depth,
/// heads, key heads, feed-forward width, positions and vocabulary; it speaks only where the
/// family's own key is missing, the value is a whole number, and it is not the family's default.
///
/// - Example: "n_layers": 24 in a config of "model_type": "llama"
/// - Remedy: Write the key that the family reads.
/// - Catalogue: A37
enum KeyOfAnotherFamily: ConfigRule {
  static let id = "key-of-another-family"

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    let read = Set(subject.fields.flatMap { $0.keys.map(\.text) })
    var found: [Diagnostic] = []
    for names in KeySynonyms.all {
      // An encoder and a decoder have such a quantity each, and one name may stand for either.
      let fields = subject.fields.filter { field in
        field.keys.contains { names.contains($0.text) }
      }
      guard fields.count == 1, let field = fields.first,
        !field.keys.contains(where: { subject.config.member(at: $0.text) != nil }),
        let key = field.keys.first(where: { names.contains($0.text) })?.text
      else { continue }
      var preset: Int?
      if case .integer(let value, _) = field.value.kind { preset = value }
      // What is only misspelt is told as such.
      let slips = NearKey(field.keys.map(\.text))
      for name in names where !read.contains(name) {
        guard let member = subject.config.member(name), let value = member.node.integer,
          value != preset, slips.match(name) == nil
        else { continue }
        let range = subject.config.range(member.keyRange)
        found.append(
          Diagnostic(
            id: id, severity: .warning,
            message: "`\(name)` is read by nobody here: the family reads `\(key)`, which is"
              + " missing",
            range: range,
            facts: [
              .line(
                preset.map { "without `\(key)` the model has \($0), not \(value)" }
                  ?? "without `\(key)` the field `\(field.name.text)` keeps its default")
            ],
            notes: [Note(message: "the architecture reads `\(key)` here", range: field.range)],
            fixes: [
              FixIt(
                message: "write `\(key)` (\(FixEffect.model.summary))",
                edits: [Edit(range: range, replacement: JSONText.quoted(key))], effect: .model)
            ]))
        break
      }
    }
    return found
  }
}
