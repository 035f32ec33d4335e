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
  package let overrides: [ConfigOverride]
}

extension CheckpointConfig {
  /// What the rules about checkpoints need of a loaded model's config.
  init(_ loaded: LoadedModel, _ bound: BoundConfig, model: ElaboratedModel, isEditable: Bool) {
    var fields: [Field] = []
    for value in model.program.config {
      guard let number = value.integer,
        let field = bound.fields.first(where: { $0.name.text == value.name }), !field.keys.isEmpty
      else { continue }
      let given = bound.overrides.first { $0.name == value.name }
      let key = field.keys.map(\.text).first { bound.config.member(at: $0) != nil }
      fields.append(
        Field(
          name: value.name, key: key ?? field.keys[0].text, value: number, range: given?.range))
    }
    let library = loaded.library
    let file = loaded.file
    let overrides = bound.overrides
    let present = fields
    self.init(fields: fields, isEditable: isEditable) { changes, spelled in
      var values = changes
      if spelled {
        for field in present where values[field.name] == nil { values[field.name] = field.value }
      }
      let all =
        overrides.filter { values[$0.name] == nil }
        + values.sorted { $0.key < $1.key }.map {
          ConfigOverride(name: $0.key, value: .literal($0.value), range: nil)
        }
      var elaborator = Elaborator(library: library, overrides: all)
      let (model, found) = elaborator.elaborate(file: file)
      return found.contains { $0.severity == .error } ? nil : model
    }
    readTexts(bound.config)
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
