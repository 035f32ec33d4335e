// VocabularyUneven: a vocabulary that matrix units must pad.
// Quiet unless asked: most published vocabularies are uneven.
import Diagnostics
import Dimensions
import IR

/// The head's number of classes is no multiple of 64.
///
/// Matrix units work in tiles, so an uneven vocabulary costs the time of the next even one;
/// GPT-2's 50257 is padded to 50304 for that reason. It is quiet unless a file asks for it with
/// `treat vocabulary-uneven as note because …`, as most published vocabularies are uneven.
///
/// - Example: a head of 50_257 classes
/// - Remedy: Pad the vocabulary, and mask the logits that have no token.
/// - Catalogue: A15
enum VocabularyUneven: Rule {
  static let id = "vocabulary-uneven"
  static let severity = Severity.note
  static let isQuiet = true

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    var told: Set<Int> = []
    return subject.heads.compactMap { head in
      guard let rows = head.to.constant, let width = head.from.constant, rows > 64,
        rows % 64 != 0, told.insert(rows).inserted
      else { return nil }
      let next = (rows / 64 + 1) * 64
      return finding(
        "the vocabulary of \(subject.grouped(rows)) is no multiple of 64", at: head.site.range,
        facts: [
          "\(subject.grouped(next)) is the next: \(next - rows) rows,"
            + " \(subject.grouped((next - rows) * width)) parameters more"
        ])
    }
  }
}
