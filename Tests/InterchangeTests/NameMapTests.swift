// NameMapTests: pairing a model's parameters with the names of published and trained files.
// The files are real ones of PEFT and transformers; the models' names are spelled here.

import Testing

@testable import Interchange

@Suite struct NameMapTests {
  typealias Named = (name: String, shape: [Int])

  static let tied = ["lm_head.weight": "transformer.wte.weight"]

  static func map(
    _ parameters: [Named], _ tensors: [Named], tied: [String: String] = [:]
  ) -> NameMap {
    NameMap(parameters: parameters, tensors: tensors, tied: tied)
  }

  /// GPT-2's parameters as the model names them: the names of transformers.
  static func gpt2() throws -> [Named] { try Fixture.named("1_gpt2/model.safetensors") }

  /// The same model with adapters of rank 4 where the fixture has them.
  static func adapted() throws -> [Named] {
    let width = 32
    var result = try gpt2()
    for layer in 0..<2 {
      for (path, input, output) in [
        ("attn.c_attn", width, 3 * width), ("attn.c_proj", width, width),
        ("mlp.c_proj", 4 * width, width),
      ] {
        result.append(("transformer.h.\(layer).\(path).lora_A", [4, input]))
        result.append(("transformer.h.\(layer).\(path).lora_B", [output, 4]))
      }
    }
    return result
  }

  @Test("a file with the model's own names matches exactly")
  func exact() throws {
    let names = try Self.gpt2()
    let map = Self.map(names, names, tied: Self.tied)
    #expect(map.isComplete)
    #expect(map.matches.count == 28)
    #expect(map.matches.allSatisfy { $0.rule == .exact && $0.parameter == $0.tensor })
  }

  @Test("a full state of PEFT matches, its stored head as a tied copy")
  func peft() throws {
    let file = try Fixture.named("6_gpt2_lora/model.safetensors")
    let map = try Self.map(Self.adapted(), file, tied: Self.tied)
    #expect(map.isComplete)
    #expect(map.matches.count == 40)
    #expect(map.matches.allSatisfy { $0.rule == .canonical })
    #expect(
      map.tiedCopies == [
        NameMap.TiedCopy(
          tensor: "base_model.model.lm_head.weight", owner: "transformer.wte.weight",
          ownerTensor: "base_model.model.transformer.wte.weight")
      ])
    let pairs = Dictionary(uniqueKeysWithValues: map.matches.map { ($0.parameter, $0.tensor) })
    #expect(
      pairs["transformer.h.0.attn.c_attn.lora_A"]
        == "base_model.model.transformer.h.0.attn.c_attn.lora_A.default.weight")
    #expect(
      pairs["transformer.h.1.mlp.c_proj.weight"]
        == "base_model.model.transformer.h.1.mlp.c_proj.base_layer.weight")
  }

  @Test("without the tie the stored head is unexpected; without adapters theirs are")
  func peftLeftovers() throws {
    let file = try Fixture.named("6_gpt2_lora/model.safetensors")
    let untied = try Self.map(Self.adapted(), file)
    #expect(untied.unexpected.map(\.tensor) == ["base_model.model.lm_head.weight"])
    let plain = try Self.map(Self.gpt2(), file, tied: Self.tied)
    #expect(plain.matches.count == 28)
    #expect(plain.missing.isEmpty)
    #expect(plain.unexpected.count == 12)
    #expect(plain.unexpected.allSatisfy { $0.tensor.contains(".lora_") })
    let base = try Self.map(Self.adapted(), Self.gpt2(), tied: Self.tied)
    #expect(base.missing.count == 12)
    #expect(base.missing.first?.reason == "no tensor of this name")
  }

  @Test(
    "names lose what wrappers and adapters add",
    arguments: [
      ("base_model.model.transformer.wte.weight", "transformer.wte.weight"),
      ("h.0.attn.c_attn.base_layer.weight", "h.0.attn.c_attn.weight"),
      ("h.0.attn.c_attn.lora_A.default.weight", "h.0.attn.c_attn.lora_A"),
      ("h.0.attn.c_attn.lora_B.weight", "h.0.attn.c_attn.lora_B"),
      ("h.0.attn.c_attn.lora_A", "h.0.attn.c_attn.lora_A"),
      ("q.lora_magnitude_vector.default.weight", "q.lora_magnitude_vector"),
      ("q.lora_magnitude_vector", "q.lora_magnitude_vector"),
      ("wte.lora_embedding_A.default", "wte.lora_embedding_A"),
      ("q.lora_A.default.bias", "q.lora_A.default.bias"),
      ("base_model.model.score.modules_to_save.default.weight", "score.weight"),
      ("module._orig_mod.h.0.weight", "h.0.weight"),
      ("base_model.weight", "base_model.weight"),
      ("module", "module"),
      ("", ""),
      ("a..b", "a..b"),
    ])
  func canonical(_ name: String, _ form: String) {
    #expect(CheckpointNames.canonical(name) == form)
    #expect(CheckpointNames.canonical(form) == form)
  }

  @Test("a leading component on one side only is bridged, in both directions")
  func prefixes() throws {
    let full = try Self.gpt2()
    let bare = full.map { (name: String($0.name.dropFirst("transformer.".count)), shape: $0.shape) }
    let published = Self.map(full, bare, tied: Self.tied)
    #expect(published.isComplete)
    #expect(published.matches.allSatisfy { $0.rule == .addedPrefix("transformer") })
    #expect(published.matches.first?.tensor == bare.first?.name)
    let body = Self.map(bare, full + [("lm_head.weight", [97, 32])])
    #expect(body.matches.count == 28)
    #expect(body.matches.allSatisfy { $0.rule == .removedPrefix("transformer") })
    #expect(body.unexpected.map(\.tensor) == ["lm_head.weight"])
    let adapter = Self.map(full, bare.map { ("base_model.model." + $0.name, $0.shape) })
    #expect(adapter.isComplete)
  }

  @Test("a prefix that could be any of two bridges nothing and says so")
  func ambiguousPrefix() {
    let map = Self.map(
      [("encoder.0.weight", [2]), ("decoder.0.weight", [2])], [("0.weight", [2])])
    #expect(map.matches.isEmpty)
    #expect(map.missing.count == 2)
    let reason = "ambiguous: the names fit with any of the prefixes `decoder.`, `encoder.`"
    #expect(map.unexpected.map(\.reason) == [reason])
    #expect(map.missing.map(\.reason) == [reason, reason])
  }

  @Test("a component that both sides use is no prefix")
  func sharedComponent() {
    let map = Self.map(
      [("model.a.weight", [1]), ("model.b.weight", [1])],
      [("model.a.weight", [1]), ("b.weight", [1])])
    #expect(map.missing.map(\.parameter) == ["model.b.weight"])
    #expect(map.unexpected.map(\.tensor) == ["b.weight"])
  }

  @Test("two tensors for one parameter fill none, unless one has its very name")
  func ambiguity() {
    let two = Self.map(
      [("q.lora_A", [4, 8])],
      [("q.lora_A.default.weight", [4, 8]), ("q.lora_A.other.weight", [4, 8])])
    #expect(two.matches.isEmpty)
    #expect(two.unexpected.count == 2)
    #expect(
      two.missing.first?.reason
        == "ambiguous: `q.lora_A.default.weight`, `q.lora_A.other.weight` could fill `q.lora_A`")
    let exact = Self.map(
      [("q.lora_A", [4, 8])], [("q.lora_A.default.weight", [4, 8]), ("q.lora_A", [4, 8])])
    #expect(exact.matches.map(\.tensor) == ["q.lora_A"])
    #expect(exact.unexpected.first?.reason == "another tensor already fills `q.lora_A`")
  }

  @Test("shapes that differ are paired and explained, not lost")
  func shapes() {
    let map = Self.map(
      [("a", [2, 3]), ("b", [4, 5]), ("c", [6]), ("d", [7])],
      [("d", [7]), ("c", [1, 6]), ("b", [4, 8]), ("a", [3, 2])])
    #expect(map.matches.map(\.tensor) == ["d"])
    #expect(map.missing.isEmpty)
    #expect(map.unexpected.isEmpty)
    #expect(!map.isComplete)
    #expect(map.mismatched.map(\.parameter) == ["c", "b", "a"])
    #expect(
      map.mismatched.map(\.reason) == [
        "expected 1 axes, found 2", "axis 1: expected 5, found 8", "stored transposed",
      ])
    #expect(map.mismatched[1].expected == [4, 5])
    #expect(map.mismatched[1].found == [4, 8])
  }

  @Test("a missing and an extra tensor are named with their shapes")
  func missingAndExtra() throws {
    var file = try Self.gpt2()
    file.removeAll { $0.name == "transformer.h.0.ln_1.weight" }
    file.append(("transformer.h.7.attn.c_attn.bogus.weight", [3, 5]))
    let map = try Self.map(Self.gpt2(), file, tied: Self.tied)
    #expect(map.missing.map(\.parameter) == ["transformer.h.0.ln_1.weight"])
    #expect(map.missing.map(\.shape) == [[32]])
    #expect(map.unexpected.map(\.tensor) == ["transformer.h.7.attn.c_attn.bogus.weight"])
    #expect(map.unexpected.map(\.reason) == ["no parameter of this name"])
  }

  @Test("an alias alone fills its owner; beside the owner it is a copy; misshapen it is an error")
  func ties() {
    let model: [Named] = [("wte.weight", [9, 4])]
    let tied = ["lm_head.weight": "wte.weight", "decoder.weight": "wte.weight"]
    let alone = Self.map(model, [("lm_head.weight", [9, 4])], tied: tied)
    #expect(alone.matches.map(\.tensor) == ["lm_head.weight"])
    #expect(alone.matches.map(\.isAlias) == [true])
    #expect(alone.isComplete)
    let three = Self.map(
      model, [("decoder.weight", [9, 4]), ("lm_head.weight", [9, 4]), ("wte.weight", [9, 4])],
      tied: tied)
    #expect(three.matches.map(\.tensor) == ["wte.weight"])
    #expect(three.tiedCopies.map(\.tensor) == ["decoder.weight", "lm_head.weight"])
    let misshapen = Self.map(
      model, [("lm_head.weight", [8, 4]), ("wte.weight", [9, 4])], tied: tied)
    #expect(misshapen.matches.map(\.tensor) == ["wte.weight"])
    #expect(misshapen.mismatched.map(\.tensor) == ["lm_head.weight"])
    #expect(!misshapen.isComplete)
  }

  @Test("masks of old checkpoints are buffers by name and shape; a bias never is")
  func buffers() throws {
    let masks: [Named] = [
      ("transformer.h.0.attn.bias", [1, 1, 32, 32]),
      ("transformer.h.0.attn.masked_bias", []),
      ("embeddings.position_ids", [1, 512]),
      ("rotary.inv_freq", [16]),
    ]
    let map = try Self.map(Self.gpt2(), Self.gpt2() + masks, tied: Self.tied)
    #expect(map.isComplete)
    #expect(map.buffers == masks.map(\.name))
    let bias = Self.map(
      [], [("h.0.attn.bias", [32]), ("h.1.attn.bias", [1, 1]), ("h.0.attn.masked_bias", [4])])
    #expect(bias.unexpected.count == 3)
    let wanted = Self.map([("h.0.attn.bias", [1, 1, 2, 2])], [("h.0.attn.bias", [1, 1, 2, 2])])
    #expect(wanted.matches.count == 1)
    #expect(wanted.buffers.isEmpty)
    let declared = NameMap(
      parameters: [("w", [1])], tensors: [("w", [1]), ("final_logits_bias", [1, 9])],
      buffers: ["final_logits_bias"])
    #expect(declared.isComplete)
    #expect(declared.buffers == ["final_logits_bias"])
  }
}
