// GGUFNames: which Hugging Face tensor a GGUF tensor is, and what was done to it on the way.
// The tables stand in GGUFFamily+Tables; here they are only applied.

/// What llama.cpp's converter does to the values of a tensor; the shape tells only some of it.
/// - Source: `convert_hf_to_gguf.py` of llama.cpp.
package enum GGUFChange: String, Hashable, Sendable {
  /// Nothing: the same numbers in the same order.
  case none
  /// The rows of each head are reordered, `[2, half]` to `[half, 2]`, because ggml turns neighbours
  /// where Hugging Face turns the first half against the second: row `2·i + s` of a head in the file
  /// is row `s·half + i` of the checkpoint. Queries have as many heads as `attention.head_count`, keys as
  /// `attention.head_count_kv`; biases are reordered alike.
  case headRowsInterleaved
  /// A `Conv1D` weight `[in, out]`, stored as a linear layer's `[out, in]`.
  case transposed
  /// A norm's weight to which 1 has been added.
  case plusOne
  /// Queries, keys and values joined head by head, stored as all queries, all keys, all values.
  case headsRegrouped
}

/// The place of a GGUF tensor among a checkpoint's tensors.
package struct GGUFTarget: Hashable, Sendable {
  /// The name; `*` stands for the number of an expert where one tensor holds all of them.
  package let name: String
  package let change: GGUFChange

  /// Whether the first axis counts experts, each of which has a tensor of its own elsewhere.
  package var isStack: Bool { name.contains("*") }
}

/// The names of one GGUF file in the spelling of its Hugging Face checkpoint.
package struct GGUFNames: Hashable, Sendable {
  package let family: GGUFFamily

  /// The names of a file, by `general.architecture`.
  ///
  /// - Returns: nil when no table says how the architecture's names are spelled elsewhere.
  package init?(_ header: GGUFHeader) {
    guard let family = GGUFFamily.of(header) else { return nil }
    self.family = family
  }

  package init(family: GGUFFamily) { self.family = family }

  /// What a tensor is called elsewhere; nil for one that the family does not have.
  package func target(of tensor: String) -> GGUFTarget? {
    // `blk.3.attn_q.weight`: stack, number, part, tail. Some parts have no tail.
    let words = tensor.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    for (stack, place) in family.stacks {
      let head = stack.split(separator: ".").map(String.init)
      guard words.count > head.count + 1, Array(words.prefix(head.count)) == head,
        let layer = Int(words[head.count]), layer >= 0, words[head.count] == "\(layer)"
      else { continue }
      let rest = words[(head.count + 1)...]
      return target(rest, in: family.parts(of: stack), after: "\(place).\(layer).")
    }
    return target(words[...], in: family.outside, after: "")
  }

  /// Tensors that a GGUF file carries for ggml's sake and no checkpoint has.
  package static func isConstant(_ tensor: String) -> Bool {
    ["rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"].contains(tensor)
      || tensor.hasSuffix(".attn_rot_embd")
  }

  private func target(
    _ words: ArraySlice<String>, in table: [String: String], after prefix: String
  ) -> GGUFTarget? {
    let whole = words.joined(separator: ".")
    if let found = table[whole] { return GGUFTarget(name: prefix + found, change: change(whole)) }
    guard let tail = words.last, words.count > 1 else { return nil }
    let part = words.dropLast().joined(separator: ".")
    guard let found = table[part] else { return nil }
    return GGUFTarget(name: "\(prefix)\(found).\(tail)", change: change("\(part).\(tail)"))
  }

  private func change(_ name: String) -> GGUFChange {
    if let change = family.changes[name] { return change }
    let part = name.split(separator: ".").dropLast().joined(separator: ".")
    return family.changes[part] ?? .none
  }
}
