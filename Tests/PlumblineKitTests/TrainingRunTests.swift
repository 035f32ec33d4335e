// TrainingRunTests: a run leaves what it promises, and an interrupted one ends with the same bytes.
// Kills have a suite of their own: they need a process to kill.
import Foundation
import PlumblineKit
import Testing
import Training

@Suite struct TrainingRunTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  /// Runs to the end.
  private func finished(_ name: String, threads: Int = 1) throws -> [String: Data] {
    let session = try TrainingSample.session(folder, out: name, threads: threads)
    #expect(try TrainingRun(beginning: session).finish() == .finished)
    return try TrainingSample.files(path(name))
  }

  @Test("a run ends with model, vocabulary, log, one generation and a state, and nothing else")
  func contents() throws {
    let files = try finished("run")
    #expect(
      files.keys.sorted() == [
        "log.jsonl", "model.model", "optimizer-000040.safetensors", "vocabulary.json",
        "weights-000040.safetensors",
      ])
    let state = try RunState(of: RunFolder(path("run")))
    #expect(state.step == 40 && state.steps == 40 && state.tokens == 640 && state.seed == 3)
    let model = plumbline("check", path("run/model.model"))
    #expect(model.status == .clean, "\(model.output)")
    let review = plumbline(
      "review", path("run/log.jsonl"), "--plan", path("run/model.model"), "--strict")
    #expect(review.status == .clean, "\(review.output)")
    #expect(!review.output.contains("undecided: whether the rates"))
  }

  @Test("the log has a line for each update, validations with the weights before it, and learns")
  func log() throws {
    _ = try finished("run")
    let lines = try folder.text(path("run/log.jsonl")).split(separator: "\n").map {
      try json(String($0))
    }
    #expect(lines.count == 41)
    #expect(lines.map { $0["step"] as? Int } == Array(0...40))
    let validated = lines.indices.filter { lines[$0]["val_loss"] != nil }
    #expect(validated == [0, 10, 20, 30, 40])
    let losses = lines.compactMap { $0["loss"] as? Double }
    let (first, last) = (losses.prefix(5).reduce(0, +) / 5, losses.suffix(5).reduce(0, +) / 5)
    #expect(abs(first - 3.4657) < 0.3, "ln 32 = 3.4657")
    #expect(last < first - 0.5)
    // The first update of a warm-up that counts from zero has a rate of zero.
    let rates = lines.compactMap { $0["lr"] as? Double }
    #expect(rates[0] == 0 && abs(rates[5] - 0.01) < 1e-12 && abs(rates[1] - 0.002) < 1e-12)
  }

  @Test(
    "stopped after any update and resumed on any threads, a run ends with the same bytes",
    arguments: [1, 6, 7, 8, 10, 39])
  func interrupted(after updates: Int) throws {
    let whole = try finished("whole")
    let session = try TrainingSample.session(folder, out: "cut", threads: updates % 3 + 1)
    let stop = StopRequest()
    let run = try TrainingRun(beginning: session)
    let end = try run.finish(stop: stop) { event in
      if case .update(let report) = event, report.step + 1 == updates { stop.ask() }
    }
    #expect(end == .stopped(step: updates))
    let resumed = try TrainingRun(
      resuming: RunFolder(path("cut")), threads: (updates + 1) % 3 + 1)
    #expect(resumed.step == updates)
    #expect(try resumed.finish() == .finished)
    let files = try TrainingSample.files(path("cut"))
    #expect(files.keys.sorted() == whole.keys.sorted())
    for (name, data) in whole { #expect(files[name] == data, "\(name)") }
  }

  @Test("a finished run that is resumed has nothing to do")
  func again() throws {
    let whole = try finished("run")
    let run = try TrainingRun(resuming: RunFolder(path("run")))
    #expect(try run.finish() == .finished)
    #expect(try TrainingSample.files(path("run")) == whole)
  }

  @Test("a folder with a run is refused, and taken with --overwrite")
  func refused() throws {
    _ = try finished("run")
    let second = try TrainingSample.session(folder, out: "run")
    #expect(try failure { try TrainingRun(beginning: second) }.diagnostics[0].id == "run-exists")
    let third = try TrainingSample.session(folder, out: "run") { $1.overwrites = true }
    #expect(try TrainingRun(beginning: third).step == 0)
    #expect(try TrainingSample.files(path("run")).count == 3)
  }

  @Test("accumulation over two halves is one batch of twice the rows")
  func accumulation() throws {
    let one = try TrainingSample.session(folder, out: "one") { overrides, request in
      overrides.batch = ["B": 4]
      request.settings.order = "sequential"
    }
    let two = try TrainingSample.session(folder, out: "two") { overrides, request in
      overrides.accumulate = 2
      request.settings.order = "sequential"
    }
    let (first, second) = (one.loop(), two.loop())
    for _ in 0..<10 {
      let (a, b) = (try first.advance(), try second.advance())
      #expect(abs(a.loss - b.loss) < 1e-4)
      #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-4)
      #expect(a.targets == 32 && b.targets == 32)
    }
  }

  @Test("a lost loss stops the run, says the step and keeps the checkpoint")
  func lost() throws {
    let session = try TrainingSample.session(folder, out: "run") { overrides, request in
      overrides.schedule = "linear to 1e30 at step 20, then constant"
      overrides.clip = 1e30
      overrides.rate = 0.1
      overrides.allowed = ["floor-above-peak"]
      request.settings.saveEvery = 1
    }
    let run = try TrainingRun(beginning: session)
    let found = try failure { try run.finish() }.diagnostics[0]
    #expect(found.id == "loss-not-finite")
    #expect(found.message.contains("at step"))
    let state = try RunState(of: RunFolder(path("run")))
    #expect(state.step > 0 && state.files.count == 2)
  }
}
