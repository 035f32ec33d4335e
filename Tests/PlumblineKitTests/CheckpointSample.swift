// CheckpointSample: checkpoints written in code, a sound one and ones that differ in one thing.
// Weights are zeros that no file system stores: only headers are ever looked at.
import Foundation

/// A checkpoint to be, and the config beside it.
struct CheckpointSample {
  struct Tensor {
    var name: String
    var type = "F32"
    var shape: [Int]

    var bytes: Int {
      let width = ["F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2][type] ?? 1
      return shape.reduce(width, *)
    }
  }

  var config: [String: String]
  var tensors: [Tensor]
  /// How many shards it is written in; an index goes with several.
  var shards = 1
  /// Changes the text of the index before it is written.
  var editIndex: (String) -> String = { $0 }

  /// A Llama of two layers, without ties.
  static var llama: CheckpointSample {
    var sample = CheckpointSample(
      config: [
        "model_type": "\"llama\"", "architectures": "[\"LlamaForCausalLM\"]",
        "hidden_size": "32", "intermediate_size": "48", "num_hidden_layers": "2",
        "num_attention_heads": "4", "num_key_value_heads": "2", "vocab_size": "96",
        "max_position_embeddings": "64", "tie_word_embeddings": "false",
        "torch_dtype": "\"float32\"",
      ], tensors: [])
    sample.add("model.embed_tokens.weight", [96, 32])
    for layer in 0..<2 { sample.addLayer(layer) }
    sample.add("model.norm.weight", [32])
    sample.add("lm_head.weight", [96, 32])
    return sample
  }

  /// A GPT-2 of two layers, tied.
  static var gpt2: CheckpointSample {
    var sample = CheckpointSample(
      config: [
        "model_type": "\"gpt2\"", "architectures": "[\"GPT2LMHeadModel\"]", "n_embd": "32",
        "n_head": "4", "n_layer": "2", "n_positions": "16", "vocab_size": "96",
      ], tensors: [])
    sample.add("transformer.wte.weight", [96, 32])
    sample.add("transformer.wpe.weight", [16, 32])
    for layer in 0..<2 {
      for (part, shape) in [
        ("ln_1", [32]), ("attn.c_attn", [32, 96]), ("attn.c_proj", [32, 32]), ("ln_2", [32]),
        ("mlp.c_fc", [32, 128]), ("mlp.c_proj", [128, 32]),
      ] {
        sample.add("transformer.h.\(layer).\(part).weight", shape)
        sample.add("transformer.h.\(layer).\(part).bias", [shape[shape.count - 1]])
      }
    }
    sample.add("transformer.ln_f.weight", [32])
    sample.add("transformer.ln_f.bias", [32])
    return sample
  }

  mutating func add(_ name: String, _ shape: [Int], type: String = "F32") {
    tensors.append(Tensor(name: name, type: type, shape: shape))
  }

  mutating func addLayer(_ layer: Int) {
    for (part, shape) in [
      ("input_layernorm", [32]), ("self_attn.q_proj", [32, 32]), ("self_attn.k_proj", [16, 32]),
      ("self_attn.v_proj", [16, 32]), ("self_attn.o_proj", [32, 32]),
      ("post_attention_layernorm", [32]), ("mlp.gate_proj", [48, 32]), ("mlp.up_proj", [48, 32]),
      ("mlp.down_proj", [32, 48]),
    ] {
      add("model.layers.\(layer).\(part).weight", shape)
    }
  }

  mutating func change(_ name: String, _ edit: (inout Tensor) -> Void) {
    for place in tensors.indices where tensors[place].name == name { edit(&tensors[place]) }
  }

  /// Writes the checkpoint into a folder and gives the folder.
  func write(_ folder: TemporaryFolder) throws -> String {
    let members = config.sorted { $0.key < $1.key }.map { "  \"\($0.key)\": \($0.value)" }
    if !config.isEmpty {
      _ = try folder.file("config.json", "{\n" + members.joined(separator: ",\n") + "\n}\n")
    }
    guard shards > 1 else {
      try Self.write(tensors, to: folder.path + "/model.safetensors")
      return folder.path
    }
    var lines: [String] = []
    let total = tensors.reduce(0) { $0 + $1.bytes }
    for shard in 0..<shards {
      let name = "model-0000\(shard + 1)-of-0000\(shards).safetensors"
      let part = tensors.indices.filter { $0 * shards / tensors.count == shard }
      try Self.write(part.map { tensors[$0] }, to: folder.path + "/" + name)
      lines += part.map { "    \"\(tensors[$0].name)\": \"\(name)\"" }
    }
    let index =
      "{\n  \"metadata\": {\"total_size\": \(total)},\n  \"weight_map\": {\n"
      + lines.joined(separator: ",\n") + "\n  }\n}\n"
    _ = try folder.file("model.safetensors.index.json", editIndex(index))
    return folder.path
  }

  static func header(_ tensors: [Tensor]) -> (text: String, data: Int) {
    var end = 0
    let entries = tensors.map { tensor in
      let begin = end
      end += tensor.bytes
      return "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
        + "\"data_offsets\":[\(begin),\(end)]}"
    }
    return ("{" + entries.joined(separator: ",") + "}", end)
  }

  private static func write(_ tensors: [Tensor], to path: String) throws {
    let (text, data) = header(tensors)
    let length = UInt64(text.utf8.count)
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + text.utf8
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(bytes.count + data))
    try handle.close()
  }
}
