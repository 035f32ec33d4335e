// HuggingFaceConfig: a `config.json` as an object with places, and the family that it names.
// Knows no key of any architecture: the model files say which keys fill which fields.
import Diagnostics
import Language

/// A Hugging Face `config.json`.
package struct HuggingFaceConfig: Sendable {
  /// The file within the source map of the run.
  package let source: SourceID
  /// The keys and values of the outermost object.
  package let members: [JSONMember]
  /// Keys that the outermost object gives twice.
  package let duplicates: [JSONDuplicate]
  /// Whether the config lies beside the weights that were saved with it.
  package var liesBesideWeights = false

  /// Reads a file of a source map.
  ///
  /// - Returns: the config, unless the text is no JSON object, and what was found.
  package static func read(
    _ source: SourceID, in sources: SourceMap
  ) -> (config: HuggingFaceConfig?, diagnostics: [Diagnostic]) {
    let document: JSONDocument
    do {
      document = try JSONDocument(sources[source].text)
    } catch {
      return (nil, [error.diagnostic(in: source)])
    }
    guard let members = document.root.members else {
      let diagnostic = Diagnostic(
        id: "config-not-an-object",
        message: "a config is an object of keys and values, found \(document.root.kind)",
        range: SourceRange(source: source, document.root.range))
      return (nil, [diagnostic])
    }
    let own = Set(members.map(\.keyRange))
    let config = HuggingFaceConfig(
      source: source, members: members,
      duplicates: document.duplicates.filter { own.contains($0.second) })
    return (config, [])
  }

  /// The last member with this key, as every lenient reader takes it.
  package func member(_ key: String) -> JSONMember? { members.last { $0.key == key } }

  /// The member that a path of keys leads to: `text_config.hidden_size`, or `id2label.count` for
  /// the number of entries; a key that contains the whole path itself comes first.
  ///
  /// What begins with `checkpoint.` is known only of a config that lies beside weights: the class
  /// in `architectures` says what was saved, and no bare config was.
  package func member(at path: String) -> JSONMember? {
    if let own = member(path) { return own }
    var keys = path.split(separator: ".").map(String.init)
    if keys.first == "checkpoint" {
      guard liesBesideWeights else { return nil }
      keys.removeFirst()
    }
    guard let first = keys.first, var found = member(first) else { return nil }
    for key in keys.dropFirst() {
      if let inner = found.node.member(key) {
        found = inner
      } else if key == "count",
        let count = found.node.members?.count ?? found.node.elements?.count
      {
        let value = JSONValue.number(text: "\(count)", double: Double(count), integer: count)
        found = JSONMember(
          key: path, keyRange: found.keyRange,
          node: JSONNode(value: value, range: found.node.range))
      } else {
        return nil
      }
    }
    return found
  }

  /// The key of the config's own object with which a path begins.
  package static func outermost(of path: String) -> String {
    let keys = path.split(separator: ".").map(String.init)
    return (keys.first == "checkpoint" ? keys.dropFirst().first : keys.first) ?? path
  }

  /// A range of the file.
  package func range(_ bytes: Range<Int>) -> SourceRange { SourceRange(source: source, bytes) }

  /// The family that `model_type` names.
  ///
  /// - Parameter known: the families that can be read.
  /// - Returns: one of `known`, or why there is none.
  package func family(among known: [String]) -> (name: String?, diagnostic: Diagnostic?) {
    let list = Fact.line("known: " + known.sorted().joined(separator: ", "))
    guard let member = member("model_type") else {
      let diagnostic = Diagnostic(
        id: "missing-model-type",
        message: "the config does not say `model_type`, so its architecture is unknown",
        range: SourceRange(source: source, at: 0), facts: [list])
      return (nil, diagnostic)
    }
    guard let name = member.node.string else {
      let diagnostic = Diagnostic(
        id: "config-wrong-type",
        message: "`model_type` must be a text, found \(member.node.kind)",
        range: range(member.node.range), facts: [list])
      return (nil, diagnostic)
    }
    if known.contains(name) { return (name, nil) }
    var diagnostic = Diagnostic(
      id: "unknown-model-type",
      message: "no model file describes the family `\(name)`", range: range(member.node.range),
      facts: [
        list,
        .line(
          "to describe it, write a model file with `family \(JSONText.quoted(name))` and put it"
            + " beside the config"),
        .line("begin with the nearest kin: `import \"llama.model\"`, then derive or write blocks"),
      ])
    if let near = Nearest.match(name, in: known) {
      diagnostic.message += "; did you mean `\(near)`?"
      diagnostic.fixes = [
        FixIt(
          message: "write `\(near)` (\(FixEffect.model.summary))",
          edits: [
            Edit(range: range(member.node.range), replacement: JSONText.quoted(near))
          ], effect: .model)
      ]
    }
    return (nil, diagnostic)
  }
}

extension SourceRange {
  fileprivate init(source: SourceID, _ bytes: Range<Int>) {
    self.init(source: source, lower: bytes.lowerBound, upper: bytes.upperBound)
  }
}
