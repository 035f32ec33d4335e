// KeySynonyms: the names that configs have for one quantity, whichever family they belong to.
// Apart from the rules, because several ask for a quantity and none for a name.

/// The keys of the quantities that nearly every family has.
enum KeySynonyms {
  static let width = ["hidden_size", "n_embd", "d_model", "model_dim", "embed_dim", "dim"]
  static let depth = ["num_hidden_layers", "n_layer", "n_layers", "num_layers"]
  static let heads = ["num_attention_heads", "n_head", "n_heads", "num_heads"]
  static let keyHeads = [
    "num_key_value_heads", "num_kv_heads", "n_kv_heads", "n_head_kv", "n_kv_head", "num_kv_head",
    "kv_heads", "kv_n_heads",
  ]
  static let hidden = [
    "intermediate_size", "n_inner", "d_ff", "ffn_dim", "ffn_hidden_size", "hidden_dim",
  ]
  static let positions = [
    "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_seq_length",
    "max_sequence_length", "max_target_positions",
  ]
  static let vocabulary = ["vocab_size", "n_vocab", "vocabulary_size", "padded_vocab_size"]

  static let all = [width, depth, heads, keyHeads, hidden, positions, vocabulary]
}
