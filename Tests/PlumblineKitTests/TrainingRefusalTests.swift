// TrainingRefusalTests: what a run says of damaged, foreign or missing files, plans and inputs.
// Apart from runs that go well; after each of these the folder is as it was.
import Foundation
import Commands
import PlumblineKit
import Testing
import Training

@Suite struct TrainingRefusalTests {
  let folder: TemporaryFolder
  private var run: RunFolder { RunFolder(folder.path + "/run") }

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A run stopped after its twelfth update.
  private func stopped() throws {
    let session = try TrainingSample.session(folder, out: "run")
    let stop = StopRequest()
    let run = try TrainingRun(beginning: session)
    _ = try run.finish(stop: stop) { event in
      if case .update(let report) = event, report.step == 11 { stop.ask() }
    }
  }

  private func write(_ name: String, _ change: (inout Data) -> Void) throws {
    let url = URL(fileURLWithPath: run.path + "/" + name)
    var data = try Data(contentsOf: url)
    change(&data)
    try data.write(to: url)
  }

  /// What resuming says; the folder must be as it was before.
  private func refusal(
    data: String? = nil, model: String? = nil
  ) throws -> (id: String, message: String) {
    let before = try TrainingSample.files(run.path)
    let found = try failure {
      try TrainingRun(resuming: run, data: data, threads: 1, model: model)
    }
    #expect(try TrainingSample.files(run.path) == before)
    return (found.diagnostics.first?.id ?? "", found.diagnostics.first?.message ?? "")
  }

  @Test(
    "a checkpoint that is cut off, changed or gone is refused with its name",
    arguments: ["weights-000012.safetensors", "optimizer-000012.safetensors"])
  func damaged(name: String) throws {
    try stopped()
    try write(name) { $0.removeLast(7) }
    var found = try refusal()
    #expect(found.id == "checkpoint-damaged")
    #expect(found.message.contains(name) && found.message.contains("bytes"))
    try write(name) { $0 += Data(repeating: 1, count: 7) }
    found = try refusal()
    #expect(found.id == "checkpoint-damaged" && found.message.contains("other bytes"))
    try FileManager.default.removeItem(atPath: run.path + "/" + name)
    found = try refusal()
    #expect(found.id == "checkpoint-damaged" && found.message.contains("no such file"))
  }

  @Test("a log, a model or a state that was changed is refused")
  func edited() throws {
    try stopped()
    let state = try Data(contentsOf: URL(fileURLWithPath: run.state))
    try write("state.json") { $0 = $0.prefix(60) }
    #expect(try refusal().id == "checkpoint-damaged")
    try write("state.json") { $0 = state }
    let log = try Data(contentsOf: URL(fileURLWithPath: run.log))
    try write("log.jsonl") { $0[3] = 0x20 }
    #expect(try refusal().message.contains("log"))
    try write("log.jsonl") { $0 = log }
    try write("model.model") { $0 += Data("\n".utf8) }
    let found = try refusal()
    #expect(found.id == "checkpoint-damaged" && found.message.contains("model.model"))
  }

  @Test("other data than the run began with are refused with both sides, moved ones are not")
  func data() throws {
    try stopped()
    let moved = try folder.file("moved.txt", TrainingSample.text)
    let other = try folder.file("other.txt", TrainingSample.text + "a")
    let found = try refusal(data: other)
    #expect(found.id == "run-data-changed" && found.message.contains("other.txt"))
    #expect(try TrainingRun(resuming: run, data: moved, threads: 1).step == 12)
  }

  @Test("another model or another plan is refused")
  func model() throws {
    try stopped()
    let text = try folder.text(run.model)
    #expect(try TrainingRun(resuming: run, threads: 1, model: text).step == 12)
    let other = text.replacing("width = 8", with: "width = 16")
    #expect(try refusal(model: other).id == "run-model-changed")
  }

  @Test("a folder without a run, a folder that is a file and one that can't be written to")
  func folders() throws {
    #expect(try failure { try TrainingRun(resuming: run) }.diagnostics[0].id == "no-run")
    let file = try folder.file("file", "")
    let session = try TrainingSample.session(folder, out: "file")
    let found = try failure { try TrainingRun(beginning: session) }.diagnostics[0]
    #expect(found.message.contains(file))
    // The superuser may write anywhere.
    guard getuid() != 0 else { return }
    let locked = folder.path + "/locked"
    try FileManager.default.createDirectory(
      atPath: locked, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o500])
    let second = try TrainingSample.session(folder, out: "locked")
    let refused = try failure { try TrainingRun(beginning: second) }.diagnostics[0]
    #expect(refused.id == "file-not-written" && refused.message.contains("permission denied"))
  }

  @Test("files of somebody else's are never replaced, and those that a killed start left are")
  func foreign() throws {
    let session = try TrainingSample.session(folder, out: "run")
    try FileManager.default.createDirectory(atPath: run.path, withIntermediateDirectories: true)
    // As if the process had been killed before its first state.
    _ = try folder.file("run/model.model", session.effective.text)
    _ = try folder.file("run/log.jsonl", "")
    _ = try folder.file("run/state.json.partial", "{")
    _ = try TrainingRun(beginning: session)
    try FileManager.default.removeItem(atPath: run.state)
    for (name, text) in [("model.model", "model mine {}\n"), ("log.jsonl", "{\"step\":0}\n")] {
      try session.effective.text.write(toFile: run.model, atomically: true, encoding: .utf8)
      try "".write(toFile: run.log, atomically: true, encoding: .utf8)
      let path = try folder.file("run/" + name, text)
      let found = try failure { try TrainingRun(beginning: session) }.diagnostics[0]
      #expect(found.id == "folder-not-a-run" && found.message.contains(name))
      #expect(try folder.text(path) == text)
    }
  }

  @Test("a run does not remove what it is told to read")
  func ownInputs() throws {
    try stopped()
    let weights = run.path + "/weights-000012.safetensors"
    let session = try TrainingSample.session(folder, out: "run") { _, request in
      request.weights = weights
      request.overwrites = true
    }
    let before = try TrainingSample.files(run.path)
    let found = try failure { try TrainingRun(beginning: session) }.diagnostics[0]
    #expect(found.message.contains("--weights names \(weights)"))
    #expect(try TrainingSample.files(run.path) == before && run.hasRun)
  }

  @Test("one run at a time writes into a folder")
  func busy() throws {
    let first = try TrainingRun(beginning: TrainingSample.session(folder, out: "run"))
    #expect(try failure { try TrainingRun(resuming: run) }.diagnostics[0].id == "run-busy")
    let again = try TrainingSample.session(folder, out: "run") { $1.overwrites = true }
    #expect(try failure { try TrainingRun(beginning: again) }.diagnostics[0].id == "run-busy")
    #expect(try first.finish() == .finished)
  }

  @Test("leftovers of a killed run are cleared, and files of the user's own are not")
  func leftovers() throws {
    try stopped()
    for name in [
      "weights-000013.safetensors", "optimizer-000013.safetensors.partial", "state.json.partial",
      "notes.txt", "my-weights-000001.safetensors",
    ] {
      _ = try folder.file("run/" + name, "x")
    }
    _ = try TrainingRun(resuming: run, threads: 1)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run.path).sorted() == [
        "log.jsonl", "model.model", "my-weights-000001.safetensors", "notes.txt",
        "optimizer-000007.safetensors", "optimizer-000012.safetensors", "state.json",
        "vocabulary.json", "weights-000007.safetensors", "weights-000012.safetensors",
      ])
  }

  @Test("`--steps` against the schedule of another length offers the line that keeps its shape")
  func otherLength() throws {
    let model = packagePath("models/story-gpt.model")
    let data = try folder.file("text.txt", TrainingSample.text)
    func output(_ words: String...) -> String {
      CommandLineTool.run(
        ["train", model, "--data", data, "--out", folder.path + "/run", "--steps", "40"] + words,
        in: plumblineSurroundings
      ).output
    }
    let found = output()
    let line = try #require(found.split(separator: "--schedule \"").last).prefix { $0 != "\"" }
    #expect(line.hasPrefix("warmup ") && line.hasSuffix(" at step 40"), "\(found)")
    let accepted = output("--dry-run", "--batch", "B=1,T=8", "--schedule", String(line))
    #expect(!accepted.contains("outlives"), "\(accepted)")
  }

  @Test("a plan without sizes, steps or an optimizer says which flag is missing")
  func plans() throws {
    let model = try folder.file(
      "bare.model", String(TrainingSample.model.prefix { $0 != "}" }) + "}\n}\n")
    let data = try folder.file("text.txt", TrainingSample.text)
    let out = folder.path + "/run"
    func output(_ words: String...) -> String {
      CommandLineTool.run(
        ["train", model, "--data", data, "--out", out, "--threads", "1"] + words,
        in: plumblineSurroundings
      ).output
    }
    #expect(output("--steps", "3", "--rate", "1e-2").contains("--batch B=16,T=16"))
    #expect(output("--batch", "B=2,T=4", "--steps", "3").contains("--rate 3e-4"))
    #expect(output("--batch", "B=2,T=4", "--rate", "1e-2").contains("--steps 1000"))
    #expect(
      output("--batch", "B=2,T=4", "--rate", "1e-2", "--steps", "3").contains("the run is in"))
  }

  @Test("inputs that a text does not give are refused by name")
  func inputs() throws {
    let text = TrainingSample.model.replacing(
      "forward(tokens: i32[B, T])", with: "forward(tokens: i32[B, T], extra: [B, T, width])"
    ).replacing("table(tokens)", with: "table(tokens) + extra")
    let model = try folder.file("extra.model", text)
    let data = try folder.file("text.txt", TrainingSample.text)
    let found = plumbline("train", model, "--data", data, "--out", folder.path + "/run")
    #expect(found.status == .findings)
    #expect(found.output.contains("training-input-unfilled"))
    #expect(found.output.contains("`extra`") && found.output.contains("batch0/NAME"))
  }

  @Test("a text with more symbols than the model has is refused with both numbers")
  func vocabulary() throws {
    let data = try folder.file("text.txt", TrainingSample.text)
    let model = try folder.file("tiny.model", TrainingSample.model)
    let words = ["train", model, "--data", data, "--out", folder.path + "/run", "--set", "vocab=9"]
    let found = CommandLineTool.run(words, in: plumblineSurroundings)
    #expect(found.status == .findings)
    #expect(found.output.contains("vocabulary-too-large") && found.output.contains("has 9"))
  }

  @Test("a folder of weights without a model says so, to train on and to write with")
  func weightsAlone() throws {
    let weights = Fixture.path("Fixtures/numeric/2_encdec")
    let data = try folder.file("text.txt", TrainingSample.text)
    let trained = plumbline("train", weights, "--data", data, "--out", run.path)
    #expect(trained.status == .findings && trained.output.contains("has no model: neither"))
    let sampled = plumbline("sample", weights, "--ids", "1,2")
    #expect(sampled.status == .usage && sampled.errors.contains("it holds no model"))
  }
}
