// ConfigKeysConflict: one quantity under two keys, with two values.
// Apart from misspelt keys without their right one, where the default is taken instead.
import Diagnostics
import Language

/// A config gives one quantity under two keys, and the values differ.
///
/// Families accept several names for a quantity, `n_embd` and `hidden_size` for example, and each
/// reader takes the one that it knows; a misspelt key beside the right one is read by nobody.
/// Which keys mean the same, the family's model file says (`from "n_embd" | "hidden_size"`); a key
/// that also fills another field is a default for it and no second name. Keys that differ only in
/// capitals, underscores or a final s count as one.
///
/// - Example: "n_embd": 768, "hidden_size": 1024
/// - Remedy: Remove the key that is not meant.
/// - Catalogue: A37, A38
enum ConfigKeysConflict: ConfigRule {
  static let id = "config-keys-conflict"

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    var uses: [String: Int] = [:]
    for key in subject.fields.flatMap(\.keys) { uses[key.text, default: 0] += 1 }
    // Spelt plainly once: a published config has a hundred keys, and a family a dozen fields.
    let unread = Dictionary(
      grouping: subject.config.members.filter { uses[$0.key] == nil }, by: { plain($0.key) })
    var found: [Diagnostic] = []
    for field in subject.fields {
      let members = field.keys.compactMap { subject.config.member($0.text) }
      guard let taken = members.first else { continue }
      var others = members.dropFirst().filter { uses[$0.key] == 1 }
      if uses[taken.key] == 1 {
        others += unread[plain(taken.key)] ?? []
      }
      for other in others where differ(taken.node, other.node) {
        found.append(
          Diagnostic(
            id: id, severity: .warning,
            message: "`\(other.key)` is \(shown(other.node)), `\(taken.key)` is"
              + " \(shown(taken.node))", range: subject.config.range(other.node.range),
            facts: [.line("`\(taken.key)` fills the field `\(field.name.text)`")],
            notes: [
              Note(
                message: "`\(taken.key)` is set here",
                range: subject.config.range(taken.node.range))
            ]))
      }
    }
    return found
  }

  /// A key without what typing gets wrong.
  private static func plain(_ key: String) -> [UInt8] {
    var plain: [UInt8] = []
    var start = 0
    // A final s of a word of more than three letters says as much as none.
    func endWord() {
      if plain.count - start > 3, plain.last == UInt8(ascii: "s") { plain.removeLast() }
      start = plain.count
    }
    for byte in key.utf8 {
      switch byte {
      case UInt8(ascii: "_"): endWord()
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): plain.append(byte | 0x20)
      default: plain.append(byte)
      }
    }
    endWord()
    return plain
  }

  private static func differ(_ a: JSONNode, _ b: JSONNode) -> Bool {
    if let first = a.double, let second = b.double { return first != second }
    if let first = a.string, let second = b.string { return first != second }
    if let first = a.bool, let second = b.bool { return first != second }
    return false
  }

  private static func shown(_ node: JSONNode) -> String {
    if case .number(let text, _, _) = node.value { return text }
    return node.kind
  }
}
