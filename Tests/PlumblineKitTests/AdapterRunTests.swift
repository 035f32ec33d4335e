// AdapterRunTests: a LoRA run by the command line, from a base to adapters that PEFT loads.
// The oracle is PEFT's own model: its losses step by step, and the loss after the last.
import Foundation
import Interchange
import PlumblineKit
import Testing

@Suite struct AdapterRunTests {
  private let oracle = Fixture.path("Fixtures/numeric/6_gpt2_lora")

  private func model(in folder: String) throws -> String {
    let fixture = Fixture.path("Fixtures/models/gpt2-lora-tiny.model")
    let text = try String(contentsOfFile: fixture, encoding: .utf8)
    let path = folder + "/lora.model"
    try
      (text + """

        train gpt2_lora_tiny {
          batch     B = 2, T = 12
          steps     3
          loss      next_token_loss(logits, labels: i32[B, T])
          optimizer adamw(rate: 1e-3, betas: (0.9, 0.95), decay: 0.1)
        }
        """).write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test("train begins at a base, ends with PEFT's files, and merges on request")
  func trains() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-lora-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let run = folder + "/run"
    let trained = plumbline(
      "train", try model(in: folder), "--data", oracle + "/io.safetensors", "--weights",
      oracle + "/model.safetensors", "--out", run, "--eval-every", "0", "--threads", "2",
      "--schedule", "constant", "--allow", "adapter-decays-away")
    try #require(trained.status == .clean, "\(trained.output) \(trained.errors)")
    #expect(trained.output.contains("\(run)/adapter"))
    let log = try String(contentsOfFile: run + "/log.jsonl", encoding: .utf8)
    let losses = try log.split(separator: "\n").compactMap { line -> Double? in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["loss"] as? Double
    }
    // From the case's own record.
    let expected = [4.840110778808594, 4.88797664642334, 4.863636493682861]
    #expect(losses.count == 3)
    for (own, theirs) in zip(losses, expected) { #expect(abs(own - theirs) <= 1e-4) }
    let merged = folder + "/merged.safetensors"
    let again = plumbline(
      "adapter", run, "--out", folder + "/again", "--merge", merged, "--base", "gpt2", "--task",
      "CAUSAL_LM")
    try #require(again.status == .clean, "\(again.output) \(again.errors)")
    let first = try SafetensorsReader(path: run + "/adapter/adapter_model.safetensors")
    let second = try SafetensorsReader(path: folder + "/again/adapter_model.safetensors")
    let peft = try SafetensorsReader(
      path: Fixture.path("Fixtures/lora/saved/adapter_model.safetensors"))
    #expect(first.entries.map(\.name).sorted() == peft.entries.map(\.name).sorted())
    for entry in first.entries {
      #expect(try first.floats(entry.name) == second.floats(entry.name))
      #expect(try first.floats(entry.name) != peft.floats(entry.name), "nothing was learnt")
    }
    let plain = try Workspace.load(
      Fixture.path("models/gpt2.model"),
      settings: ["vocab=97", "context=32", "width=32", "heads=4", "layers=2"]
        .compactMap(Setting.init(parsing:)))
    var options = RunOptions(inputs: oracle + "/io.safetensors", weights: merged)
    options.prefix = "batch0/"
    let report = try Runner.run(try #require(plain.model), options)
    // What PEFT's model loses on the first batch after three steps.
    #expect(abs(try #require(report.loss) - 4.656228065490723) <= 1e-4)
  }

  @Test("a folder without a run, and a run without adapters, are refused")
  func refused() throws {
    let nowhere = plumbline("adapter", "/nowhere", "--out", "/tmp/never")
    #expect(nowhere.status != .clean)
    #expect(plumbline("adapter", "/nowhere").status == .usage)
  }
}
