// LayerTypesUnknown: a list of layer types with a word that no class knows, or of another length.
// Relies on the key and the words that all Hugging Face configs share.
import Diagnostics
import Language

/// `layer_types` names a type that is none, or not one for each layer.
///
/// Classes that read the list refuse such a config; a reader that only compares with one word takes
/// the misspelt layer for the other kind, and a list that is too short for its default. The rule goes
/// by the convention of `config.json`: one word for each of `num_hidden_layers`.
///
/// - Example: "layer_types": ["sliding_atention", "full_attention"]
/// - Remedy: Write one of the types that the message lists, once for each layer.
/// - Catalogue: A37
enum LayerTypesUnknown: ConfigRule {
  static let id = "layer-types-unknown"

  /// The types that transformers allows.
  private static let types = [
    "full_attention", "sliding_attention", "chunked_attention", "linear_attention",
  ]

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    let isRead = subject.fields.contains { $0.keys.contains { $0.text == "layer_types" } }
    guard isRead, let list = subject.config.member("layer_types"),
      let elements = list.node.elements
    else { return [] }
    var found: [Diagnostic] = []
    for node in elements where !types.contains(node.string ?? "") {
      let near = node.string.flatMap { NearKey(types).match($0) }
      let range = subject.config.range(node.range)
      found.append(
        Diagnostic(
          id: id,
          message: "\(node.kind) is no type of a layer"
            + (near.map { "; did you mean \"\($0)\"?" } ?? ""), range: range,
          facts: [.line("types: " + types.joined(separator: ", "))],
          fixes: near.map { near in
            [
              FixIt(
                message: "write \"\(near)\" (\(FixEffect.model.summary))",
                edits: [Edit(range: range, replacement: JSONText.quoted(near))], effect: .model)
            ]
          } ?? []))
      // A list of nothing but mistakes is one mistake.
      if found.count == 3 { break }
    }
    if let depth = subject.config.member("num_hidden_layers"), let count = depth.node.integer,
      count != elements.count, !elements.isEmpty
    {
      found.append(
        Diagnostic(
          id: id,
          message: "`layer_types` has \(elements.count) entries, but there are \(count) layers",
          range: subject.config.range(list.node.range),
          notes: [
            Note(
              message: "the layers are counted here",
              range: subject.config.range(depth.node.range))
          ]))
    }
    return found
  }
}
