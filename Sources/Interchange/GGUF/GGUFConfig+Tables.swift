// GGUFConfig+Tables: which key of a GGUF file's metadata is which key of a config.
// Data only; `spellings` holds what a family calls otherwise.

extension GGUFConfig {
  /// Keys behind the architecture's name, with their usual spelling; an empty one is for families
  /// that have the key and others that do not.
  static let keys: [(String, String)] = [
    ("vocab_size", "vocab_size"),
    ("context_length", "max_position_embeddings"),
    ("embedding_length", "hidden_size"),
    ("feed_forward_length", "intermediate_size"),
    ("block_count", "num_hidden_layers"),
    ("decoder_block_count", ""),
    ("attention.head_count", "num_attention_heads"),
    ("attention.head_count_kv", "num_key_value_heads"),
    ("attention.key_length", "head_dim"),
    ("rope.dimension_count", ""),
    ("rope.freq_base", "rope_theta"),
    ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    ("attention.layer_norm_epsilon", "layer_norm_eps"),
    ("attention.sliding_window", "sliding_window"),
    ("attention.clamp_kqv", "clip_qkv"),
    ("attn_logit_softcapping", "attn_logit_softcapping"),
    ("final_logit_softcapping", "final_logit_softcapping"),
    ("attention.relative_buckets_count", "relative_attention_num_buckets"),
    ("use_parallel_residual", "use_parallel_residual"),
    ("expert_count", "num_experts"),
    ("expert_used_count", "num_experts_per_tok"),
    ("expert_feed_forward_length", "moe_intermediate_size"),
    ("expert_shared_feed_forward_length", "shared_expert_intermediate_size"),
    ("expert_shared_count", ""),
    ("expert_weights_scale", ""),
    ("leading_dense_block_count", ""),
    ("attention.q_lora_rank", ""),
    ("attention.kv_lora_rank", ""),
  ]

  /// What a family calls otherwise.
  static func spellings(of modelType: String) -> [String: String] {
    switch modelType {
    case "llama": ["rope.dimension_count": "head_dim"]
    case "mixtral": ["expert_count": "num_local_experts", "rope.dimension_count": "head_dim"]
    case "gpt2", "gpt_bigcode":
      ["feed_forward_length": "n_inner", "attention.layer_norm_epsilon": "layer_norm_epsilon"]
    case "gptj":
      [
        "feed_forward_length": "n_inner", "attention.layer_norm_epsilon": "layer_norm_epsilon",
        "rope.dimension_count": "rotary_dim",
      ]
    case "gpt_neox": ["rope.freq_base": "rotary_emb_base"]
    case "bloom": ["attention.layer_norm_epsilon": "layer_norm_epsilon"]
    case "falcon":
      [
        "attention.layer_norm_epsilon": "layer_norm_epsilon",
        "feed_forward_length": "ffn_hidden_size", "attention.head_count_kv": "num_kv_heads",
      ]
    case "mpt":
      ["context_length": "max_seq_len", "attention.layer_norm_epsilon": "layer_norm_epsilon"]
    case "starcoder2": ["attention.layer_norm_epsilon": "norm_epsilon"]
    case "t5":
      [
        "feed_forward_length": "d_ff", "attention.key_length": "d_kv",
        "embedding_length": "d_model", "block_count": "num_layers",
        "decoder_block_count": "num_decoder_layers", "attention.head_count": "num_heads",
        "attention.layer_norm_rms_epsilon": "layer_norm_epsilon",
        "attention.layer_norm_epsilon": "layer_norm_epsilon", "context_length": "n_positions",
      ]
    case "deepseek_v2", "deepseek_v3":
      [
        "expert_count": "n_routed_experts", "expert_shared_count": "n_shared_experts",
        "expert_weights_scale": "routed_scaling_factor",
        "leading_dense_block_count": "first_k_dense_replace",
        "attention.q_lora_rank": "q_lora_rank", "attention.kv_lora_rank": "kv_lora_rank",
        "rope.dimension_count": "qk_rope_head_dim", "attention.key_length": "",
        // Latent attention has one key head in ggml's eyes, and no groups in the config's.
        "attention.head_count_kv": "",
      ]
    default: [:]
    }
  }
}
