// KeyGroupsUnclear: a number of groups of which nobody can tell whether it counts heads or their size.
// Apart from keys of other families: this word means two quantities, in different programs.
import Diagnostics
import Language

/// A config counts groups of key heads under a key that the family does not read.
///
/// `n_kv_groups` is the number of key heads in one program and the number of query heads that share
/// one in another; transformers computes `num_key_value_groups` and reads neither. The message says
/// what the model has instead, and what each reading would make of the number. It stays silent where
/// the family's own key is there and agrees with one of the readings.
///
/// - Example: "num_key_value_groups": 4 without "num_key_value_heads"
/// - Remedy: Write the number of key heads under the key that the family reads.
/// - Catalogue: A05
enum KeyGroupsUnclear: ConfigRule {
  static let id = "key-groups-unclear"

  private static let names = [
    "num_key_value_groups", "n_key_value_groups", "key_value_groups", "num_kv_groups",
    "n_kv_groups", "kv_groups", "num_query_groups", "n_query_groups", "query_groups",
    "multi_query_group_num", "multi_query_groups", "num_gqa_groups", "gqa_groups",
    "kv_group_size", "gqa_group_size", "query_group_size",
  ]

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    let read = Set(subject.fields.flatMap { $0.keys.map(\.text) })
    guard let field = subject.field(reading: KeySynonyms.keyHeads),
      let key = field.keys.first(where: { KeySynonyms.keyHeads.contains($0.text) })?.text,
      let heads = subject.count(KeySynonyms.heads), heads.value > 0
    else { return [] }
    let given = field.keys.lazy.compactMap { subject.config.member(at: $0.text) }.first
    return names.compactMap { name in
      guard !read.contains(name), let member = subject.config.member(name),
        let number = member.node.integer, number > 0
      else { return nil }
      let size = heads.value % number == 0 ? heads.value / number : nil
      if let given {
        guard let known = given.node.integer, known != number, known != size else { return nil }
      }
      var preset = heads.value
      if case .integer(.some(let value), _) = field.value.kind { preset = value }
      let has = given?.node.integer ?? preset
      let range = subject.config.range(member.node.range)
      var facts: [Fact] = []
      if let size {
        facts = [
          .line("read as the number of key heads, there are \(number) for groups of \(size)"),
          .line("read as the size of a group, there are \(size) for groups of \(number)"),
        ]
      } else {
        facts = [.line("\(heads.value) query heads do not divide by \(number) either way")]
      }
      var notes = [Note(message: "the architecture reads `\(key)` here", range: field.range)]
      if let given {
        notes.insert(
          Note(
            message: "`\(given.key)` is set here", range: subject.config.range(given.node.range)),
          at: 0)
      }
      return Diagnostic(
        id: id, severity: .warning,
        message: "`\(name)` is \(number), but nobody reads it: the model has \(has) key heads"
          + (given == nil ? ", as `\(key)` is missing" : ""), range: range, facts: facts,
        notes: notes)
    }
  }
}
