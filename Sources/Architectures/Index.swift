// Index: the embedded model files by name.
// SwiftPM embeds each file under a name of its own and offers no list; a test holds this one complete.

/// A `.model` file that travels inside the program.
package struct EmbeddedModel: Sendable {
  /// The file's name: `gpt2.model`.
  package let name: String
  package let bytes: [UInt8]

  /// The source text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// All embedded model files.
package enum Architectures {
  /// The files, sorted by name.
  package static var all: [EmbeddedModel] {
    [
      EmbeddedModel(name: "albert.model", bytes: PackageResources.albert_model),
      EmbeddedModel(name: "bart.model", bytes: PackageResources.bart_model),
      EmbeddedModel(name: "bert.model", bytes: PackageResources.bert_model),
      EmbeddedModel(name: "bloom.model", bytes: PackageResources.bloom_model),
      EmbeddedModel(name: "character-gpt.model", bytes: PackageResources.character_gpt_model),
      EmbeddedModel(name: "clip.model", bytes: PackageResources.clip_model),
      EmbeddedModel(name: "deberta-v2.model", bytes: PackageResources.deberta_v2_model),
      EmbeddedModel(name: "deepseek_v2.model", bytes: PackageResources.deepseek_v2_model),
      EmbeddedModel(name: "deepseek_v3.model", bytes: PackageResources.deepseek_v3_model),
      EmbeddedModel(name: "distilbert.model", bytes: PackageResources.distilbert_model),
      EmbeddedModel(name: "electra.model", bytes: PackageResources.electra_model),
      EmbeddedModel(name: "encoder-decoder.model", bytes: PackageResources.encoder_decoder_model),
      EmbeddedModel(name: "falcon.model", bytes: PackageResources.falcon_model),
      EmbeddedModel(name: "gemma.model", bytes: PackageResources.gemma_model),
      EmbeddedModel(name: "gemma2.model", bytes: PackageResources.gemma2_model),
      EmbeddedModel(name: "gemma3_text.model", bytes: PackageResources.gemma3_text_model),
      EmbeddedModel(name: "gpt2-large.model", bytes: PackageResources.gpt2_large_model),
      EmbeddedModel(name: "gpt2-lora.model", bytes: PackageResources.gpt2_lora_model),
      EmbeddedModel(name: "gpt2-medium.model", bytes: PackageResources.gpt2_medium_model),
      EmbeddedModel(name: "gpt2-small.model", bytes: PackageResources.gpt2_small_model),
      EmbeddedModel(name: "gpt2-xl.model", bytes: PackageResources.gpt2_xl_model),
      EmbeddedModel(name: "gpt2.model", bytes: PackageResources.gpt2_model),
      EmbeddedModel(name: "gpt_bigcode.model", bytes: PackageResources.gpt_bigcode_model),
      EmbeddedModel(name: "gpt_neo.model", bytes: PackageResources.gpt_neo_model),
      EmbeddedModel(name: "gpt_neox.model", bytes: PackageResources.gpt_neox_model),
      EmbeddedModel(name: "gpt_oss.model", bytes: PackageResources.gpt_oss_model),
      EmbeddedModel(name: "gptj.model", bytes: PackageResources.gptj_model),
      EmbeddedModel(name: "llama.model", bytes: PackageResources.llama_model),
      EmbeddedModel(name: "marian.model", bytes: PackageResources.marian_model),
      EmbeddedModel(name: "mbart.model", bytes: PackageResources.mbart_model),
      EmbeddedModel(name: "mistral.model", bytes: PackageResources.mistral_model),
      EmbeddedModel(name: "mixtral.model", bytes: PackageResources.mixtral_model),
      EmbeddedModel(name: "modernbert.model", bytes: PackageResources.modernbert_model),
      EmbeddedModel(name: "mpt.model", bytes: PackageResources.mpt_model),
      EmbeddedModel(name: "mt5.model", bytes: PackageResources.mt5_model),
      EmbeddedModel(name: "olmo.model", bytes: PackageResources.olmo_model),
      EmbeddedModel(name: "olmo2.model", bytes: PackageResources.olmo2_model),
      EmbeddedModel(name: "olmoe.model", bytes: PackageResources.olmoe_model),
      EmbeddedModel(name: "opt.model", bytes: PackageResources.opt_model),
      EmbeddedModel(name: "pegasus.model", bytes: PackageResources.pegasus_model),
      EmbeddedModel(name: "phi.model", bytes: PackageResources.phi_model),
      EmbeddedModel(name: "phi3.model", bytes: PackageResources.phi3_model),
      EmbeddedModel(name: "qwen2.model", bytes: PackageResources.qwen2_model),
      EmbeddedModel(name: "qwen2_moe.model", bytes: PackageResources.qwen2_moe_model),
      EmbeddedModel(name: "qwen3.model", bytes: PackageResources.qwen3_model),
      EmbeddedModel(name: "qwen3_moe.model", bytes: PackageResources.qwen3_moe_model),
      EmbeddedModel(name: "roberta.model", bytes: PackageResources.roberta_model),
      EmbeddedModel(name: "stablelm.model", bytes: PackageResources.stablelm_model),
      EmbeddedModel(name: "starcoder2.model", bytes: PackageResources.starcoder2_model),
      EmbeddedModel(name: "story-gpt.model", bytes: PackageResources.story_gpt_model),
      EmbeddedModel(name: "t5.model", bytes: PackageResources.t5_model),
      EmbeddedModel(
        name: "tinystories-untied.model", bytes: PackageResources.tinystories_untied_model),
      EmbeddedModel(name: "tinystories.model", bytes: PackageResources.tinystories_model),
      EmbeddedModel(name: "vit.model", bytes: PackageResources.vit_model),
      EmbeddedModel(name: "whisper.model", bytes: PackageResources.whisper_model),
      EmbeddedModel(name: "xlm-roberta.model", bytes: PackageResources.xlm_roberta_model),
      EmbeddedModel(name: "xlnet.model", bytes: PackageResources.xlnet_model),
    ]
  }

  /// The file with a name.
  package static func file(named name: String) -> EmbeddedModel? {
    all.first { $0.name == name }
  }
}
