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
      EmbeddedModel(name: "character-gpt.model", bytes: PackageResources.character_gpt_model),
      EmbeddedModel(name: "encoder-decoder.model", bytes: PackageResources.encoder_decoder_model),
      EmbeddedModel(name: "gpt2-large.model", bytes: PackageResources.gpt2_large_model),
      EmbeddedModel(name: "gpt2-lora.model", bytes: PackageResources.gpt2_lora_model),
      EmbeddedModel(name: "gpt2-medium.model", bytes: PackageResources.gpt2_medium_model),
      EmbeddedModel(name: "gpt2-small.model", bytes: PackageResources.gpt2_small_model),
      EmbeddedModel(name: "gpt2-xl.model", bytes: PackageResources.gpt2_xl_model),
      EmbeddedModel(name: "gpt2.model", bytes: PackageResources.gpt2_model),
      EmbeddedModel(
        name: "tinystories-untied.model", bytes: PackageResources.tinystories_untied_model),
      EmbeddedModel(name: "tinystories.model", bytes: PackageResources.tinystories_model),
    ]
  }

  /// The file with a name.
  package static func file(named name: String) -> EmbeddedModel? {
    all.first { $0.name == name }
  }
}
