// HuggingFaceTests: a `config.json` in the place of a model file, published ones and broken ones.
// Counts and names come from transformers; see Fixtures/huggingface/README.md.
import Diagnostics
import Foundation
import IR
import Interchange
import PlumblineKit
import Testing

@Suite struct HuggingFaceTests {
  private func load(_ json: String) -> LoadedModel {
    Workspace.load(path: "config.json", text: json)
  }

  /// `4:13`, where a finding points.
  private func place(_ diagnostic: Diagnostic, in loaded: LoadedModel) -> String? {
    guard let range = diagnostic.range else { return nil }
    let file = loaded.sources[range.source]
    let position = file.position(ofUTF8Offset: range.lower)
    return "\(file.path):\(position.line):\(position.column)"
  }

  private func weights(_ loaded: LoadedModel) throws -> StepGraph {
    try StepGraph(try #require(loaded.model).program, .forward)
  }

  // transformers 4.57.6: total_unique of each model.
  @Test(
    "a published config gives no findings, and its count",
    arguments: [("gpt2", 124_439_808), ("gpt2-xl", 1_557_611_200), ("distilgpt2", 81_912_576)])
  func published(_ name: String, _ count: Int) throws {
    let loaded = try Workspace.load(Fixture.path("Fixtures/huggingface/\(name).config.json"))
    #expect(loaded.diagnostics.isEmpty, "\(loaded.diagnostics.map(\.message))")
    let step = try weights(loaded)
    #expect(step.weights.map { $0.shape.reduce(1, *) }.reduce(0, +) == count)
  }

  @Test("every name and shape is the checkpoint's")
  func names() throws {
    let loaded = try Workspace.load(Fixture.path("Fixtures/huggingface/gpt2.config.json"))
    let step = try weights(loaded)
    let url = URL(fileURLWithPath: Fixture.path("Fixtures/huggingface/gpt2.names.json"))
    let document = try JSONDocument(utf8: [UInt8](Data(contentsOf: url)))
    var wanted: [String: [Int]] = [:]
    for member in document.root.members ?? [] {
      wanted[member.key] = member.node.elements?.compactMap(\.integer)
    }
    var found = Dictionary(uniqueKeysWithValues: step.weights.map { ($0.name, $0.shape) })
    for (alias, owner) in step.ties { found[alias] = found[owner] }
    #expect(wanted.count == 149)
    #expect(found == wanted)
    #expect(step.ties == ["lm_head.weight": "transformer.wte.weight"])
  }

  // transformers 4.57.6: total_tied_separate of gpt2.
  @Test("an untied head has a table of its own")
  func untied() throws {
    let loaded = load(#"{"model_type": "gpt2", "tie_word_embeddings": false}"#)
    #expect(loaded.diagnostics.isEmpty)
    let step = try weights(loaded)
    #expect(step.weights.map { $0.shape.reduce(1, *) }.reduce(0, +) == 163_037_184)
    #expect(step.weights.contains { $0.name == "lm_head.weight" && $0.shape == [50_257, 768] })
    #expect(step.ties.isEmpty)
  }

  @Test("of several keys the first that is there wins, and null leaves the default")
  func keys() throws {
    let loaded = load(
      #"{"model_type": "gpt2", "n_ctx": 64, "n_positions": 32, "n_inner": null, "num_hidden_layers": 3}"#
    )
    #expect(loaded.diagnostics.map(\.id) == ["config-keys-conflict"])
    let config = try #require(loaded.model).program.config
    func integer(_ name: String) -> Int? { config.first { $0.name == name }?.integer }
    #expect(integer("context") == 32)
    #expect(integer("hidden") == 3_072)
    #expect(integer("layers") == 3)
  }

  @Test("scores scaled by depth are told apart layer by layer, and stay sound")
  func scaledByLayer() throws {
    let loaded = load(
      #"{"model_type": "gpt2", "scale_attn_by_inverse_layer_idx": true, "scale_attn_weights": false}"#
    )
    #expect(loaded.diagnostics.isEmpty)
    let program = try #require(loaded.model).program
    #expect(program.definitions.filter { $0.block == "attention" }.count == 12)
  }

  @Test("claims and plan of the family's file say nothing about another config")
  func claims() throws {
    let model = try #require(load(#"{"model_type": "gpt2", "n_positions": 16}"#).model)
    #expect(model.expectations.isEmpty)
    #expect(model.plan == nil)
    #expect(model.program.loss != nil)
  }

  /// A config with one mistake, and where it must be found.
  struct Mistake: CustomTestStringConvertible, Sendable {
    var json: String
    var id: String
    var place: String
    var says: String

    var testDescription: String { id + " at " + place }
  }

  static let mistakes = [
    Mistake(
      json: "{\n  \"model_type\": \"gpt2\",\n  \"n_embd\": \"768\"\n}", id: "config-wrong-type",
      place: "config.json:3:13", says: "must be a whole number, found the text \"768\""),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_layer\": 12.5}", id: "config-wrong-type",
      place: "config.json:1:35", says: "found the number 12.5"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"tie_word_embeddings\": 1}", id: "config-wrong-type",
      place: "config.json:1:47", says: "must be true or false"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_head\": -12}", id: "config-out-of-range",
      place: "config.json:1:34", says: "-12"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_embd\": 99999999999999999999}",
      id: "config-out-of-range", place: "config.json:1:34", says: "64-bit"),
    Mistake(
      json: "{\"model_type\": \"gpt2\",\n \"n_layers\": 24}", id: "misspelt-config-key",
      place: "config.json:2:2", says: "did you mean `n_layer`?"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_layer\": 1, \"n_layer\": 2}",
      id: "duplicate-config-key", place: "config.json:1:38", says: "`n_layer` is given twice"),
    Mistake(
      json: "{\"model_type\": \"gtp2\"}", id: "unknown-model-type", place: "config.json:1:16",
      says: "did you mean `gpt2`?"),
    Mistake(
      json: "{\"n_layer\": 2}", id: "missing-model-type", place: "config.json:1:1",
      says: "model_type"),
    Mistake(
      json: "[1, 2]", id: "config-not-an-object", place: "config.json:1:1", says: "an array"),
    Mistake(
      json: "{\"model_type\": \"gpt2\",}", id: "invalid-json", place: "config.json:1:23",
      says: "expected"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_embd\": 770,\n \"n_head\": 12}",
      id: "requirement-failed", place: "config.json:1:34", says: "770 % 12"),
    Mistake(
      json:
        "{\"model_type\": \"llama\", \"num_attention_heads\": 32,\n \"num_key_value_heads\": 5}",
      id: "requirement-failed", place: "config.json:2:25", says: "32 % 5"),
    Mistake(
      json: "{\"model_type\": \"llama\",\n \"hidden_size\": 4100}", id: "not-a-whole-number",
      place: "config.json:2:17", says: "`width / heads` is 128.125"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_embd\": null}", id: "config-wrong-type",
      place: "config.json:1:34", says: "found null"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_head\": 12.0}", id: "config-wrong-type",
      place: "config.json:1:34", says: "found the number 12.0"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_head\": {\"n\": [12]}}", id: "config-wrong-type",
      place: "config.json:1:34", says: "found an object"),
    Mistake(
      json: "{\"model_type\": \"llama\", \"num_atention_heads\": 8}", id: "misspelt-config-key",
      place: "config.json:1:25", says: "did you mean `num_attention_heads`?"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"n_layer\": 0}", id: "repeat-count",
      place: "config.json:1:35", says: "at least 1"),
    Mistake(
      json: "{\"model_type\": \"gpt2\", \"activation_function\": \"gelu_newer\"}",
      id: "no-matching-case", place: "config.json:1:47", says: "gelu_newer"),
  ]

  @Test("a mistake is found once, and in the config", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let loaded = load(mistake.json)
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    #expect(errors.count == 1, "\(errors.map(\.message))")
    let error = try #require(errors.first)
    #expect(error.id == mistake.id)
    #expect(place(error, in: loaded) == mistake.place)
    #expect(error.message.contains(mistake.says), "\(error.message)")
  }

  @Test("the line of the model file that reads a wrong value is told", arguments: mistakes)
  func reader(_ mistake: Mistake) throws {
    let isAboutFields = ["config-wrong-type", "config-out-of-range", "misspelt-config-key"]
    guard isAboutFields.contains(mistake.id) else { return }
    let loaded = load(mistake.json)
    let error = try #require(loaded.diagnostics.first)
    let note = try #require(error.notes.first { $0.message.contains("the architecture reads") })
    let place = try #require(note.range)
    #expect(loaded.sources[place.source].path.hasSuffix(".model"))
    #expect(loaded.sources.text(in: place).first == "\"")
  }

  @Test("another version of a family is no slip, and its kin are named")
  func kin() throws {
    let found = load(#"{"model_type": "gemma5", "text_config": {"model_type": "gemma2"}}"#)
    let error = try #require(found.diagnostics.first)
    #expect(error.id == "unknown-model-type")
    #expect(!error.message.contains("did you mean"))
    #expect(error.facts.map(\.text).contains("nearest: gemma, gemma2, gemma3_text"))
    #expect(error.fixes.last?.message.contains("plumbline init gemma > gemma5.model") == true)
    #expect(error.notes.map(\.range).contains { $0.map(found.sources.text) == "\"text_config\"" })
  }

  @Test(
    "words that are other words are no slips",
    arguments: [
      ("t5", "num_beams"), ("roberta", "bos_token_id"), ("xlnet", "d_head"),
      ("deepseek_v3", "qk_head_dim"), ("gpt2", "n_encoder"),
    ])
  func otherWords(_ family: String, _ key: String) {
    let loaded = load("{\"model_type\": \"\(family)\", \"\(key)\": 1}")
    #expect(loaded.diagnostics.isEmpty, "\(loaded.diagnostics.map(\.message))")
  }

  @Test("what is no UTF-8 is told where it stands, and not mended in silence")
  func encoding() throws {
    let path = Fixture.path("Fixtures/diagnostics/config-not-utf8/config.json")
    let loaded = try Workspace.load(path)
    let error = try #require(loaded.diagnostics.first)
    #expect(error.id == "invalid-json" && error.message.contains("0xE8"))
    #expect(place(error, in: loaded)?.hasSuffix("config.json:8:24") == true)
  }

  @Test("a file that is too large is refused unread")
  func large() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-large-\(UUID().uuidString).json").path
    #expect(FileManager.default.createFile(atPath: path, contents: Data("{".utf8)))
    defer { try? FileManager.default.removeItem(atPath: path) }
    // A hole: the file is long and takes no room.
    #expect(truncate(path, 100 << 30) == 0)
    #expect(throws: UnreadableFile.self) { try Workspace.load(path) }
  }

  @Test("keys that no field reads are passed over, near ones too once the field is filled the same")
  func silence() {
    let loaded = load(#"{"model_type": "gpt2", "n_layer": 2, "n_layers": 2, "use_cache": true}"#)
    #expect(loaded.diagnostics.isEmpty)
  }

  @Test("a directory is read by its config.json, and its weights lie beside")
  func directory() throws {
    let path = Fixture.path("Fixtures/numeric/1_gpt2")
    #expect(Workspace.modelPath(path) == path + "/config.json")
    #expect(Workspace.weights(beside: path) == path + "/model.safetensors")
    #expect(Workspace.weights(beside: path + "/config.json") == nil)
    #expect(try Workspace.load(path).diagnostics.isEmpty)
  }
}
