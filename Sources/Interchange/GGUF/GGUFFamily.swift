// GGUFFamily: how one architecture of GGUF is called and spelled in Hugging Face checkpoints.
// Apart from its tables, which are only data.

/// An architecture of GGUF and the family that it is elsewhere.
package struct GGUFFamily: Hashable, Sendable {
  /// As `general.architecture` says.
  package var architecture: String
  /// As `model_type` says.
  package var modelType: String
  /// The lists of layers: `blk` is `model.layers`.
  package var stacks: [String: String]
  /// Tensors outside the lists.
  package var outside: [String: String]
  /// Tensors of a layer, without `blk.3.`.
  package var inside: [String: String]
  /// The same for stacks that have parts of their own.
  package var own: [String: [String: String]] = [:]
  /// What was done to values, by the part or by the part and its tail.
  package var changes: [String: GGUFChange] = [:]

  /// What the converter leaves out of the checkpoint, by the beginning of its names.
  package var dropped: [String] = []

  func parts(of stack: String) -> [String: String] { own[stack] ?? inside }

  /// The family of a file.
  package static func of(_ header: GGUFHeader) -> GGUFFamily? {
    guard let architecture = header.metadata["general.architecture"]?.text else { return nil }
    let candidates = all.filter { $0.architecture == architecture }
    let family = candidates.first { candidates.count > 1 && $0.isMeant(by: header) }
    return (family ?? candidates.first)?.refined(by: header)
  }

  /// The family with the spellings that depend on what else the file holds.
  private func refined(by header: GGUFHeader) -> GGUFFamily {
    var family = self
    func has(_ part: String) -> Bool {
      header.tensors.contains { $0.name.hasSuffix(".0.\(part)") }
    }
    if architecture == "falcon", has("attn_norm_2.weight") {
      family.inside["attn_norm"] = "ln_mlp"
    }
    if architecture == "t5", has("ffn_gate.weight") {
      for (stack, layer) in [("enc.blk", 1), ("dec.blk", 2)] {
        family.own[stack]?["ffn_gate"] = "layer.\(layer).DenseReluDense.wi_0"
        family.own[stack]?["ffn_up"] = "layer.\(layer).DenseReluDense.wi_1"
      }
    }
    return family
  }

  /// Which of the families that share an architecture a file is of.
  private func isMeant(by header: GGUFHeader) -> Bool {
    let experts = header.metadata["\(architecture).expert_count"]?.integer ?? 0
    switch modelType {
    case "mixtral": return experts > 0
    case "llama": return experts == 0
    // Only the third version adds a bias to the scores of its router.
    case "deepseek_v3": return header.tensors.contains { $0.name.contains(".exp_probs_b") }
    default: return !header.tensors.contains { $0.name.contains(".exp_probs_b") }
    }
  }

  /// The architectures that are known.
  package static var all: [GGUFFamily] { llamaLike + others }
}
