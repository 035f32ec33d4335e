// FamilyTargets: which layers PEFT adapts when nobody names any, by Hugging Face `model_type`.
// A table of PEFT 0.21 (`TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING`), nothing of ours.

/// PEFT's default targets.
package enum FamilyTargets {
  /// Names by suffix; `nil` for a family that PEFT does not know.
  package static func suffixes(of family: String) -> [String]? {
    switch family {
    case "t5", "mt5": ["q", "v"]
    case "blip-2": ["q", "v", "q_proj", "v_proj"]
    case "bart", "opt", "gptj", "gpt_neo", "llama", "llama4", "mistral", "mixtral", "stablelm",
      "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3":
      ["q_proj", "v_proj"]
    case "phi": ["q_proj", "v_proj", "fc1", "fc2"]
    case "nemotron_h": ["q_proj", "k_proj", "v_proj", "o_proj"]
    case "gpt2", "gpt_bigcode": ["c_attn"]
    case "btlm": ["c_proj", "c_attn"]
    case "bloom", "gpt_neox", "chatglm", "RefinedWebModel", "RefinedWeb", "falcon":
      ["query_key_value"]
    case "bert", "roberta", "xlm-roberta", "electra", "layoutlm": ["query", "value"]
    case "deberta-v2": ["query_proj", "value_proj"]
    case "deberta": ["in_proj"]
    case "mpt": ["Wqkv"]
    case "codegen": ["qkv_proj"]
    case "rwkv": ["key", "value", "receptance", "output"]
    case "rwkv7": ["r_proj", "k_proj", "v_proj", "o_proj", "key", "value"]
    default: nil
    }
  }

  /// A regular expression for whole names, for the one family that has one.
  package static func pattern(of family: String) -> String? {
    family == "gemma4" ? ".*language_model\\..*\\.(q_proj|v_proj)" : nil
  }
}
