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
      facts: [list])
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
