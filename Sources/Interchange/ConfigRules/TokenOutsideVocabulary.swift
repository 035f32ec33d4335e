// TokenOutsideVocabulary: a special token without a row in the table of embeddings.
// Relies on the names that all Hugging Face configs share.
import Diagnostics
import Language

/// The id of a special token is not below the size of the vocabulary.
///
/// Ids count from 0, so a vocabulary of 32000 ends at 31999: looking the token up reads beyond the
/// table, which fails on a processor and is undefined on an accelerator. Mostly a token was added
/// to the tokenizer and the embeddings were not resized. The rule goes by the convention of
/// `config.json`: keys that end in `_token_id`, and `vocab_size`. A negative id, like `null`, means
/// that there is no such token.
///
/// - Example: "pad_token_id": 32000 with "vocab_size": 32000
/// - Remedy: Enlarge the vocabulary, or use a token that exists.
/// - Catalogue: A12, A13
enum TokenOutsideVocabulary: ConfigRule {
  static let id = "token-outside-vocabulary"

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    guard let vocabulary = subject.config.member("vocab_size"),
      let size = vocabulary.node.integer, size > 0
    else { return [] }
    var found: [Diagnostic] = []
    for member in subject.config.members where member.key.hasSuffix("_token_id") {
      let ids = member.node.elements ?? [member.node]
      for node in ids {
        guard let id = node.integer, id >= size else { continue }
        found.append(
          Diagnostic(
            id: Self.id,
            message: "`\(member.key)` is \(id), the last of \(size) tokens is \(size - 1)",
            range: subject.config.range(node.range),
            facts: [.line("the table of embeddings has rows 0...\(size - 1)")],
            notes: [
              Note(
                message: "the vocabulary is set here",
                range: subject.config.range(vocabulary.node.range))
            ]))
      }
    }
    return found
  }
}
