// AdapterConfigReader: PEFT's `adapter_config.json` as a description, each value with its place.
// Fields that change a count and are not read are named, so that no count is quietly wrong.
import Diagnostics
import Interchange
import Validation

/// Reads the description of an adapter.
package struct AdapterConfigReader {
  package private(set) var description = AdapterDescription()
  package private(set) var diagnostics: [Diagnostic] = []
  private let source: SourceID

  /// Values that may be anything, since they change neither layers nor counts.
  private static let ignored: Set<String> = [
    "peft_type", "task_type", "base_model_name_or_path", "auto_mapping", "revision",
    "inference_mode", "lora_dropout", "init_lora_weights", "runtime_config", "peft_version",
    "megatron_core", "loftq_config", "eva_config", "corda_config", "lora_ga_config",
    "qalora_group_size", "ensure_weight_tying",
  ]

  /// Fields whose value, other than none, changes what is adapted or counted.
  private static let unread = [
    "layer_replication", "target_parameters", "trainable_token_indices", "megatron_config",
    "use_qalora", "arrow_config", "use_bdlora", "velora_config", "kasa_config",
    "monteclora_config", "alora_invocation_tokens",
  ]

  /// - Parameters:
  ///   - source: the file within `sources`.
  ///   - sources: the files of the run.
  package init(_ source: SourceID, in sources: SourceMap) {
    self.source = source
    let document: JSONDocument
    do {
      document = try JSONDocument(sources[source].text)
    } catch {
      diagnostics = [error.diagnostic(in: source)]
      return
    }
    guard let members = document.root.members else {
      diagnostics = [
        Diagnostic(
          id: "config-not-an-object",
          message: "a config is an object of keys and values, found \(document.root.kind)",
          range: range(document.root.range))
      ]
      return
    }
    var seen: Set<String> = []
    // The last of two equal keys wins, as in every lenient reader.
    for member in members.reversed() where seen.insert(member.key).inserted { read(member) }
    diagnostics.reverse()
  }

  private func range(_ bytes: Range<Int>) -> SourceRange {
    SourceRange(source: source, lower: bytes.lowerBound, upper: bytes.upperBound)
  }

  private func placed<Value>(_ value: Value, _ node: JSONNode) -> Placed<Value> {
    Placed(value, range(node.range))
  }

  private mutating func refuse(_ member: JSONMember, expected: String) {
    diagnostics.append(
      Diagnostic(
        id: "config-wrong-type",
        message: "`\(member.key)` must be \(expected), found \(member.node.kind)",
        range: range(member.node.range)))
  }

  private mutating func read(_ member: JSONMember) {
    let node = member.node
    switch member.key {
    case "r":
      guard let value = node.integer else { return refuse(member, expected: "a whole number") }
      description.rank = placed(value, node)
    case "lora_alpha":
      guard let value = node.double else { return refuse(member, expected: "a number") }
      description.alpha = placed(value, node)
    case "target_modules":
      if node.isNull { return }
      if let text = node.string, text.lowercased() == "all-linear" {
        description.targets = .allLinear(range(node.range))
      } else if let names = names(node) {
        description.targets = .names(names)
      } else {
        refuse(member, expected: "a list of names or a text")
      }
    case "exclude_modules":
      if node.isNull { return }
      guard let names = names(node) else {
        return refuse(member, expected: "a list of names or a text")
      }
      description.excluded = names
    case "modules_to_save":
      if node.isNull { return }
      guard let list = texts(node) else { return refuse(member, expected: "a list of names") }
      description.saved = list
    case "layers_to_transform":
      if node.isNull { return }
      let elements = node.elements ?? [node]
      let layers = elements.compactMap { element in element.integer.map { placed($0, element) } }
      guard layers.count == elements.count else {
        return refuse(member, expected: "a whole number or a list of them")
      }
      description.layers = layers
    case "layers_pattern":
      if node.isNull { return }
      if let text = node.string {
        description.layersPattern = text.isEmpty ? [] : [placed(text, node)]
      } else if let list = texts(node) {
        description.layersPattern = list
      } else {
        refuse(member, expected: "a text or a list of them")
      }
    case "bias":
      guard let text = node.string else { return refuse(member, expected: "a text") }
      description.bias = placed(text, node)
    case "use_rslora": flag(member) { $0.isRankStabilised = $1 }
    case "use_dora": flag(member) { $0.isDoRA = $1 }
    case "lora_bias": flag(member) { $0.addsBias = $1 }
    case "fan_in_fan_out": flag(member) { $0.fanInFanOut = $1 }
    case "rank_pattern":
      overrides(member, { $0.integer }, expected: "whole numbers") { $0.rankPattern = $1 }
    case "alpha_pattern":
      overrides(member, { $0.double }, expected: "numbers") { $0.alphaPattern = $1 }
    default: other(member)
    }
  }

  private func texts(_ node: JSONNode) -> [Placed<String>]? {
    guard let elements = node.elements else { return nil }
    let list = elements.compactMap { element in element.string.map { placed($0, element) } }
    return list.count == elements.count ? list : nil
  }

  private func names(_ node: JSONNode) -> AdapterDescription.Names? {
    if let text = node.string { return .pattern(placed(text, node)) }
    return texts(node).map { .suffixes($0) }
  }

  private mutating func flag(
    _ member: JSONMember, _ set: (inout AdapterDescription, Placed<Bool>) -> Void
  ) {
    guard let value = member.node.bool else { return refuse(member, expected: "true or false") }
    set(&description, placed(value, member.node))
  }

  private mutating func overrides<Value>(
    _ member: JSONMember, _ read: (JSONNode) -> Value?, expected: String,
    _ set: (inout AdapterDescription, [AdapterDescription.Override<Value>]) -> Void
  ) {
    if member.node.isNull { return }
    guard let members = member.node.members else {
      return refuse(member, expected: "an object of patterns and \(expected)")
    }
    var result: [AdapterDescription.Override<Value>] = []
    for entry in members {
      guard let value = read(entry.node) else {
        return refuse(member, expected: "an object of patterns and \(expected)")
      }
      result.append(
        AdapterDescription.Override(
          pattern: Placed(entry.key, range(entry.keyRange)), value: placed(value, entry.node)))
    }
    set(&description, result)
  }

  /// What is left: harmless, not read, another method, or misspelt.
  private mutating func other(_ member: JSONMember) {
    if member.key == "peft_type" || AdapterConfigReader.ignored.contains(member.key) {
      guard member.key == "peft_type", let type = member.node.string, type != "LORA" else { return }
      diagnostics.append(
        Diagnostic(
          id: "adapter-of-another-kind",
          message: "`peft_type` is `\(type)`, expected `LORA`", range: range(member.node.range)))
      return
    }
    if AdapterConfigReader.unread.contains(member.key) {
      let isUnset =
        member.node.isNull || member.node.bool == false || member.node.elements?.isEmpty == true
        || member.node.members?.isEmpty == true
      guard !isUnset else { return }
      description.unread.append(Placed(member.key, range(member.keyRange)))
      diagnostics.append(
        Diagnostic(
          id: "adapter-field-not-read",
          message: "`\(member.key)` changes the adapter in a way that is not counted here",
          range: range(member.keyRange),
          facts: [.line("undecided: every count below would be a guess")]))
      return
    }
    let near = Nearest.match(member.key, in: AdapterConfigReader.known)
    guard let near else { return }
    diagnostics.append(
      Diagnostic(
        id: "misspelt-config-key", severity: .warning,
        message: "`\(member.key)` is no field of an adapter; did you mean `\(near)`?",
        range: range(member.keyRange)))
  }

  private static let known =
    [
      "r", "lora_alpha", "target_modules", "exclude_modules", "modules_to_save",
      "layers_to_transform", "layers_pattern", "bias", "use_rslora", "use_dora", "lora_bias",
      "fan_in_fan_out", "rank_pattern", "alpha_pattern",
    ] + ignored.sorted() + unread
}
