// GGUFNamesTests: GGUF names and keys become the names and keys of the Hugging Face checkpoint.
// The pairs were printed by the gguf package's own tables for models of transformers.

import Testing

@testable import Interchange

@Suite struct GGUFNamesTests {
  static func names(_ architecture: String, _ modelType: String) throws -> GGUFNames {
    let family = GGUFFamily.all.first {
      $0.architecture == architecture && $0.modelType == modelType
    }
    return GGUFNames(family: try #require(family))
  }

  // gguf 0.19, get_tensor_name_map(architecture, 2), for state_dict names of transformers 4.57.
  static let pairs: [(String, String, String, String)] = [
    ("llama", "llama", "blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj.weight"),
    ("llama", "llama", "output.weight", "lm_head.weight"),
    (
      "llama", "mixtral", "blk.1.ffn_down_exps.weight",
      "model.layers.1.block_sparse_moe.experts.*.w2.weight"
    ),
    ("qwen2", "qwen2", "blk.12.attn_k.bias", "model.layers.12.self_attn.k_proj.bias"),
    (
      "qwen2moe", "qwen2_moe", "blk.0.ffn_gate_inp_shexp.weight",
      "model.layers.0.mlp.shared_expert_gate.weight"
    ),
    ("qwen3", "qwen3", "blk.0.attn_q_norm.weight", "model.layers.0.self_attn.q_norm.weight"),
    (
      "gemma2", "gemma2", "blk.0.ffn_norm.weight",
      "model.layers.0.pre_feedforward_layernorm.weight"
    ),
    (
      "gemma3", "gemma3_text", "blk.0.post_ffw_norm.weight",
      "model.layers.0.post_feedforward_layernorm.weight"
    ),
    ("phi2", "phi", "blk.0.ffn_down.bias", "model.layers.0.mlp.fc2.bias"),
    ("phi3", "phi3", "blk.0.ffn_up.weight", "model.layers.0.mlp.gate_up_proj.weight"),
    ("gpt2", "gpt2", "blk.0.attn_qkv.weight", "transformer.h.0.attn.c_attn.weight"),
    ("gptj", "gptj", "blk.0.ffn_up.bias", "transformer.h.0.mlp.fc_in.bias"),
    ("gptneox", "gpt_neox", "output.weight", "embed_out.weight"),
    (
      "bloom", "bloom", "blk.0.attn_qkv.bias",
      "transformer.h.0.self_attention.query_key_value.bias"
    ),
    ("falcon", "falcon", "blk.0.ffn_down.weight", "transformer.h.0.mlp.dense_4h_to_h.weight"),
    ("mpt", "mpt", "blk.0.attn_qkv.weight", "transformer.blocks.0.attn.Wqkv.weight"),
    ("starcoder", "gpt_bigcode", "position_embd.weight", "transformer.wpe.weight"),
    ("starcoder2", "starcoder2", "blk.0.ffn_up.weight", "model.layers.0.mlp.c_fc.weight"),
    (
      "olmo2", "olmo2", "blk.0.post_attention_norm.weight",
      "model.layers.0.post_attention_layernorm.weight"
    ),
    (
      "deepseek2", "deepseek_v3", "blk.1.attn_kv_a_mqa.weight",
      "model.layers.1.self_attn.kv_a_proj_with_mqa.weight"
    ),
    ("bert", "bert", "blk.0.layer_output_norm.bias", "encoder.layer.0.output.LayerNorm.bias"),
    ("t5", "t5", "dec.blk.0.ffn_up.weight", "decoder.block.0.layer.2.DenseReluDense.wi.weight"),
    ("t5", "t5", "enc.output_norm.weight", "encoder.final_layer_norm.weight"),
  ]

  @Test("a tensor has the name that the checkpoint gives it", arguments: pairs)
  func names(_ pair: (String, String, String, String)) throws {
    #expect(try Self.names(pair.0, pair.1).target(of: pair.2)?.name == pair.3)
  }

  @Test("what is no tensor of the family has no other name")
  func unknown() throws {
    let names = try Self.names("llama", "llama")
    for name in [
      "", ".", "blk", "blk.", "blk.x.attn_q.weight", "blk.00.attn_q.weight", "blk.0", "blk.0.",
      "blk.-1.attn_q.weight", "blk.0.attn_z.weight", "blk.99999999999999999999.attn_q.weight",
    ] {
      #expect(names.target(of: name) == nil, "\(name)")
    }
    #expect(GGUFNames.isConstant("rope_freqs.weight"))
  }

  @Test("what the converter did to the values is told with the name")
  func changes() throws {
    func change(_ architecture: String, _ type: String, _ name: String) throws -> GGUFChange? {
      try Self.names(architecture, type).target(of: name)?.change
    }
    #expect(try change("llama", "llama", "blk.0.attn_q.weight") == .headRowsInterleaved)
    #expect(try change("llama", "llama", "blk.0.attn_k.bias") == .headRowsInterleaved)
    #expect(try change("llama", "llama", "blk.0.attn_v.weight") == GGUFChange.none)
    #expect(try change("qwen2", "qwen2", "blk.0.attn_q.weight") == GGUFChange.none)
    #expect(try change("gpt2", "gpt2", "blk.0.ffn_up.weight") == .transposed)
    #expect(try change("gpt2", "gpt2", "blk.0.ffn_up.bias") == GGUFChange.none)
    #expect(try change("gemma", "gemma", "output_norm.weight") == .plusOne)
    #expect(try change("bloom", "bloom", "blk.0.attn_qkv.bias") == .headsRegrouped)
  }

  @Test("the metadata becomes a config, with what only tensors say")
  func config() throws {
    let header = try #require(GGUFBuilder.scan(GGUFBuilder.llama.bytes()).header)
    let config = try #require(GGUFConfig(header))
    let expected = [
      "model_type": "\"llama\"", "vocab_size": "96", "max_position_embeddings": "128",
      "hidden_size": "64", "intermediate_size": "96", "num_hidden_layers": "1",
      "num_attention_heads": "2", "num_key_value_heads": "1", "head_dim": "32",
      "rope_theta": "10000.0", "rms_norm_eps": "1e-05", "tie_word_embeddings": "true",
      "attention_bias": "false",
    ]
    for (key, json) in expected { #expect(config[key]?.json == json, "\(key)") }
    #expect(config.entries.count == expected.count)
    #expect(throws: Never.self) { try JSONDocument(config.text) }
  }
}
