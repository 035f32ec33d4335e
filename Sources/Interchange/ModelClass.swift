// ModelClass: the class that a config names in `architectures`, and the family in its name.
// Goes by how transformers builds such names; no family is known here.

/// The name of a model's class, such as `GPT2LMHeadModel`.
package struct ModelClass: Hashable, Sendable {
  package let name: String

  package init(_ name: String) { self.name = name }

  /// The words with which the part after the family begins.
  private static let endings = [
    "For", "Model", "LMHead", "PreTrained", "DoubleHeads", "MTModel", "With", "Encoder", "Decoder",
  ]

  /// The part before what the class is for, without capitals: `gpt2`.
  package var stem: String {
    var index = name.startIndex
    while index < name.endIndex {
      if index > name.startIndex, Self.endings.contains(where: { name[index...].hasPrefix($0) }) {
        break
      }
      index = name.index(after: index)
    }
    return Self.plain(String(name[..<index]))
  }

  /// The one of some families whose name is the stem; `nil` when none is or the stem says nothing.
  package func family(among families: [String]) -> String? {
    let stem = stem
    return families.first { Self.plain($0) == stem }
  }

  /// A name without capitals and separators: `xlm-roberta` and `XLMRoberta` are one.
  package static func plain(_ name: String) -> String {
    name.lowercased().filter { $0 != "_" && $0 != "-" }
  }
}
