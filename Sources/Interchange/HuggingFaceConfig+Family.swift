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
    let kin = Self.kin(of: name, among: known)
    var diagnostic = Diagnostic(
      id: "unknown-model-type",
      message: "no model file describes the family `\(Self.shown(name))`", range: place)
    if let near = Self.slip(name, among: known), let place {
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

  /// The families most like a name, nearest first: typing errors, then names that begin alike.
  private static func kin(of name: String, among known: [String]) -> [String] {
    let word = ModelClass.plain(String(name.prefix(64)))
    let letters = word.prefix { $0.isLetter }.count
    let alike = known.map { family in
      let shared = zip(word, ModelClass.plain(family)).prefix { $0 == $1 }.count
      return (shared: shared, surplus: family.count - shared, name: family)
    }.filter { $0.shared >= 3 && $0.shared >= min(letters, 5) }
      .sorted { ($1.shared, $0.surplus, $0.name) < ($0.shared, $1.surplus, $1.name) }
    let near = slip(name, among: known)
    return Array(([near].compactMap { $0 } + alike.map(\.name).filter { $0 != near }).prefix(3))
  }

  /// The family that a name is a slip for; another number is another version and no slip.
  private static func slip(_ name: String, among known: [String]) -> String? {
    Nearest.match(name, in: known.filter { $0.filter(\.isNumber) == name.filter(\.isNumber) })
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
