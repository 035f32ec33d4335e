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

  /// The largest configs hold the names of some twenty thousand classes.
  private static var limits: JSONLimits {
    var limits = JSONLimits()
    limits.values = 1_000_000
    return limits
  }

  /// Reads a file of a source map.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - sources: the map.
  ///   - bytes: the file as it was stored, where that is known: a text has mended what was no UTF-8.
  /// - Returns: the config, unless the text is no JSON object, and what was found.
  package static func read(
    _ source: SourceID, in sources: SourceMap, stored bytes: [UInt8]? = nil
  ) -> (config: HuggingFaceConfig?, diagnostics: [Diagnostic]) {
    let document: JSONDocument
    do {
      document = try JSONDocument(utf8: bytes ?? sources[source].bytes, limits: limits)
    } catch {
      guard let bytes else { return (nil, [error.diagnostic(in: source)]) }
      // In the text, what is no UTF-8 stands as a replacement character of three bytes.
      let shown = String(decoding: bytes.prefix(error.offset), as: UTF8.self).utf8.count
      let moved = JSONError(
        offset: shown, expected: error.expected, found: error.found, help: error.help)
      return (nil, [moved.diagnostic(in: source)])
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
}

extension SourceRange {
  fileprivate init(source: SourceID, _ bytes: Range<Int>) {
    self.init(source: source, lower: bytes.lowerBound, upper: bytes.upperBound)
  }
}
