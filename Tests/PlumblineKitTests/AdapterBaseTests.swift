// AdapterBaseTests: a run over a frozen base keeps what it trains, and finds the base again or says why not.
// Apart from other runs, whose checkpoints are complete in themselves.
import Diagnostics
import Commands
import Foundation
import Interchange
import Testing
import Training

@testable import PlumblineKit

@Suite struct AdapterBaseTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  private static let head = """
    import "gpt2-small.model"

    adapter lora(rank: Int, alpha: Float) for base: linear {
      param down: [rank, base.in]  = kaiming_uniform
      param up:   [base.out, rank] = zeros

      forward(x: [..., base.in]) -> [..., base.out] {
        low = einsum(x, down : ... i, r i -> ... r)
        return base(x) + (alpha / rank) * einsum(low, up : ... r, o r -> ... o)
      }
    }

    """

  private static func model(_ members: String) -> String {
    """
    \(head)
    model small = gpt2_small {
      config vocab = 30, context = 8, width = 8, heads = 2, layers = 2
      \(members)
    }

    train small {
      batch     B = 2, T = 8
      steps     6
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer adamw(rate: 1e-2)
      schedule  constant
      allow adapter-decays-away because "a test"
    }
    """
  }

  private static let adapted = model(
    "freeze all except ln_f.*\n  adapt h[*].attn.c_attn with lora(rank: 2, alpha: 8)")

  private func command(_ arguments: [String]) -> Outcome {
    CommandLineTool.run(
      arguments,
      in: Surroundings(color: false) { () throws(UnreadableFile) -> String in "" })
  }

  private func train(_ arguments: String...) -> Outcome {
    command(["train"] + arguments + ["--threads", "1", "--eval-every", "0"])
  }

  /// A base, and a run over it that was stopped after some updates, or is whole.
  private func runs(_ out: String = "lora") throws -> (base: String, lora: String) {
    let text = try folder.file("text.txt", TrainingSample.text)
    if !FileManager.default.fileExists(atPath: path("base")) {
      let plain = try folder.file("plain.model", Self.model(""))
      let base = train(plain, "--data", text, "--out", path("base"))
      try #require(base.status == .clean, "\(base.output) \(base.errors)")
    }
    let adapted = try folder.file("adapted.model", Self.adapted)
    let lora = train(
      adapted, "--data", text, "--weights", path("base"), "--out", path(out), "--save-every", "2")
    try #require(lora.status == .clean, "\(lora.output) \(lora.errors)")
    return (path("base"), path(out))
  }

  private func weights(_ run: String, _ step: Int = 6) throws -> SafetensorsReader {
    try SafetensorsReader(path: run + "/" + RunFolder.weightsName(step))
  }

  @Test("a checkpoint holds the adapters and what else is trained, and nothing of the base")
  func small() throws {
    let (base, lora) = try runs()
    let names = Set(try weights(lora).entries.map(\.name))
    var expected: Set<String> = ["ln_f.weight", "ln_f.bias"]
    for layer in 0..<2 {
      for matrix in ["down", "up"] { expected.insert("h.\(layer).attn.c_attn.\(matrix)") }
    }
    #expect(names == expected)
    // A base of its own has everything.
    #expect(try weights(base).entries.count == 28)
    #expect(try RunState(of: RunFolder(base)).start == nil)
  }

  @Test("a run that was stopped goes on to the same bytes, from a base that was moved too")
  func resumed() throws {
    let (base, lora) = try runs()
    let text = path("text.txt")
    let stop = StopRequest()
    var request = TrainingRequest(data: text, output: path("cut"))
    request.weights = base
    request.threads = 1
    request.settings.evaluateEvery = 0
    request.settings.saveEvery = 2
    let loaded = try Workspace.load(path("adapted.model"))
    let effective = try EffectiveModel(loaded, TrainingOverrides())
    let run = try TrainingRun(beginning: TrainingSession(effective, request))
    _ = try run.finish(stop: stop) { event in
      if case .update(let report) = event, report.step == 2 { stop.ask() }
    }
    let moved = path("elsewhere.safetensors")
    try FileManager.default.moveItem(
      atPath: base + "/" + RunFolder.weightsName(6), toPath: moved)
    let lost = train("--resume", "--out", path("cut"))
    #expect(lost.status == .findings)
    #expect(lost.output.contains("error[base-missing]") && lost.output.contains("--base PATH"))
    #expect(lost.output.contains(RunFolder.weightsName(6)))
    let found = train("--resume", "--out", path("cut"), "--base", moved)
    try #require(found.status == .clean, "\(found.output) \(found.errors)")
    for name in [RunFolder.weightsName(6), RunFolder.momentsName(6)] {
      #expect(
        try Data(contentsOf: URL(filePath: path("cut") + "/" + name))
          == Data(contentsOf: URL(filePath: lora + "/" + name)), "\(name)")
    }
    #expect(
      train("--out", path("x"), "--base", moved, path("adapted.model")).status == .usage)
  }

  @Test(
    "writing with adapters is writing with the merged weights, and both need the base as it was")
  func written() throws {
    let (base, lora) = try runs()
    let merged = path("merged/model.safetensors")
    try FileManager.default.createDirectory(
      atPath: path("merged"), withIntermediateDirectories: true)
    try #require(plumbline("adapter", lora, "--merge", merged).status == .clean)
    let sample = [
      "--prompt", "a cat", "--tokens", "24", "--greedy", "--threads", "1", "--format", "json",
    ]
    let own = command(["sample", lora] + sample)
    try #require(own.status == .clean, "\(own.output) \(own.errors)")
    let whole = command(
      [
        "sample", path("plain.model"), "--weights", merged, "--vocabulary",
        lora + "/vocabulary.json",
      ] + sample)
    let plain = command(["sample", base] + sample)
    let chances = try [own, whole, plain].map { outcome in
      let samples = try json(outcome.output)["samples"] as? [[String: Any]]
      return try #require(samples?.first?["logProbabilities"] as? [Double], "\(outcome.output)")
    }
    #expect(chances[0].count == 24)
    #expect(zip(chances[0], chances[1]).allSatisfy { abs($0 - $1) <= 1e-5 })
    #expect(zip(chances[0], chances[2]).contains { abs($0 - $1) > 1e-3 }, "nothing was learnt")
    // Another base is named as such; what needs none still works.
    let file = base + "/" + RunFolder.weightsName(6)
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(filePath: file))
    for command in [["sample", lora] + sample, ["adapter", lora, "--merge", merged]] {
      let refused = self.command(command)
      #expect(refused.status == .findings)
      #expect(refused.output.contains("error[base-changed]"), "\(refused.output)")
      #expect(refused.output.contains("digest"))
    }
    #expect(plumbline("adapter", lora, "--out", path("peft")).status == .clean)
    try FileManager.default.removeItem(atPath: file)
    #expect(plumbline("adapter", lora, "--out", path("peft2")).status == .clean)
    let first = try SafetensorsReader(path: path("peft/adapter_model.safetensors"))
    let second = try SafetensorsReader(path: path("peft2/adapter_model.safetensors"))
    for entry in first.entries {
      #expect(try first.floats(entry.name) == second.floats(entry.name))
    }
  }

  @Test("adapters alone are no base, and a text with a symbol that the base lacks is refused")
  func refused() throws {
    let (base, lora) = try runs()
    let again = train(
      path("adapted.model"), "--data", path("text.txt"), "--weights", lora, "--out", path("two"))
    #expect(again.output.contains("error[base-holds-adapters]"), "\(again.output)")
    let other = try folder.file("other.txt", TrainingSample.text + "Z")
    let symbols = train(
      path("adapted.model"), "--data", other, "--weights", base, "--out", path("three"))
    #expect(symbols.status == .findings && symbols.output.contains("Z"), "\(symbols.output)")
    #expect(!FileManager.default.fileExists(atPath: path("three")))
  }

  @Test("a study whose runs began with other weights, or with none, is not taken for this one")
  func otherBase() throws {
    let (base, _) = try runs()
    let file = base + "/" + RunFolder.weightsName(6)
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes[bytes.count - 1] ^= 1
    let other = path("other.safetensors")
    try bytes.write(to: URL(filePath: other))
    func study(_ out: String, _ arguments: String...) -> Outcome {
      command(
        [
          "sweep", path("adapted.model"), "--data", path("text.txt"), "--out", path(out), "--vary",
          "rank=1,2", "--threads", "1", "--eval-every", "0",
        ] + arguments)
    }
    #expect(study("one", "--weights", base).status == .clean)
    #expect(study("one", "--weights", base).status == .clean)
    #expect(study("one", "--weights", other).output.contains("error[base-changed]"))
    #expect(study("two").status == .clean)
    #expect(study("two", "--weights", base).output.contains("error[base-changed]"))
    let plain = train("--resume", "--out", path("two") + "/rank=1", "--base", base)
    #expect(plain.output.contains("error[base-changed]"), "\(plain.output)")
  }

  @Test(
    "what PEFT has no place for is refused before the first step, and trained when that is allowed")
  func unsaveable() throws {
    let (base, _) = try runs()
    let odd = Self.model("freeze all\n  adapt h[*].attn.c_attn with lora(rank: 2, alpha: 8)")
      .replacing("i, r i -> ... r)\n", with: "i, r i -> ... r) * 2.0 + 1.0\n")
    let bias = Self.model(
      "freeze all except h[*].attn.c_attn.bias\n"
        + "  adapt h[*].attn.c_attn with lora(rank: 2, alpha: 8)")
    for (text, id) in [(odd, "adapter-not-lora"), (bias, "adapter-trains-more")] {
      let file = try folder.file("odd.model", text)
      let out = path("odd-" + id)
      let refused = train(
        file, "--data", path("text.txt"), "--weights", base, "--out", out)
      #expect(refused.status == .findings && refused.output.contains("error[\(id)]"))
      #expect(refused.output.contains("--allow \(id)"), "\(refused.output)")
      #expect(!FileManager.default.fileExists(atPath: out))
      let allowed = train(
        file, "--data", path("text.txt"), "--weights", base, "--out", out, "--allow", id)
      try #require(allowed.status == .clean, "\(allowed.output)")
      #expect(allowed.output.contains("no files for PEFT"))
      // Its checkpoint is small all the same, and writes.
      #expect(try weights(out).entries.allSatisfy { $0.name.contains("c_attn") })
      #expect(
        command(["sample", out, "--prompt", "a", "--tokens", "3", "--threads", "1"]).status
          == .clean)
      let stopped = plumbline(
        "sweep", file, "--data", path("text.txt"), "--weights", base, "--out", path("study"),
        "--vary", "rank=1,2", "--threads", "1")
      #expect(stopped.status == .findings && stopped.output.contains(id))
    }
  }
}
