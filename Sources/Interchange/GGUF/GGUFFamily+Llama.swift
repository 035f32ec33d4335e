// GGUFFamily+Llama: the GGUF architectures whose checkpoints are spelled like Llama's.
// Each says only what differs; held against the tables of the gguf package.

extension GGUFFamily {
  /// Architectures with `model.layers` and projections apart.
  static var llamaLike: [GGUFFamily] {
    [
      llama,
      llama.with(
        "llama", "mixtral",
        [
          "ffn_gate_inp": "block_sparse_moe.gate",
          "ffn_gate_exps": "block_sparse_moe.experts.*.w1",
          "ffn_down_exps": "block_sparse_moe.experts.*.w2",
          "ffn_up_exps": "block_sparse_moe.experts.*.w3",
        ]),
      plain.with("qwen2", "qwen2", [:]),
      plain.with("qwen2moe", "qwen2_moe", experts.merging(sharedExpert) { $1 }),
      plain.with("qwen3", "qwen3", headNorms),
      plain.with("qwen3moe", "qwen3_moe", headNorms.merging(experts) { $1 }),
      plain.with("gemma", "gemma", [:]).addingOneToNorms,
      plain.with("gemma2", "gemma2", fourNorms).addingOneToNorms,
      plain.with("gemma3", "gemma3_text", fourNorms.merging(headNorms) { $1 }).addingOneToNorms,
      plain.with("starcoder2", "starcoder2", ["ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"]),
      plain.with("stablelm", "stablelm", [:]),
      // OLMo's own converter reorders as Llama's does; its successors keep the order.
      llama.with("olmo", "olmo", [:]),
      plain.with(
        "olmo2", "olmo2",
        headNorms.merging([
          "post_attention_norm": "post_attention_layernorm",
          "post_ffw_norm": "post_feedforward_layernorm",
        ]) { $1 }),
      plain.with("olmoe", "olmoe", headNorms.merging(experts) { $1 }),
      plain.with("phi3", "phi3", ["attn_qkv": "self_attn.qkv_proj", "ffn_up": "mlp.gate_up_proj"]),
      plain.with(
        "phi2", "phi",
        ["attn_output": "self_attn.dense", "ffn_up": "mlp.fc1", "ffn_down": "mlp.fc2"],
        outside: ["output_norm": "model.final_layernorm"]),
      plain.with("deepseek2", "deepseek_v2", latent.merging(experts) { $1 }),
      plain.with(
        "deepseek2", "deepseek_v3",
        latent.merging(experts) { $1 }.merging([
          "exp_probs_b.bias": "mlp.gate.e_score_correction_bias",
          "exp_probs_b": "mlp.gate.e_score_correction_bias",
        ]) { $1 }),
    ]
  }

  private static let plain = GGUFFamily(
    architecture: "", modelType: "", stacks: ["blk": "model.layers"],
    outside: [
      "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
    ],
    inside: [
      "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
      "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
      "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
      "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    ])

  /// Llama itself, whose queries and keys are reordered for ggml's rotary positions.
  private static let llama: GGUFFamily = {
    var family = plain
    family.architecture = "llama"
    family.modelType = "llama"
    family.changes = ["attn_q": .headRowsInterleaved, "attn_k": .headRowsInterleaved]
    return family
  }()

  private static let headNorms = [
    "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
  ]

  private static let fourNorms = [
    "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
  ]

  private static let experts = [
    "ffn_gate_inp": "mlp.gate", "ffn_gate_exps": "mlp.experts.*.gate_proj",
    "ffn_up_exps": "mlp.experts.*.up_proj", "ffn_down_exps": "mlp.experts.*.down_proj",
  ]

  private static let sharedExpert = [
    "ffn_gate_shexp": "mlp.shared_expert.gate_proj", "ffn_up_shexp": "mlp.shared_expert.up_proj",
    "ffn_down_shexp": "mlp.shared_expert.down_proj",
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
  ]

  private static let latent = [
    "attn_q_a": "self_attn.q_a_proj", "attn_q_a_norm": "self_attn.q_a_layernorm",
    "attn_q_b": "self_attn.q_b_proj", "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_a_norm": "self_attn.kv_a_layernorm", "attn_kv_b": "self_attn.kv_b_proj",
    "ffn_gate_shexp": "mlp.shared_experts.gate_proj",
    "ffn_up_shexp": "mlp.shared_experts.up_proj",
    "ffn_down_shexp": "mlp.shared_experts.down_proj",
  ]

  private func with(
    _ architecture: String, _ modelType: String, _ inside: [String: String],
    outside: [String: String] = [:]
  ) -> GGUFFamily {
    var family = self
    family.architecture = architecture
    family.modelType = modelType
    family.inside.merge(inside) { $1 }
    family.outside.merge(outside) { $1 }
    return family
  }

  /// Gemma's checkpoints hold the distance of a norm's scale from one, its GGUF files the scale.
  private var addingOneToNorms: GGUFFamily {
    var family = self
    for part in [
      "attn_norm", "ffn_norm", "output_norm", "post_attention_norm", "post_ffw_norm",
      "attn_q_norm", "attn_k_norm",
    ] {
      family.changes[part] = .plusOne
    }
    return family
  }
}
