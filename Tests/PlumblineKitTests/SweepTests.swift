// SweepTests: a study makes every run of its grid once, goes on where it was stopped, and compares.
// Runs themselves are tested elsewhere; here a tiny one is enough.
import Foundation
import PlumblineKit
import Testing
import Training

@Suite struct SweepTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  private func sample() throws -> (model: String, data: String) {
    (
      try folder.file("tiny.model", TrainingSample.model),
      try folder.file("text.txt", TrainingSample.text)
    )
  }

  private func sweep(
    _ axes: [String], out: String = "study", allowed: [String] = []
  ) throws -> Sweep {
    let sample = try sample()
    var overrides = TrainingOverrides()
    overrides.steps = 12
    overrides.schedule = "warmup 2 steps, then linear to 0 at step 12"
    overrides.allowed = allowed
    var request = TrainingRequest(data: sample.data, output: path(out))
    request.threads = 1
    return try Sweep(
      path: sample.model, settings: [], overrides: overrides,
      axes: axes.compactMap { SweepAxis(parsing: $0) }, request: request)
  }

  @Test("a grid has every combination, the last axis fastest, each with a folder of its own")
  func grid() throws {
    let grid = try SweepGrid(
      [
        SweepAxis(name: "rate", values: ["1e-3", "3e-3"]),
        SweepAxis(name: "schedule", values: ["constant", "cosine to 0 at step 50"]),
      ], fields: [], dimensions: ["B"])
    #expect(
      grid.points.map(\.folder) == [
        "rate=1e-3,schedule=constant", "rate=1e-3,schedule=2-cosine-to-0-at-step-50",
        "rate=3e-3,schedule=constant", "rate=3e-3,schedule=2-cosine-to-0-at-step-50",
      ])
    #expect(grid.points[1].text == "rate = 1e-3, schedule = cosine to 0 at step 50")
  }

  @Test("one `--vary` may name several axes, and a comma within a schedule begins none")
  func severalAxes() {
    func list(_ text: String) -> [[String]]? {
      SweepAxis.list(parsing: text)?.map { [$0.name] + $0.values }
    }
    #expect(
      list("rate=1e-4, 3e-4,seed=1,2") == [["rate", "1e-4", "3e-4"], ["seed", "1", "2"]])
    #expect(
      list("schedule=constant|warmup 2 steps, then step(every: 60, gamma: 0.95),B=2")
        == [
          ["schedule", "constant", "warmup 2 steps, then step(every: 60, gamma: 0.95)"],
          ["B", "2"],
        ])
    for text in ["rate=1,seed=", "seed", "=1,rate=2"] {
      #expect(list(text) == nil, "\(text)")
    }
  }

  @Test("values are cut at commas, and at bars where values hold commas")
  func parsing() {
    #expect(SweepAxis(parsing: "rate=1e-4, 3e-4")?.values == ["1e-4", "3e-4"])
    #expect(
      SweepAxis(parsing: "schedule=constant | warmup 2 steps, then constant")?.values
        == ["constant", "warmup 2 steps, then constant"])
    for text in ["rate", "=1", "rate=", "rate=1,,2", ""] {
      #expect(SweepAxis(parsing: text) == nil, "\(text)")
    }
  }

  @Test(
    "what can't be a study is refused before a run begins",
    arguments: [
      (["rat=1,2"], "unknown-name"), (["rate=1e-3,0.001"], "sweep-repeats-value"),
      (["rate=1,2", "rate=3"], "sweep-repeats-value"), (["rate=1e-3,fast"], "sweep-value"),
      (["steps=0"], "sweep-value-illegal"), (["seed=1.5"], "sweep-value"),
      ([], "sweep-without-axes"),
      (["schedule=constant|cosign to 0 at step 9"], "sweep-value-illegal"),
      (["seed=" + (1...1001).map(String.init).joined(separator: ",")], "sweep-too-large"),
    ])
  func refused(_ axes: [String], _ id: String) throws {
    #expect(try failure { try sweep(axes) }.diagnostics[0].id == id)
    #expect(!FileManager.default.fileExists(atPath: path("study")))
  }

  @Test("every run is made once, and the best one found")
  func runs() throws {
    let study = try sweep(["rate=1e-4,1e-2", "seed=1,2"])
    let results = try study.run()
    #expect(results.count == 4 && results.allSatisfy { !$0.isOld })
    let report = try SweepReport(results, of: study)
    let best = try #require(report.best)
    #expect(results[best.index].point.choices[0].value == "1e-2")
    #expect(report.text.contains("best: rate = 1e-2, seed = "))
    // The same study again has nothing left to do, and says the same.
    let bytes = try TrainingSample.files(path("study/rate=1e-4,seed=1"))
    let again = try sweep(["rate=1e-4,1e-2", "seed=1,2"])
    let old = try again.run()
    #expect(old.allSatisfy { $0.isOld })
    #expect(try SweepReport(old, of: again).text == report.text)
    #expect(try TrainingSample.files(path("study/rate=1e-4,seed=1")) == bytes)
  }

  @Test("a study that was stopped goes on to the same bytes")
  func stopped() throws {
    _ = try sweep(["seed=1,2"], out: "whole").run()
    let stop = StopRequest()
    var updates = 0
    let first = try sweep(["seed=1,2"]).run(stop: stop) { event in
      if case .training(.update) = event {
        updates += 1
        if updates == 17 { stop.ask() }
      }
    }
    #expect(first.count == 1)
    let second = try sweep(["seed=1,2"]).run()
    #expect(second.map(\.isOld) == [true, false])
    for run in ["seed=1", "seed=2"] {
      #expect(
        try TrainingSample.files(path("study/" + run))
          == TrainingSample.files(path("whole/" + run)), "\(run)")
    }
  }

  @Test("a folder with a run of another plan is refused")
  func otherPlan() throws {
    _ = try sweep(["rate=1e-3", "seed=1"]).run()
    var other = try sweep(["rate=1e-3", "seed=1"]).request
    other.overwrites = false
    let sample = try sample()
    var overrides = TrainingOverrides()
    overrides.steps = 13
    let study = try Sweep(
      path: sample.model, settings: [], overrides: overrides,
      axes: [
        SweepAxis(name: "rate", values: ["1e-3"]), SweepAxis(name: "seed", values: ["1"]),
      ], request: other)
    #expect(try failure { _ = try study.run() }.diagnostics[0].id == "run-exists")
  }

  @Test("a rate at which the loss is lost is a result, and the others are made")
  func lost() throws {
    let study = try sweep(["rate=1e30,1e-2"], allowed: ["optimizer-out-of-range"])
    let results = try study.run()
    #expect(results.count == 2)
    let report = try SweepReport(results, of: study)
    #expect(report.best?.index == 1)
    #expect(report.text.contains("at step"))
  }

  @Test("the command draws the study and judges the grid")
  func command() throws {
    let sample = try sample()
    let outcome = plumbline(
      "sweep", sample.model, "--data", sample.data, "--out", path("study"), "--steps", "12",
      "--schedule", "warmup 2 steps, then linear to 0 at step 12", "--vary", "rate=1e-4,1e-3,1e-2",
      "--threads", "1")
    #expect(outcome.status == .clean, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("warning[best-rate-at-edge]"))
    #expect(try folder.text(path("study/sweep.svg")).contains("rate = 1e-3"))
    let machine = plumbline(
      "sweep", sample.model, "--data", sample.data, "--out", path("study"), "--steps", "12",
      "--schedule", "warmup 2 steps, then linear to 0 at step 12", "--vary", "rate=1e-4,1e-3,1e-2",
      "--threads", "1", "--format", "json", "--strict")
    #expect(machine.status == .findings)
    let document = try json(machine.output)
    #expect((document["runs"] as? [Any])?.count == 3)
    #expect(document["best"] as? String == path("study/rate=1e-2"))
  }
}
