// BoundConfig: the config that a model was made from, kept for what is held against it later.
// Apart from LoadedModel, because models written by hand have none.
import Dimensions
import Interchange
import Language
import Validation

/// A config, the fields that it fills and the values that it gave.
package struct BoundConfig: Sendable {
  package let config: HuggingFaceConfig
  package let fields: [ConfigField]
  package let binding: HuggingFaceBinding

  package var overrides: [ConfigOverride] { binding.overrides }
}

extension CheckpointConfig {
  /// What the rules about checkpoints need of a loaded model's config.
  init(_ loaded: LoadedModel, _ bound: BoundConfig, model: ElaboratedModel, isEditable: Bool) {
    var fields: [Field] = []
    var switches: [Field] = []
    var values: [Symbol: Int] = [:]
    for value in model.program.config {
      if let number = value.integer { values[Symbol(value.name)] = number }
      let truth = ["true": 1, "false": 0][value.text]
      guard let number = value.integer ?? truth,
        let field = bound.fields.first(where: { $0.name.text == value.name }), !field.keys.isEmpty
      else { continue }
      let given = bound.overrides.first { $0.name == value.name }
      let key = field.keys.map(\.text).first { bound.config.member(at: $0) != nil }
      let made = Field(
        name: value.name, key: key ?? field.keys[0].text, value: number, range: given?.range)
      if truth == nil { fields.append(made) } else { switches.append(made) }
    }
    let elaboration = VariantElaboration(
      library: loaded.library, file: loaded.file, overrides: bound.overrides, fields: fields)
    self.init(fields: fields, isEditable: isEditable) { elaboration.model(of: $0) }
    self.switches = switches
    self.values = values
    isSound = !loaded.isUnsound
    readClasses(loaded, bound)
    readTexts(bound.config)
  }

  /// The classes of the family: the words in quotes of its file that end as classes do.
  private mutating func readClasses(_ loaded: LoadedModel, _ bound: BoundConfig) {
    classField =
      bound.fields.first { field in
        field.keys.contains { $0.text.hasSuffix("architectures") }
      }?.name.text
    guard classField != nil, loaded.library.files.indices.contains(loaded.file) else { return }
    let path = loaded.library.files[loaded.file].path
    let text = loaded.sources.files.first { $0.path == path }?.text ?? ""
    let words = text.split(separator: "\"", omittingEmptySubsequences: false)
      .filter { $0.first?.isUppercase == true && $0.allSatisfy { $0.isLetter || $0.isNumber } }
    classes = Set(words.map(String.init)).sorted()
  }

  private mutating func readTexts(_ config: HuggingFaceConfig) {
    func text(_ member: JSONMember?, _ string: String?) -> Text? {
      guard let member, let string else { return nil }
      return Text(text: string, range: isEditable ? config.range(member.node.range) : nil)
    }
    let type = config.member("torch_dtype") ?? config.member("dtype")
    self.type = text(type, type?.node.string)
    let classes = config.member("architectures")
    architecture = text(classes, classes?.node.elements?.first?.string)
    let tied = config.member("tie_word_embeddings")
    tie = text(tied, tied?.node.bool.map { "\($0)" })
    if let quantised = config.member("quantization_config")?.node {
      quantisation = quantised["quant_method"]?.string ?? "an unnamed method"
      quantisedBits =
        quantised["bits"]?.integer ?? quantised["w_bit"]?.integer
        ?? (quantised["load_in_8bit"]?.bool == true ? 8 : nil)
    }
    furtherLayers = max(config.member("num_nextn_predict_layers")?.node.integer ?? 0, 0)
  }
}

/// Elaborates the family of a config with other values.
private struct VariantElaboration: Sendable {
  let library: ModuleLibrary
  let file: Int
  let overrides: [ConfigOverride]
  let fields: [CheckpointConfig.Field]

  func model(of variant: CheckpointConfig.Variant) -> ElaboratedModel? {
    switch variant {
    case .changed(let changes): return elaborate(changes)
    case .spelled:
      var values: [String: StaticValue] = [:]
      for field in fields { values[field.name] = field.value.map { .literal($0) } }
      return elaborate(values)
    case .defaults:
      let names = Set(fields.map(\.name))
      let others = VariantElaboration(
        library: library, file: file, overrides: overrides.filter { !names.contains($0.name) },
        fields: fields)
      guard let plain = others.elaborate([:]) else { return nil }
      var values: [String: StaticValue] = [:]
      for value in plain.program.config where names.contains(value.name) {
        values[value.name] = value.integer.map { .literal($0) }
      }
      return others.elaborate(values)
    }
  }

  private func elaborate(_ values: [String: StaticValue]) -> ElaboratedModel? {
    let all =
      overrides.filter { values[$0.name] == nil }
      + values.sorted { $0.key < $1.key }.map {
        ConfigOverride(name: $0.key, value: $0.value, range: nil)
      }
    var elaborator = Elaborator(library: library, overrides: all)
    let (model, found) = elaborator.elaborate(file: file)
    return found.contains { $0.severity == .error } ? nil : model
  }
}
