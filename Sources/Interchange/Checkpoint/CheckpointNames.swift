// CheckpointNames: the ways in which tools spell one parameter's name, and one form for all.
// Conventions of tools, not of architectures; apart from NameMap, which only compares names.

/// The rules that bring a parameter path and a tensor name to one form.
package enum CheckpointNames {
  /// Leading components that wrappers of a whole model add: PEFT, compilation, data parallelism.
  private static let wrappers = [["base_model", "model"], ["_orig_mod"], ["module"]]

  /// The parts of an adapter that PEFT keys by the adapter's name.
  private static let adapterParts: Set<String> = [
    "lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector",
  ]

  /// The name without what wrappers and adapters of training tools add to it.
  ///
  /// `base_model.model.h.0.attn.base_layer.weight` is `h.0.attn.weight`, and
  /// `h.0.attn.lora_A.default.weight` is `h.0.attn.lora_A`.
  package static func canonical(_ name: String) -> String {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    while let wrapper = wrappers.first(where: { parts.count > $0.count && parts.starts(with: $0) })
    {
      parts.removeFirst(wrapper.count)
    }
    parts.removeAll { $0 == "base_layer" }
    // Checkpoints that came from TensorFlow; Hugging Face's reader renames them too.
    if let last = parts.last, let owner = parts.dropLast().last, owner.contains("Norm") {
      if last == "gamma" { parts[parts.count - 1] = "weight" }
      if last == "beta" { parts[parts.count - 1] = "bias" }
    }
    if let index = parts.firstIndex(of: "modules_to_save"), index + 2 < parts.count {
      parts.removeSubrange(index...index + 1)
    }
    if let index = parts.lastIndex(where: adapterParts.contains), index >= parts.count - 3 {
      let tail = parts[(index + 1)...]
      if tail.count < 2 || tail.last == "weight" { parts.removeSubrange((index + 1)...) }
    }
    return parts.joined(separator: ".")
  }

  /// The first component, unless it is the whole name.
  static func leadingComponent(_ name: String) -> String? {
    name.firstIndex(of: ".").map { String(name[..<$0]) }
  }

  /// Whether a tensor is a constant that old checkpoints carry, never a weight.
  ///
  /// Attention masks are told from biases by their shape: a mask is `[1, 1, n, n]` or a scalar.
  static func isKnownBuffer(_ name: String, shape: [Int]) -> Bool {
    let parts = canonical(name).split(separator: ".")
    // The bias on a sequence model's logits is a constant of zeros, beside no layer.
    if parts.last == "final_logits_bias" { return shape.count == 2 && shape[0] == 1 }
    guard let last = parts.last, let owner = parts.dropLast().last else { return false }
    switch last {
    case "bias":
      return ["attn", "attention"].contains(owner) && shape.count == 4
        && shape.prefix(2) == [1, 1] && shape[2] == shape[3]
    case "masked_bias":
      return ["attn", "attention"].contains(owner) && shape.allSatisfy { $0 == 1 }
    case "inv_freq": return shape.count == 1
    case "token_type_ids": return owner == "embeddings" && shape.dropLast().allSatisfy { $0 == 1 }
    case "position_ids": return shape.count <= 2 && shape.dropLast().allSatisfy { $0 == 1 }
    default: return false
    }
  }
}
