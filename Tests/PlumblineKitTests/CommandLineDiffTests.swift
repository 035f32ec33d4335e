// CommandLineDiffTests: `plumbline diff`: what it finds, what it says that costs, and how it exits.
// Counts of published models come from transformers; see Fixtures/huggingface/README.md.
import Commands
import Foundation
import Testing

@Suite struct CommandLineDiffTests {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func config(_ name: String) -> String {
    packagePath("Fixtures/huggingface/\(name).config.json")
  }

  private func costs(_ document: [String: Any]) throws -> [(label: String, count: Int, work: Int)] {
    try #require(document["costs"] as? [[String: Any]]).map {
      (
        try #require($0["label"] as? String), try #require($0["parameters"] as? Int),
        try #require($0["flops"] as? Int)
      )
    }
  }

  @Test("a model and itself do not differ, and the exit status is 0")
  func same() throws {
    let outcome = plumbline("diff", config("gpt2"), config("gpt2"))
    #expect(outcome.status == .clean)
    #expect(outcome.output.contains("nothing differs: 124,439,808 parameters"))
    let model = plumbline("diff", config("gpt2"), packagePath("models/gpt2.model"))
    #expect(model.status == .clean, "\(model.output)")
  }

  @Test("values of one family are changed alone, and the parts sum to the total")
  func values() throws {
    let outcome = plumbline("diff", config("gpt2"), config("gpt2-xl"), "--format", "json")
    #expect(outcome.status == .findings)
    let document = try json(outcome.output)
    #expect(document["division"] as? String == "values")
    let parts = try costs(document)
    // 768 is no multiple of 25 and 1600 none of 12: width and heads are changed together.
    #expect(
      parts.map(\.label) == [
        "width 768 → 1,600, heads 12 → 25", "layers 12 → 48", "together, beyond the sum of these",
      ])
    // transformers 4.57.6: 1,557,611,200 and 124,439,808; a layer of GPT-2 small has 7,087,872.
    #expect(parts.reduce(0) { $0 + $1.count } == 1_557_611_200 - 124_439_808)
    #expect(parts[1].count == 36 * 7_087_872)
    let total = try #require(document["total"] as? [String: Any])
    #expect(parts.reduce(0) { $0 + $1.work } == total["flops"] as? Int)
    let fields = try #require(document["config"] as? [[String: Any]])
    let hidden = try #require(fields.first { $0["name"] as? String == "hidden" })
    #expect(hidden["follows"] as? Bool == true)
    #expect(hidden["first_is_default"] as? Bool == true)
    #expect(fields.first { $0["name"] as? String == "layers" }?["key"] as? String == "n_layer")
  }

  @Test("between two families the cost is told by block, and sums to the total")
  func blocks() throws {
    let folder = try TemporaryFolder()
    let gpt = try folder.file("gpt.json", #"{"model_type": "gpt2"}"#)
    let llama = try folder.file(
      "llama.json",
      #"{"model_type": "llama", "hidden_size": 768, "num_attention_heads": 12, "vocab_size": 50257}"#
    )
    let document = try json(plumbline("diff", gpt, llama, "--format", "json").output)
    #expect(document["division"] as? String == "blocks")
    let parts = try costs(document)
    let total = try #require(document["total"] as? [String: Any])
    #expect(parts.reduce(0) { $0 + $1.count } == total["parameters"] as? Int)
    #expect(parts.reduce(0) { $0 + $1.work } == total["flops"] as? Int)
    // Position embeddings: 1024 × 768 that Llama does not have.
    #expect(parts.contains { $0.label == "removed transformer.wpe" && $0.count == -786_432 })
  }

  @Test("the text is aligned, marks what changed and adds up")
  func text() throws {
    let outcome = plumbline("diff", config("gpt2"), config("gpt2-xl"))
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("~") && $0.contains("h[0..<12] → h[0..<48]") })
    #expect(lines.contains { $0.contains("[50257, 768] → [50257, 1600]") })
    #expect(lines.contains { $0.hasPrefix("in all") && $0.contains("+1,433,171,392") })
    #expect(!outcome.output.contains("\u{1B}["))
  }

  @Test("keys that no field reads are told where both configs give them")
  func unread() throws {
    let folder = try TemporaryFolder()
    let first = try folder.file(
      "a.json",
      #"{"model_type": "gpt2", "attn_pdrop": 0.1, "_name_or_path": "a", "use_cache": true}"#)
    let second = try folder.file(
      "b.json", #"{"model_type": "gpt2", "attn_pdrop": 0.0, "_name_or_path": "b"}"#)
    let outcome = plumbline("diff", first, second)
    #expect(outcome.status == .findings)
    #expect(outcome.output.contains(/\nattn_pdrop +0\.1 +0\.0\n/))
    #expect(!outcome.output.contains("_name_or_path") && !outcome.output.contains("use_cache"))
  }

  @Test("operations that differ are seen where no weight does")
  func operations() throws {
    let folder = try TemporaryFolder()
    func model(_ bend: String) -> String {
      """
      model m {
        let a = linear(8, 8)

        forward(x: [B, 8]) -> [B, 8] {
          return \(bend)(a(x))
        }
      }

      """
    }
    let outcome = plumbline(
      "diff", try folder.file("a.model", model("relu")), try folder.file("b.model", model("tanh")))
    #expect(outcome.status == .findings)
    #expect(
      outcome.output.contains("no longer computes relu")
        && outcome.output.contains("now computes tanh"))
  }

  @Test("the tensors of two checkpoints are held against each other, alike layers as one")
  func checkpoints() throws {
    let folder = packagePath("Fixtures/numeric/1_gpt2")
    #expect(plumbline("diff", folder, folder).status == .clean)
    let copy = try TemporaryFolder()
    let config = try String(contentsOfFile: folder + "/config.json", encoding: .utf8)
    _ = try copy.file("config.json", config)
    let header = #"{"transformer.h.0.ln_1.bias":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + Data(count: 4)
    try bytes.write(to: URL(fileURLWithPath: copy.path + "/model.safetensors"))
    let outcome = plumbline("diff", folder, copy.path)
    #expect(outcome.status == .findings)
    #expect(outcome.output.contains("tensors of the checkpoints"))
    #expect(outcome.output.contains("→ F16 [2]"))
    #expect(outcome.output.contains("-  transformer.h.*.mlp.c_fc.weight"))
    #expect(!outcome.output.contains("cost of"))
  }

  @Test("trouble exits with 2, whatever differs")
  func trouble() throws {
    let folder = try TemporaryFolder()
    let broken = try folder.file("a.json", #"{"model_type": "gpt2", "n_head": 7}"#)
    let outcome = plumbline("diff", broken, config("gpt2"))
    #expect(outcome.status == .usage)
    #expect(outcome.output.isEmpty && outcome.errors.contains("requirement-failed"))
    #expect(plumbline("diff", config("gpt2"), folder.path + "/none").status == .usage)
    #expect(plumbline("diff", config("gpt2")).status == .usage)
  }
}
