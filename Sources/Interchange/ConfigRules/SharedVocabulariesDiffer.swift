// SharedVocabulariesDiffer: one table of embeddings for two vocabularies of different size.
// Relies on the keys that Hugging Face configs of translation models share.
import Diagnostics
import Language

/// An encoder and a decoder share one table, but the config gives them different vocabularies.
///
/// One table has one number of rows: with `share_encoder_decoder_embeddings` the larger vocabulary
/// has tokens without a row, and the other number is read by nobody. The rule reads `vocab_size`
/// and `decoder_vocab_size`, or `src_vocab_size` and `tgt_vocab_size`.
///
/// - Example: "vocab_size": 32000, "decoder_vocab_size": 37000 with a shared table
/// - Remedy: Make one vocabulary for both, or share no table.
/// - Catalogue: A17
enum SharedVocabulariesDiffer: ConfigRule {
  static let id = "shared-vocabularies-differ"

  private static let pairs = [
    ("vocab_size", "decoder_vocab_size"), ("src_vocab_size", "tgt_vocab_size"),
  ]
  private static let switches = [
    "share_encoder_decoder_embeddings", "share_all_embeddings", "share_embeddings",
  ]

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    guard let shared = isShared(subject) else { return [] }
    return pairs.compactMap { first, second in
      guard let target = subject.config.member(second), let rows = target.node.integer,
        let source = subject.count([first]), source.value != rows, rows > 0
      else { return nil }
      var notes: [Note] = []
      if let range = source.range {
        notes.append(Note(message: "`\(first)` is set here", range: range))
      }
      if let range = shared.range {
        notes.append(Note(message: "the table is shared here", range: range))
      }
      return Diagnostic(
        id: id,
        message: "`\(second)` is \(rows), but the table that it shares has `\(first)`"
          + " \(source.value) rows", range: subject.config.range(target.node.range),
        facts: [.line("one shared table needs one vocabulary")], notes: notes)
    }
  }

  /// Whether the tables are shared, by the config or by the family's default.
  private static func isShared(_ subject: ConfigSubject) -> (range: SourceRange?, Void)? {
    for name in switches {
      if let member = subject.config.member(name), let isOn = member.node.bool {
        return isOn ? (subject.config.range(member.node.range), ()) : nil
      }
    }
    guard let field = subject.field(reading: switches), case .boolean(true) = field.value.kind
    else { return nil }
    return (nil, ())
  }
}
