// GGUFConfig: the metadata of a GGUF file as the `config.json` of a Hugging Face checkpoint.
// Apart from the header: which key is which is a convention of llama.cpp's converter.

/// The keys of a config that a GGUF file implies.
package struct GGUFConfig: Hashable, Sendable {
  /// A key, its value as JSON, and what it was taken from.
  package struct Entry: Hashable, Sendable {
    package let key: String
    package let json: String
    /// A key of the metadata, or a tensor.
    package let origin: String
  }

  /// The keys in the order in which people look for them.
  package private(set) var entries: [Entry] = []
  package let modelType: String

  /// The config of a file; nil when its architecture is not known.
  package init?(_ header: GGUFHeader) {
    guard let names = GGUFNames(header) else { return nil }
    self.init(header, family: names.family)
  }

  init(_ header: GGUFHeader, family: GGUFFamily) {
    modelType = family.modelType
    add("model_type", JSONText.quoted(family.modelType), "general.architecture")
    let spelled = Self.spellings(of: family.modelType)
    for (key, usual) in Self.keys {
      guard let value = header.metadata["\(family.architecture).\(key)"] else { continue }
      let name = spelled[key] ?? usual
      guard !name.isEmpty, let json = Self.json(value) else { continue }
      add(name, json, "\(family.architecture).\(key)")
    }
    addSizes(header, family)
    addChoices(header, family)
    addRopeScaling(header, family)
    if family.modelType.hasPrefix("deepseek") { addLatentWidths(header, family) }
  }

  /// The config as JSON.
  package var text: String {
    "{\n" + entries.map { "  \(JSONText.quoted($0.key)): \($0.json)" }.joined(separator: ",\n")
      + "\n}\n"
  }

  package subscript(key: String) -> Entry? { entries.first { $0.key == key } }

  private mutating func add(_ key: String, _ json: String, _ origin: String) {
    guard !entries.contains(where: { $0.key == key }) else { return }
    entries.append(Entry(key: key, json: json, origin: origin))
  }

  // MARK: What tensors say

  /// Sizes that the metadata may leave to the tensors.
  private mutating func addSizes(_ header: GGUFHeader, _ family: GGUFFamily) {
    if let table = header["token_embd.weight"], let rows = table.shape.first {
      add("vocab_size", "\(rows)", "token_embd.weight")
    } else if let count = header.metadata["tokenizer.ggml.tokens"]?.count {
      add("vocab_size", "\(count)", "tokenizer.ggml.tokens")
    }
    if let table = header["token_types.weight"], let rows = table.shape.first {
      add("type_vocab_size", "\(rows)", "token_types.weight")
    }
    if family.modelType == "t5", let query = header["enc.blk.0.attn_q.weight"],
      let heads = header.metadata["t5.attention.head_count"]?.integer, heads > 0,
      let rows = query.shape.first
    {
      add("d_kv", "\(rows / heads)", "enc.blk.0.attn_q.weight")
    }
  }

  /// Choices that only the presence of a tensor shows.
  private mutating func addChoices(_ header: GGUFHeader, _ family: GGUFFamily) {
    let tied = header["output.weight"] == nil
    add("tie_word_embeddings", "\(tied)", "output.weight")
    func has(_ part: String) -> Bool { header["blk.0.\(part)"] != nil }
    switch family.modelType {
    case "llama": add("attention_bias", "\(has("attn_q.bias"))", "blk.0.attn_q.bias")
    case "stablelm": add("use_qkv_bias", "\(has("attn_q.bias"))", "blk.0.attn_q.bias")
    case "starcoder2": add("use_bias", "\(has("attn_q.bias"))", "blk.0.attn_q.bias")
    case "phi": add("qk_layernorm", "\(has("attn_q_norm.weight"))", "blk.0.attn_q_norm.weight")
    case "falcon":
      add("bias", "\(has("attn_qkv.bias"))", "blk.0.attn_qkv.bias")
      add("new_decoder_architecture", "\(has("attn_norm_2.weight"))", "blk.0.attn_norm_2.weight")
    case "qwen2_moe", "qwen3_moe":
      add("decoder_sparse_step", "1", "blk.0.ffn_gate_inp.weight")
    case "t5":
      let gated = header["enc.blk.0.ffn_gate.weight"] != nil
      add("feed_forward_proj", gated ? "\"gated-gelu\"" : "\"relu\"", "enc.blk.0.ffn_gate.weight")
    default: break
    }
  }

  /// Puts in what the file says of each pair's rotation in tensors: how much slower it turns, in short
  /// texts and in long ones.
  package mutating func setRotaryFactors(
    short: [Float], long: [Float], of header: GGUFHeader
  ) {
    guard !short.isEmpty, short.count == long.count, (short + long).allSatisfy(\.isFinite) else {
      return
    }
    let prefix = (header.metadata["general.architecture"]?.text ?? "") + ".rope.scaling"
    func list(_ values: [Float]) -> String {
      "[\(values.map { "\($0)" }.joined(separator: ", "))]"
    }
    var members = [
      "\"rope_type\": \"longrope\"", "\"short_factor\": \(list(short))",
      "\"long_factor\": \(list(long))",
    ]
    if let factor = header.metadata["\(prefix).attn_factor"].flatMap(Self.json) {
      members.append("\"attention_factor\": \(factor)")
    } else if short == long {
      members.append("\"attention_factor\": 1.0")
    }
    entries.removeAll { $0.key == "rope_scaling" }
    add("rope_scaling", "{\(members.joined(separator: ", "))}", "rope_freqs.weight")
    if let length = header.metadata["\(prefix).original_context_length"].flatMap(Self.json) {
      add("original_max_position_embeddings", length, "\(prefix).original_context_length")
    }
  }

  private mutating func addRopeScaling(_ header: GGUFHeader, _ family: GGUFFamily) {
    let prefix = "\(family.architecture).rope.scaling"
    guard let type = header.metadata["\(prefix).type"]?.text, type != "none" else { return }
    var members = ["\"rope_type\": \(JSONText.quoted(type))"]
    if let factor = header.metadata["\(prefix).factor"].flatMap(Self.json) {
      members.append("\"factor\": \(factor)")
    }
    if let length = header.metadata["\(prefix).original_context_length"].flatMap(Self.json) {
      members.append("\"original_max_position_embeddings\": \(length)")
    }
    add("rope_scaling", "{\(members.joined(separator: ", "))}", "\(prefix).type")
  }

  /// Widths that DeepSeek's config has apart and GGUF adds up.
  private mutating func addLatentWidths(_ header: GGUFHeader, _ family: GGUFFamily) {
    func size(_ key: String) -> Int? {
      header.metadata["\(family.architecture).\(key)"]?.integer
    }
    let whole = size("attention.key_length_mla") ?? size("attention.key_length")
    if let whole, let turned = size("rope.dimension_count"), whole >= turned {
      add("qk_nope_head_dim", "\(whole - turned)", "attention.key_length")
    }
    if let value = size("attention.value_length_mla") ?? size("attention.value_length") {
      add("v_head_dim", "\(value)", "attention.value_length")
    }
  }

  // MARK: Values

  private static func json(_ value: GGUFValue) -> String? {
    switch value {
    case .integer(let number): "\(number)"
    case .largeInteger(let number): "\(number)"
    case .float(let number): number.isFinite ? shortest(number) : nil
    case .bool(let truth): "\(truth)"
    case .text(let text): JSONText.quoted(text)
    case .longText: nil
    case .array:
      // One value for each layer: where they are alike, a config has one.
      value.elements.flatMap { elements in
        let spelled = elements.compactMap(json)
        guard spelled.count == elements.count, let first = spelled.first else { return nil }
        return spelled.allSatisfy { $0 == first }
          ? first : "[\(spelled.joined(separator: ", "))]"
      }
    }
  }

  /// A number that was a float in the file, with no more digits than say the same float.
  private static func shortest(_ number: Double) -> String {
    let narrow = Float(number)
    return Double(narrow) == number ? "\(narrow)" : "\(number)"
  }
}
