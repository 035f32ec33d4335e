// RowsWithoutToken: rows of the table of embeddings that no token of the tokenizer beside it has.
// The opposite, tokens without a row, is an error and stands here as well: one reading finds both.
import Diagnostics
import Language

/// The vocabulary of the config is another than that of the tokenizer that lies beside it.
///
/// More rows than tokens are usual, since even sizes are faster, but the head gives the rows without
/// a token a probability: whoever samples must mask their logits (note; advice only, once weights
/// exist). Fewer rows than tokens are an error, as ids look beyond the table. The tokenizer is read
/// from `tokenizer.json`, or from `vocab.json` or `vocab.txt` with `added_tokens.json` and
/// `tokenizer_config.json`.
///
/// - Example: "vocab_size": 50304 beside a tokenizer with ids up to 50256
/// - Remedy: Mask the logits without a token; enlarge a table that is too short.
/// - Catalogue: A14
enum RowsWithoutToken: ConfigRule {
  static let id = "rows-without-token"
  static let isAdvice = true

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    guard let vocabulary = subject.count(["vocab_size"]), vocabulary.value > 0,
      let tokens = TokenizerTokens(beside: subject.beside)
    else { return [] }
    let place = vocabulary.range ?? SourceRange(source: subject.config.source, at: 0)
    let size = vocabulary.value
    if tokens.last >= size {
      let count = tokens.last + 1 - size
      return [
        Diagnostic(
          id: TokenOutsideVocabulary.id,
          message: "`vocab_size` is \(size), but the ids of `\(tokens.file)` run to \(tokens.last)",
          range: place,
          facts: [
            .line(
              "the table of embeddings has rows 0...\(size - 1):"
                + " \(count) \(count == 1 ? "id has" : "ids have") none")
          ])
      ]
    }
    let used = tokens.count
    guard used < size else { return [] }
    let rows = size - used
    let isTail = tokens.last == used - 1
    let one = rows == 1
    return [
      Diagnostic(
        id: id, severity: .note,
        message: "\(rows) of \(size) rows \(one ? "has" : "have") no token: `\(tokens.file)` has"
          + " \(used)", range: place,
        facts: [
          .line(
            isTail
              ? "rows \(used)...\(size - 1) are free: mask logits >= \(used), or they may be sampled"
              : "ids run to \(tokens.last) with gaps: mask the logits of free rows, or they may be"
                + " sampled")
        ])
    ]
  }
}
