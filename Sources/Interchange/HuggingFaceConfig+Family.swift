// HuggingFaceConfig+Family: the architecture that a config names, or how to come by one.
// Apart from reading, because here families are compared and nothing else is looked at.
import Diagnostics
import Language

extension HuggingFaceConfig {
  /// The family that `model_type` names, whether or not any file describes it.
  ///
  /// - Parameter known: the families that can be read, for messages.
  /// - Returns: the name, or why there is none.
  package func family(
    known: () -> [String]
  ) -> (name: String?, diagnostic: Diagnostic?) {
    guard let member = member("model_type"), !member.node.isNull else {
      return (nil, missingFamily(known: known()))
    }
    guard let name = member.node.string else {
      let diagnostic = Diagnostic(
        id: "config-wrong-type",
        message: "`model_type` must be a text, found \(member.node.kind)",
        range: range(member.node.range), facts: [Self.list(known())])
      return (nil, diagnostic)
    }
    return (name, nil)
  }

  /// What to say when no file describes the family that `model_type` names.
  package func unknownFamily(_ name: String, known: [String]) -> Diagnostic {
    let place = member("model_type").map { range($0.node.range) }
    let kin = FamilyKin.names(like: name, among: known)
    var diagnostic = Diagnostic(
      id: "unknown-model-type",
      message: "no model file describes the family `\(Self.shown(name))`", range: place)
    if let near = FamilyKin.slip(name, among: known), let place {
      diagnostic.message += "; did you mean `\(near)`?"
      diagnostic.fixes.append(
        FixIt(
          message: "write `\(near)` (\(FixEffect.model.summary))",
          edits: [Edit(range: place, replacement: JSONText.quoted(near))], effect: .model))
    }
    if !kin.isEmpty { diagnostic.facts.append(.line("nearest: " + kin.joined(separator: ", "))) }
    diagnostic.facts.append(Self.list(known))
    if let inner = innerFamily(among: known) {
      diagnostic.notes.append(
        Note(
          message: "this part is of the family `\(inner.name)`, and can be checked as a config of"
            + " its own", range: range(inner.range)))
    }
    let start = kin.first ?? (known.contains("llama") ? "llama" : known.first ?? "gpt2")
    let file = name.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) } ? name : "own"
    diagnostic.fixes.append(
      FixIt(
        message: "describe it in a file beside the config: `plumbline init \(start) >"
          + " \(file.prefix(64)).model` is a start; write `family"
          + " \(JSONText.quoted(Self.shown(name)))` into its model and change what differs",
        effect: .none))
    return diagnostic
  }

  private func missingFamily(known: [String]) -> Diagnostic {
    var diagnostic = Diagnostic(
      id: "missing-model-type",
      message: "the config does not say `model_type`, so its architecture is unknown",
      range: member("model_type").map { range($0.node.range) }
        ?? SourceRange(source: source, at: 0), facts: [Self.list(known)])
    // The class that was saved gives the family away.
    if let node = member("architectures")?.node.elements?.first, let name = node.string,
      let family = ModelClass(name).family(among: known), let first = members.first,
      member("model_type") == nil
    {
      diagnostic.notes.append(
        Note(message: "this is a class of `\(family)`", range: range(node.range)))
      let place = range(first.keyRange)
      diagnostic.fixes = [
        FixIt(
          message: "write `\"model_type\": \"\(family)\"` (\(FixEffect.model.summary))",
          edits: [
            Edit(
              range: SourceRange(source: source, at: place.lower),
              replacement: "\"model_type\": \"\(family)\", ")
          ], effect: .model)
      ]
    }
    return diagnostic
  }

  /// The first object within the config that is a config of a known family.
  private func innerFamily(among known: [String]) -> (name: String, range: Range<Int>)? {
    for member in members where member.key.hasSuffix("config") {
      guard let name = member.node["model_type"]?.string, known.contains(name) else { continue }
      return (name, member.keyRange)
    }
    return nil
  }

  private static func list(_ known: [String]) -> Fact {
    .line("known: " + known.sorted().joined(separator: ", "))
  }

  private static func shown(_ name: String) -> String {
    name.count > 40 ? name.prefix(40) + "…" : name
  }
}
