// CheckpointRuleTests: each rule finds the one thing that a checkpoint has wrong, and is silent beside it.
// The samples are made in code; the checkpoints of transformers are in CheckpointFixtureTests.
import Diagnostics
import Foundation
import PlumblineKit
import Testing
import Validation

@Suite struct CheckpointRuleTests {
  static func findings(_ sample: CheckpointSample) throws -> [Diagnostic] {
    let folder = try TemporaryFolder()
    let path = try sample.write(folder)
    return try Workspace.load(path).checkingCheckpoints(at: path).diagnostics
      .filter { $0.id != "head-width-unusual" }
  }

  /// One thing that is wrong, and what tells it.
  struct Case: CustomStringConvertible, Sendable {
    var description: String
    var id: String
    var severity: Severity = .error
    /// Words of the message or the facts, the tensor's name among them.
    var words: [String]
    var isGPT2 = false
    var change: @Sendable (inout CheckpointSample) -> Void
  }

  static let cases: [Case] = [
    Case(
      description: "missing", id: "tensor-missing",
      words: ["`model.layers.1.mlp.up_proj.weight` is not in the file", "[48, 32]"],
      change: { $0.tensors.removeAll { $0.name == "model.layers.1.mlp.up_proj.weight" } }),
    Case(
      description: "unexpected", id: "tensor-unexpected",
      words: ["`model.layers.{0..<2}.mlp.bogus.weight`", "[3]"],
      change: { sample in
        for layer in 0..<2 { sample.add("model.layers.\(layer).mlp.bogus.weight", [3]) }
      }),
    Case(
      description: "shape", id: "tensor-shape-differs",
      words: ["`model.layers.1.mlp.up_proj.weight` is [47, 32]", "[48, 32] = [hidden, width]"],
      change: { $0.change("model.layers.1.mlp.up_proj.weight") { $0.shape = [47, 32] } }),
    Case(
      description: "config of another width", id: "checkpoint-fits-other-config",
      words: ["the file fits `hidden_size` 32, the config says 64", "`model.norm.weight`"],
      change: {
        $0.config["hidden_size"] = "64"
        $0.tensors.sort { $0.name > $1.name }
      }),
    Case(
      description: "config of another hidden width", id: "checkpoint-fits-other-config",
      words: ["`intermediate_size` 48, the config says 96", "all 21 tensors fit"],
      change: { $0.config["intermediate_size"] = "96" }),
    Case(
      description: "key heads", id: "checkpoint-fits-other-config",
      words: ["`num_key_value_heads` 2, the config says 4"],
      change: { $0.config["num_key_value_heads"] = "4" }),
    Case(
      description: "untied config of a tied file", id: "checkpoint-fits-other-config",
      words: [
        "the file fits `tie_word_embeddings` true, the config says false", "`lm_head.weight`",
      ],
      change: { $0.tensors.removeAll { $0.name == "lm_head.weight" } }),
    Case(
      description: "more layers in the file", id: "layer-count-differs",
      words: ["`num_hidden_layers` 3", "the config says 2", "model.layers.2."],
      change: { $0.addLayer(2) }),
    Case(
      description: "padded vocabulary", id: "vocabulary-differs",
      words: ["128 rows of vocabulary", "`vocab_size` of the config is 96", "multiple of 128"],
      change: {
        $0.change("model.embed_tokens.weight") { $0.shape[0] = 128 }
        $0.change("lm_head.weight") { $0.shape[0] = 128 }
      }),
    Case(
      description: "transposed", id: "tensor-transposed",
      words: ["`model.layers.0.mlp.up_proj.weight` is stored [32, 48]", "it [48, 32]"],
      change: { $0.change("model.layers.0.mlp.up_proj.weight") { $0.shape = [32, 48] } }),
    Case(
      description: "squares beside transposed matrices", id: "tensor-orientation-undecided",
      severity: .warning, words: ["`transformer.h.{0..<2}.attn.c_proj.weight` [32, 32]"],
      isGPT2: true,
      change: { sample in
        for place in sample.tensors.indices
        where sample.tensors[place].name.hasPrefix("transformer.h.") {
          sample.tensors[place].shape.reverse()
        }
      }),
    Case(
      description: "half precision", id: "stored-type-differs", severity: .warning,
      words: ["the file stores float16, the config says float32"],
      change: { sample in
        for place in sample.tensors.indices { sample.tensors[place].type = "F16" }
      }),
    Case(
      description: "one layer in half precision", id: "stored-types-mixed", severity: .warning,
      words: ["`model.layers.{0..<2}.mlp.up_proj.weight`", "1 are bfloat16, 1 are float32"],
      change: { $0.change("model.layers.1.mlp.up_proj.weight") { $0.type = "BF16" } }),
    Case(
      description: "a wrapper's prefix", id: "names-wrapped", severity: .warning,
      words: ["21 of 21 names begin with `module.`"],
      change: { sample in
        for place in sample.tensors.indices {
          sample.tensors[place].name = "module." + sample.tensors[place].name
        }
      }),
    Case(
      description: "a base model", id: "head-missing", severity: .warning,
      words: ["`lm_head.weight` would be new"],
      change: { sample in
        sample.tensors.removeAll { $0.name == "lm_head.weight" }
        for place in sample.tensors.indices {
          sample.tensors[place].name = String(sample.tensors[place].name.dropFirst("model.".count))
        }
      }),
    Case(
      description: "masks", id: "mask-buffers-stored", severity: .note,
      words: ["`transformer.h.{0..<2}.attn.bias`", "4 tensors are constants"], isGPT2: true,
      change: { sample in
        for layer in 0..<2 {
          sample.add("transformer.h.\(layer).attn.bias", [1, 1, 16, 16], type: "U8")
          sample.add("transformer.h.\(layer).attn.masked_bias", [])
        }
      }),
    Case(
      description: "both ends of a tie", id: "tied-weight-stored-twice", severity: .note,
      words: ["`lm_head.weight` and `transformer.wte.weight` are tied"], isGPT2: true,
      change: { $0.add("lm_head.weight", [96, 32]) }),
    Case(
      description: "layers for further tokens", id: "further-layers-stored", severity: .note,
      words: ["10 tensors", "`num_nextn_predict_layers` 1"],
      change: {
        $0.config["num_nextn_predict_layers"] = "1"
        $0.addLayer(2)
        $0.add("model.layers.2.eh_proj.weight", [32, 64])
      }),
    Case(
      description: "GPTQ", id: "checkpoint-quantised", severity: .note,
      words: ["14 matrices are stored packed, by `gptq`"],
      change: { sample in
        sample.config["quantization_config"] = "{\"quant_method\": \"gptq\", \"bits\": 4}"
        for tensor in sample.tensors where tensor.name.contains("_proj") {
          let stem = tensor.name.dropLast(".weight".count)
          let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
          sample.tensors.removeAll { $0.name == tensor.name }
          sample.add("\(stem).qweight", [inputs / 8, outputs], type: "I32")
          sample.add("\(stem).qzeros", [1, outputs / 8], type: "I32")
          sample.add("\(stem).scales", [1, outputs], type: "F16")
          sample.add("\(stem).g_idx", [inputs], type: "I32")
        }
      }),
    Case(
      description: "a tensor outside the index", id: "shard-index-lacks-tensor",
      words: ["`lm_head.weight`", "model-00002-of-00002.safetensors"],
      change: {
        $0.shards = 2
        $0.editIndex = { text in
          text.replacingOccurrences(
            of: ",\n    \"lm_head.weight\": \"model-00002-of-00002.safetensors\"", with: "")
        }
      }),
    Case(
      description: "a tensor sent to the wrong shard", id: "shard-lacks-tensor",
      words: ["`lm_head.weight`", "it lies in `model-00002-of-00002.safetensors`"],
      change: {
        $0.shards = 2
        $0.editIndex = { text in
          text.replacingOccurrences(
            of: "\"lm_head.weight\": \"model-00002", with: "\"lm_head.weight\": \"model-00001")
        }
      }),
    Case(
      description: "a tensor of no shard", id: "shard-lacks-tensor",
      words: ["`model.ghost`", "no shard has it"],
      change: {
        $0.shards = 2
        $0.editIndex = { text in
          text.replacingOccurrences(
            of: "\"weight_map\": {",
            with: "\"weight_map\": {\n    \"model.ghost\": \"model-00001-of-00002.safetensors\",")
        }
      }),
    Case(
      description: "a shard outside the directory", id: "shard-index-invalid",
      words: ["`model.ghost`", "`../secret.safetensors`", "nothing outside"],
      change: {
        $0.shards = 2
        $0.editIndex = { text in
          text.replacingOccurrences(
            of: "\"weight_map\": {",
            with: "\"weight_map\": {\n    \"model.ghost\": \"../secret.safetensors\",")
        }
      }),
    Case(
      description: "a wrong total", id: "shard-total-differs", severity: .warning,
      words: ["states 7 bytes"],
      change: {
        $0.shards = 2
        $0.editIndex = { text in
          text.replacing(#/"total_size": \d+/#, with: "\"total_size\": 7")
        }
      }),
    Case(
      description: "a name twice in the index", id: "tensor-declared-twice",
      words: ["`lm_head.weight` twice"],
      change: {
        $0.shards = 2
        $0.editIndex = { text in
          text.replacingOccurrences(
            of: "\"weight_map\": {",
            with: "\"weight_map\": {\n    \"lm_head.weight\":"
              + " \"model-00002-of-00002.safetensors\",")
        }
      }),
    Case(
      description: "no weight map", id: "shard-index-invalid",
      words: ["`weight_map`", "found none"],
      change: {
        $0.shards = 2
        $0.editIndex = { _ in "{}" }
      }),
  ]

  @Test("the samples themselves have no finding", arguments: [1, 2, 3])
  func sound(_ shards: Int) throws {
    var llama = CheckpointSample.llama
    llama.shards = shards
    #expect(try Self.findings(llama).map(\.id) == [])
    var gpt2 = CheckpointSample.gpt2
    gpt2.shards = shards
    #expect(try Self.findings(gpt2).map(\.id) == [])
  }

  @Test(
    "one thing that is wrong is told once, by its own kind and with its tensor", arguments: cases)
  func finds(_ test: Case) throws {
    var sample = test.isGPT2 ? CheckpointSample.gpt2 : CheckpointSample.llama
    test.change(&sample)
    let found = try Self.findings(sample)
    let finding = try #require(found.first { $0.id == test.id }, "\(found.map(\.id))")
    #expect(finding.severity == test.severity)
    let text = ([finding.message] + finding.facts.map(\.text)).joined(separator: "\n")
    for words in test.words { #expect(text.contains(words), "\(words)\n\(text)") }
    // A base model's prefix and the matrices beside the squares are told besides.
    let besides: Set<String> = ["names-prefixed", "tensor-transposed"]
    #expect(found.filter { $0.id != test.id && !besides.contains($0.id) }.map(\.id) == [])
    #expect(finding.range != nil)
  }

  @Test("every rule about checkpoints has a case")
  func complete() {
    let told = Set(Self.cases.map(\.id) + ["names-prefixed", "head-unused"])
    #expect(Set(CheckpointRuleBook.all.flatMap { $0.ids }).subtracting(told) == [])
  }

  @Test("a tensor that lies in two shards is told with both")
  func twoShards() throws {
    let folder = try TemporaryFolder()
    var sample = CheckpointSample.llama
    sample.shards = 2
    let path = try sample.write(folder)
    // The first shard, once more under the name of the second.
    let (first, second) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    try FileManager.default.removeItem(atPath: path + "/" + second)
    try FileManager.default.copyItem(atPath: path + "/" + first, toPath: path + "/" + second)
    let found = try Workspace.load(path).checkingCheckpoints(at: path).diagnostics
    let finding = try #require(found.first { $0.id == "tensor-in-two-shards" })
    #expect(finding.message.contains(first) && finding.message.contains(second))
  }

  @Test("shards without an index are told, and one shard alone is held to what it has")
  func shardsAlone() throws {
    let folder = try TemporaryFolder()
    var sample = CheckpointSample.llama
    sample.shards = 2
    let path = try sample.write(folder)
    let one = plumbline("check", path + "/model-00002-of-00002.safetensors")
    #expect(one.status == .clean, "\(one.output)")
    try FileManager.default.removeItem(atPath: path + "/model.safetensors.index.json")
    #expect(plumbline("check", path).output.contains("error[shard-index-missing]"))
    try FileManager.default.removeItem(atPath: path + "/model-00002-of-00002.safetensors")
    #expect(plumbline("check", path).output.contains("error[shard-missing]"))
  }

  @Test("a long row of one kind is cut short, and what is left out is counted")
  func manyOfOneKind() throws {
    var sample = CheckpointSample.llama
    for number in 0..<40 { sample.add("model.extra_\(number)x.weight", [1]) }
    let found = try Self.findings(sample)
    #expect(found.count == 8)
    #expect(found.last?.facts.contains { $0.text.hasPrefix("and 32 more like it") } == true)
  }

  @Test("damage of any kind to a checkpoint ends in findings, never in a trap")
  func fuzz() throws {
    let folder = try TemporaryFolder()
    let path = try CheckpointSample.llama.write(folder)
    let file = path + "/model.safetensors"
    let (text, data) = CheckpointSample.header(CheckpointSample.llama.tensors)
    let good = Array(text.utf8)
    var random = FuzzGenerator(state: 20_261_121)
    let pieces = [
      "9223372036854775807", "-1", "1e18", "\"", "[", "{", "null", "1000000000000000000", "0",
      "\"F4\"", "\"BOOL\"", "\\u0000", "\u{FFFD}", "[[[[", "}}", ",,",
    ].map { Array($0.utf8) }
    for _ in 0..<300 {
      var header = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<header.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: header[place] = UInt8.random(in: 0...255, using: &random)
        case 1:
          header.replaceSubrange(
            place..<min(place + 3, header.count), with: pieces.randomElement(using: &random) ?? [])
        case 2: header.removeSubrange(place..<min(place + 20, header.count))
        default: header.insert(contentsOf: header[0..<min(place, 90)], at: place)
        }
        if header.isEmpty { header = good }
      }
      var length = UInt64(header.count)
      if Int.random(in: 0..<20, using: &random) == 0 { length = random.next() }
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + header
      try Data(bytes + [UInt8](repeating: 0, count: data)).write(to: URL(fileURLWithPath: file))
      let loaded = try Workspace.load(path).checkingCheckpoints(at: path)
      #expect(loaded.checkpoints.count == 1)
    }
  }
}

/// A small generator with a fixed seed: a failure comes back.
struct FuzzGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
