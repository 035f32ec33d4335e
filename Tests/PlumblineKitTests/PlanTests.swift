// PlanTests: what a plan comes to, against figures worked out by hand and by other tools.
// The command is tested beside it, with what it says to people and to machines.
import Foundation
import Language
import PlumblineKit
import Testing
import Validation

@Suite struct PlanTests {
  private func report(_ name: String) throws -> PlanReport {
    try #require(PlanReport(try Workspace.load(packagePath("models/\(name).model"))))
  }

  @Test("steps, tokens, warm-up and idle rows of the TinyStories plan")
  func tinystories() throws {
    let forecast = try report("tinystories").forecast
    #expect(forecast.tokensPerStep == 24_576)
    #expect(abs((forecast.steps ?? 0) - 65_000_000.0 / 24_576) < 1e-9)
    #expect(forecast.epochs == 1)
    #expect(abs((forecast.tokensPerParameter ?? 0) - 21.685) < 1e-3)
    #expect(forecast.warmUp == 265)
    #expect(forecast.idle.map(\.elements) == [512 * 128])
    #expect(forecast.points.last?.step == 2_644)
  }

  @Test("groups of weight decay are those of the GPT-2 that everybody knows")
  func decay() throws {
    let forecast = try report("gpt2").forecast
    #expect(forecast.decayed?.tensors == 50 && forecast.decayed?.elements == 124_318_464)
    #expect(forecast.spared?.tensors == 98 && forecast.spared?.elements == 121_344)
  }

  @Test("work is that of contractions with attention in full, forward once and backward twice")
  func work() throws {
    let work = try #require(try report("gpt2").forecast.work)
    // One sequence of 1,024 tokens is 291,648,307,200 FLOPs forward; an update reads 480.
    #expect(work.forward == 291_648_307_200 * 480)
    #expect(work.backward == 2 * work.forward)
    #expect(work.run == work.update * 600_000)
  }

  @Test("memory in f32 is the executor's arena, and in 16 bits 16 bytes a trained parameter")
  func memory() throws {
    let path = packagePath("models/tinystories.model")
    let plain = try #require(try report("tinystories").memory)
    #expect(plain.isExact)
    let planned = plumbline("memory", path, "--set", "B=48", "--set", "T=512", "--threads", "1")
    #expect(planned.output.contains("1,173,951,168"), "\(planned.output)")
    #expect(plain.total == 1_173_951_168)
    let text = try String(contentsOfFile: path, encoding: .utf8)
      .replacingOccurrences(of: "  data ", with: "  precision bf16\n  data ")
    let mixed = try #require(PlanReport(Workspace.load(path: path, text: text))?.memory)
    #expect(!mixed.isExact)
    #expect(mixed.rows.prefix(3).reduce(0) { $0 + $1.bytes } == 16 * 2_997_504)
    #expect(mixed.total < plain.total)
  }

  @Test("gradients that are added up over micro-batches are all alive")
  func accumulation() throws {
    let memory = try #require(try report("gpt2").memory)
    let sums = try #require(memory.rows.first { $0.name == "gradient sums" })
    #expect(sums.bytes == 4 * 124_439_808)
    let single = try #require(try report("tinystories").memory)
    #expect(!single.rows.contains { $0.name == "gradient sums" })
  }

  @Test("the largest batch that fits does fit, and one more does not")
  func largest() throws {
    let path = packagePath("models/tinystories.model")
    let outcome = plumbline("plan", path, "--memory", "512MiB")
    #expect(outcome.status == .findings)
    let found = try #require(outcome.output.firstMatch(of: /B = (\d+) would/))
    let size = try #require(Int(found.1))
    func total(_ size: Int) throws -> Int {
      let text = try String(contentsOfFile: path, encoding: .utf8)
        .replacingOccurrences(of: "B = 48", with: "B = \(size)")
      return try #require(PlanReport(Workspace.load(path: path, text: text))?.memory).total
    }
    #expect(try total(size) <= 512 << 20)
    #expect(try total(size + 1) > 512 << 20)
  }

  @Test("time is work over the speed that is reached, shared by the devices")
  func time() throws {
    let loaded = try Workspace.load(packagePath("models/tinystories.model"))
    let machine = PlanReport.Machine(peak: 1e12, mfu: 0.5, count: 2)
    let report = try #require(PlanReport(loaded, machine: machine))
    let run = try #require(report.forecast.work?.run)
    #expect(report.seconds == run / 1e12)
  }

  @Test("a linear decay keeps its length in a longer round, a cosine keeps its peak")
  func stretch() throws {
    func stretched(_ schedule: String) throws -> String {
      let text = """
        model m {
          dim B >= 1
          let layer = linear(8, 4)
          forward(x: [B, 8]) -> logits: [B, 4] { return layer(x) }
        }
        train m {
          batch     B = 8
          steps     1_000
          optimizer adamw(rate: 1e-3)
          schedule  \(schedule)
          expect rate(at: 100) == 1e-3
        }
        """
      let stretch = try PlanStretch(Workspace.load(path: "m.model", text: text), by: 10)
      let start = try #require(stretch.text.range(of: "train m"))
      let again =
        text[..<(try #require(text.range(of: "train m"))).lowerBound]
        + stretch.text[start.lowerBound...]
      let loaded = Workspace.load(path: "m.model", text: String(again))
      #expect(!loaded.hasErrors, "\(loaded.diagnostics.map(\.message))")
      let schedule = try #require(loaded.model?.plan?.trainingSchedule)
      #expect(schedule.rate(at: 100) == 1e-3 || schedule.rate(at: 0) == 1e-3)
      #expect(stretch.text.contains("Left out"))
      #expect(loaded.model?.plan?.length == 10_000)
      return stretch.text
    }
    #expect(
      try stretched("warmup 100 steps, then linear to 1e-4 at step 1_000")
        .contains("warmup 100 steps, then constant 9_000 steps, then linear to 1e-4 at step 10_000")
    )
    #expect(
      try stretched("warmup 100 steps, then constant 400 steps, then linear to 0 at step 1_000")
        .contains("warmup 100 steps, then constant 9_400 steps, then linear to 0 at step 10_000"))
    #expect(
      try stretched("warmup 100 steps, then cosine to 1e-4 at step 1_000")
        .contains("warmup 100 steps, then cosine to 1e-4 at step 10_000"))
    #expect(try stretched("warmup 100 steps, then constant").contains("then constant"))
    #expect(throws: StretchRefusal.self) { try stretched("torch.StepLR(step_size: 30)") }
  }

  @Test("people get the plan in words, machines as one object")
  func command() throws {
    let path = packagePath("models/tinystories.model")
    let text = plumbline("plan", path, "--memory", "16GiB", "--peak", "312TFLOPS", "--mfu", "0.4")
    #expect(text.status == .clean, "\(text.errors)")
    for part in [
      "tinystories: 2,645 updates of 24,576 tokens", "2,644.86", "read 1.00 times",
      "warm-up 265 updates, 10.02 % of the run", "65,536 parameters: rows 512...1023",
      "1.52 PFLOP", "12.2 s", "fits 17,179,869,184 B",
    ] {
      #expect(text.output.contains(part), "\(part) is missing from\n\(text.output)")
    }
    let json = plumbline("plan", path, "--format", "json")
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(root["tokens_per_step"] as? Int == 24_576)
    #expect((root["memory"] as? [String: Any])?["total"] as? Int == 1_173_951_168)
  }

  @Test(
    "what can't be read is told, with an example",
    arguments: [
      ("--memory", "16"), ("--memory", "-1GiB"), ("--memory", "lots"), ("--mfu", "40"),
      ("--peak", "nanGFLOPS"), ("--devices", "0"), ("--stretch", "0.5"), ("--stretch", "x"),
    ])
  func usage(_ option: String, _ value: String) {
    let outcome = plumbline("plan", packagePath("models/tinystories.model"), option, value)
    #expect(outcome.status == .usage)
    #expect(outcome.errors.contains("found"), "\(outcome.errors)")
  }

  @Test("a model without a plan has none to report")
  func noPlan() {
    let outcome = plumbline("plan", packagePath("models/llama.model"))
    #expect(outcome.status == .usage)
    #expect(outcome.errors.contains("no `train` section"), "\(outcome.errors)")
  }

  @Test(
    "lines about machines and studies are held to their units and names",
    arguments: [
      ("device memory 16", "needs a unit"), ("device memory 16 GIB", "did you mean `GiB`?"),
      ("device mfu 40", "from 0 to 1"), ("device speed 3", "property of a device"),
      ("device count 0", "at least 1"), ("device count 2 GiB", "has no unit"),
      ("precision f8", "precision"), ("precision f16 scaled by 0", "positive factor"),
      ("vary width = 1", "axis of a study"), ("vary rate = \"a\"", "varies over numbers"),
    ])
  func mistakes(_ line: String, _ says: String) {
    let text = """
      model m {
        dim B >= 1
        let layer = linear(8, 4)
        forward(x: [B, 8]) -> logits: [B, 4] { return layer(x) }
      }
      train m {
        batch     B = 8
        optimizer adamw(rate: 1e-3)
        \(line)
      }
      """
    let loaded = Workspace.load(path: "m.model", text: text)
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    #expect(errors.count == 1, "\(errors.map(\.message))")
    #expect(errors.first?.message.contains(says) == true, "\(errors.map(\.message))")
    #expect(errors.first?.range != nil)
  }
}
