// GGUFFamily+Others: the GGUF architectures with spellings of their own.
// Held against the tables of the gguf package, as Llama's kin are.

extension GGUFFamily {
  /// Architectures that join queries, keys and values, or have no `model.layers`.
  static var others: [GGUFFamily] { [gpt2, bigcode, gptj, neox, bloom, falcon, mpt, bert, t5] }

  private static let gpt2 = GGUFFamily(
    architecture: "gpt2", modelType: "gpt2", stacks: ["blk": "transformer.h"],
    outside: [
      "token_embd": "transformer.wte", "position_embd": "transformer.wpe",
      "output_norm": "transformer.ln_f", "output": "lm_head",
    ],
    inside: [
      "attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj",
      "ffn_norm": "ln_2", "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
    ],
    changes: [
      "attn_qkv.weight": .transposed, "attn_output.weight": .transposed,
      "ffn_up.weight": .transposed, "ffn_down.weight": .transposed,
    ])

  /// GPT-2's names with linear layers.
  private static let bigcode: GGUFFamily = {
    var family = gpt2
    family.architecture = "starcoder"
    family.modelType = "gpt_bigcode"
    family.changes = [:]
    return family
  }()

  private static let gptj = GGUFFamily(
    architecture: "gptj", modelType: "gptj", stacks: ["blk": "transformer.h"],
    outside: [
      "token_embd": "transformer.wte", "output_norm": "transformer.ln_f", "output": "lm_head",
    ],
    inside: [
      "attn_norm": "ln_1", "attn_q": "attn.q_proj", "attn_k": "attn.k_proj",
      "attn_v": "attn.v_proj", "attn_output": "attn.out_proj", "ffn_up": "mlp.fc_in",
      "ffn_down": "mlp.fc_out",
    ])

  private static let neox = GGUFFamily(
    architecture: "gptneox", modelType: "gpt_neox", stacks: ["blk": "gpt_neox.layers"],
    outside: [
      "token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm",
      "output": "embed_out",
    ],
    inside: [
      "attn_norm": "input_layernorm", "attn_qkv": "attention.query_key_value",
      "attn_output": "attention.dense", "ffn_norm": "post_attention_layernorm",
      "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
    ], changes: ["attn_qkv": .headsRegrouped])

  private static let bloom = GGUFFamily(
    architecture: "bloom", modelType: "bloom", stacks: ["blk": "transformer.h"],
    outside: [
      "token_embd": "transformer.word_embeddings",
      "token_embd_norm": "transformer.word_embeddings_layernorm",
      "output_norm": "transformer.ln_f", "output": "lm_head",
    ],
    inside: [
      "attn_norm": "input_layernorm", "attn_qkv": "self_attention.query_key_value",
      "attn_output": "self_attention.dense", "ffn_norm": "post_attention_layernorm",
      "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
    ], changes: ["attn_qkv": .headsRegrouped])

  private static let falcon = GGUFFamily(
    architecture: "falcon", modelType: "falcon", stacks: ["blk": "transformer.h"],
    outside: [
      "token_embd": "transformer.word_embeddings", "output_norm": "transformer.ln_f",
      "output": "lm_head",
    ],
    inside: [
      "attn_norm": "input_layernorm", "attn_norm_2": "ln_attn",
      "attn_qkv": "self_attention.query_key_value", "attn_output": "self_attention.dense",
      "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
    ], changes: ["attn_qkv": .headsRegrouped])

  private static let mpt = GGUFFamily(
    architecture: "mpt", modelType: "mpt", stacks: ["blk": "transformer.blocks"],
    outside: [
      "token_embd": "transformer.wte", "output_norm": "transformer.norm_f", "output": "lm_head",
    ],
    inside: [
      "attn_norm": "norm_1", "attn_qkv": "attn.Wqkv", "attn_output": "attn.out_proj",
      "ffn_norm": "norm_2", "ffn_up": "ffn.up_proj", "ffn_down": "ffn.down_proj",
    ])

  private static let bert = GGUFFamily(
    architecture: "bert", modelType: "bert", stacks: ["blk": "encoder.layer"],
    outside: [
      "token_embd": "embeddings.word_embeddings",
      "position_embd": "embeddings.position_embeddings",
      "token_types": "embeddings.token_type_embeddings",
      "token_embd_norm": "embeddings.LayerNorm",
    ],
    inside: [
      "attn_q": "attention.self.query", "attn_k": "attention.self.key",
      "attn_v": "attention.self.value", "attn_output": "attention.output.dense",
      "attn_output_norm": "attention.output.LayerNorm", "ffn_up": "intermediate.dense",
      "ffn_down": "output.dense", "layer_output_norm": "output.LayerNorm",
    ],
    // Files of BERT are for embeddings, which pool without a layer.
    dropped: ["pooler."])

  private static let t5 = GGUFFamily(
    architecture: "t5", modelType: "t5",
    stacks: ["enc.blk": "encoder.block", "dec.blk": "decoder.block"],
    outside: [
      "token_embd": "shared", "enc.output_norm": "encoder.final_layer_norm",
      "dec.output_norm": "decoder.final_layer_norm", "output": "lm_head",
    ], inside: [:],
    own: [
      "enc.blk": [
        "attn_norm": "layer.0.layer_norm", "attn_q": "layer.0.SelfAttention.q",
        "attn_k": "layer.0.SelfAttention.k", "attn_v": "layer.0.SelfAttention.v",
        "attn_o": "layer.0.SelfAttention.o",
        "attn_rel_b": "layer.0.SelfAttention.relative_attention_bias",
        "ffn_norm": "layer.1.layer_norm", "ffn_up": "layer.1.DenseReluDense.wi",
        "ffn_down": "layer.1.DenseReluDense.wo",
      ],
      "dec.blk": [
        "attn_norm": "layer.0.layer_norm", "attn_q": "layer.0.SelfAttention.q",
        "attn_k": "layer.0.SelfAttention.k", "attn_v": "layer.0.SelfAttention.v",
        "attn_o": "layer.0.SelfAttention.o",
        "attn_rel_b": "layer.0.SelfAttention.relative_attention_bias",
        "cross_attn_norm": "layer.1.layer_norm", "cross_attn_q": "layer.1.EncDecAttention.q",
        "cross_attn_k": "layer.1.EncDecAttention.k", "cross_attn_v": "layer.1.EncDecAttention.v",
        "cross_attn_o": "layer.1.EncDecAttention.o", "ffn_norm": "layer.2.layer_norm",
        "ffn_up": "layer.2.DenseReluDense.wi", "ffn_down": "layer.2.DenseReluDense.wo",
      ],
    ])
}
