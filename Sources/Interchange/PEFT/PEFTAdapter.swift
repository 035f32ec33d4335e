// PEFTAdapter: a LoRA adapter as Hugging Face's PEFT stores it: its layers, their names and its config.
// Names and numbers only; which layers of a model are adapted, and how, is for others to know.

/// One adapted layer: `scaling · up · down` is added to what the layer multiplies by.
package struct PEFTLayer: Hashable, Sendable {
  /// The layer's name in the base model, as transformers spells it: `transformer.h.0.attn.c_attn`.
  package var module: String
  package var rank: Int
  package var scaling: Double
  package var input: Int
  package var output: Int
  /// Whether the layer stores its weight `[in, out]`, as the `Conv1D` of GPT-2 does.
  package var isFanInFanOut: Bool

  package init(
    module: String, rank: Int, scaling: Double, input: Int, output: Int, isFanInFanOut: Bool
  ) {
    self.module = module
    self.rank = rank
    self.scaling = scaling
    self.input = input
    self.output = output
    self.isFanInFanOut = isFanInFanOut
  }

  /// The name of the matrix `[rank, in]` in `adapter_model.safetensors`.
  package var downName: String { PEFTAdapter.prefix + module + ".lora_A.weight" }
  /// The name of the matrix `[out, rank]`.
  package var upName: String { PEFTAdapter.prefix + module + ".lora_B.weight" }
}

/// An adapter: what `adapter_config.json` says, and the names in `adapter_model.safetensors`.
package struct PEFTAdapter: Hashable, Sendable {
  /// What stands before every name.
  package static let prefix = "base_model.model."
  package static let configName = "adapter_config.json"
  package static let weightsName = "adapter_model.safetensors"

  package var layers: [PEFTLayer]
  /// The layers' names, or the ends of names that mean the same layers.
  package var targets: [String]
  /// Whether the scaling is alpha divided by the root of the rank.
  package var isRankStabilised: Bool
  /// Layers that are trained in full and stored whole.
  package var saved: [String]
  /// The base model's name or folder, for loaders that fetch it.
  package var base: String?
  /// `CAUSAL_LM` and the like.
  package var task: String?

  package init(
    layers: [PEFTLayer], targets: [String]? = nil, isRankStabilised: Bool = false,
    saved: [String] = [], base: String? = nil, task: String? = nil
  ) {
    self.layers = layers
    self.targets = targets ?? layers.map(\.module)
    self.isRankStabilised = isRankStabilised
    self.saved = saved
    self.base = base
    self.task = task
  }

  /// The alpha that gives a layer its scaling.
  package func alpha(of layer: PEFTLayer) -> Double {
    let rank = Double(layer.rank)
    let exact = layer.scaling * (isRankStabilised ? rank.squareRoot() : rank)
    // A scaling such as 16 / 3 has no exact value; its alpha has.
    let near = (exact * 1e6).rounded() / 1e6
    return (near - exact).magnitude <= 1e-9 * exact.magnitude ? near : exact
  }

  /// The text of `adapter_config.json`.
  package var config: String {
    let ranks = layers.map(\.rank)
    let alphas = layers.map { self.alpha(of: $0) }
    let rank = PEFTAdapter.commonest(ranks) ?? 8
    let alpha = PEFTAdapter.commonest(alphas) ?? 8
    var rankPattern: [(String, String)] = []
    var alphaPattern: [(String, String)] = []
    for (layer, own) in zip(layers, alphas) {
      let key = PEFTAdapter.escaped(layer.module)
      if layer.rank != rank { rankPattern.append((key, "\(layer.rank)")) }
      if own != alpha { alphaPattern.append((key, PEFTAdapter.number(own))) }
    }
    let isFanInFanOut = !layers.isEmpty && layers.allSatisfy(\.isFanInFanOut)
    let members: [(String, String)] = [
      ("alpha_pattern", PEFTAdapter.object(alphaPattern)),
      ("base_model_name_or_path", PEFTAdapter.text(base)),
      ("bias", "\"none\""),
      ("fan_in_fan_out", "\(isFanInFanOut)"),
      ("inference_mode", "true"),
      ("init_lora_weights", "true"),
      ("layers_pattern", "null"),
      ("layers_to_transform", "null"),
      ("lora_alpha", PEFTAdapter.number(alpha)),
      ("lora_dropout", "0.0"),
      ("modules_to_save", saved.isEmpty ? "null" : PEFTAdapter.list(saved)),
      ("peft_type", "\"LORA\""),
      ("r", "\(rank)"),
      ("rank_pattern", PEFTAdapter.object(rankPattern)),
      ("target_modules", PEFTAdapter.list(targets)),
      ("task_type", PEFTAdapter.text(task)),
      ("use_dora", "false"),
      ("use_rslora", "\(isRankStabilised)"),
    ]
    return "{\n" + members.map { "  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n}\n"
  }

  /// The value that occurs most, the first of several.
  private static func commonest<Value: Hashable>(_ values: [Value]) -> Value? {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let most = counts.values.max()
    return values.first { counts[$0] == most }
  }

  /// A name as the regular expression that matches it alone.
  private static func escaped(_ name: String) -> String {
    name.replacing(".", with: "\\.")
  }

  private static func number(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func text(_ text: String?) -> String { text.map(JSONText.quoted) ?? "null" }

  private static func list(_ texts: [String]) -> String {
    guard !texts.isEmpty else { return "[]" }
    return "[\n" + texts.map { "    " + JSONText.quoted($0) }.joined(separator: ",\n") + "\n  ]"
  }

  private static func object(_ members: [(String, String)]) -> String {
    guard !members.isEmpty else { return "{}" }
    let lines = members.map { "    \(JSONText.quoted($0.0)): \($0.1)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n  }"
  }
}
