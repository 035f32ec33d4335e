// TrainingReturnTests: the checkpoint before the last, and what a run that goes on may not change.
// Apart from damage that nothing helps: here there is a way on, and each message names it.
import Commands
import Foundation
import PlumblineKit
import Testing
import Training

@Suite struct TrainingReturnTests {
  private let folder: TemporaryFolder
  private var run: RunFolder { RunFolder(folder.path + "/run") }

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A run that is stopped after its twelfth update; checkpoints are written after each seventh.
  private func stopped() throws {
    let stop = StopRequest()
    let run = try TrainingRun(beginning: TrainingSample.session(folder, out: "run"))
    _ = try run.finish(stop: stop) { event in
      if case .update(let report) = event, report.step == 11 { stop.ask() }
    }
  }

  private func damage(_ name: String) throws {
    let url = URL(fileURLWithPath: run.path + "/" + name)
    try (try Data(contentsOf: url)).dropLast(5).write(to: url)
  }

  private func refusal(from step: Int? = nil) throws -> (message: String, help: String) {
    let before = try TrainingSample.files(run.path)
    let found = try failure { try TrainingRun(resuming: run, from: step, threads: 1) }
    #expect(try TrainingSample.files(run.path) == before)
    return (found.diagnostics[0].message, found.diagnostics[0].fixes.first?.message ?? "")
  }

  @Test(
    "where the last checkpoint is damaged, the one before is offered and ends with the same bytes",
    arguments: ["weights-000012.safetensors", "optimizer-000012.safetensors", "log.jsonl"])
  func before(name: String) throws {
    let whole = try TrainingRun(beginning: TrainingSample.session(folder, out: "whole"))
    #expect(try whole.finish() == .finished)
    try stopped()
    try damage(name)
    let found = try refusal()
    #expect(found.message.contains(name))
    #expect(found.help.contains("--resume --from 7 --out \(run.path)"))
    let back = try TrainingRun(resuming: run, from: 7, threads: 2)
    #expect(back.step == 7)
    #expect(try back.finish() == .finished)
    #expect(
      try TrainingSample.files(run.path) == TrainingSample.files(folder.path + "/whole"))
  }

  @Test("with both damaged nothing is offered, and a step that is not kept is refused")
  func neither() throws {
    try stopped()
    let kept = try refusal(from: 3)
    #expect(kept.message.contains("no checkpoint of step 3") && kept.help == "say --from 7 or 12")
    try damage("weights-000012.safetensors")
    try damage("weights-000007.safetensors")
    #expect(try refusal().help.contains("--overwrite"))
    #expect(try refusal(from: 7).message.contains("weights-000007"))
  }

  @Test("weights that are whole can begin another run, whatever else is lost")
  func weights() throws {
    try stopped()
    try damage("model.model")
    #expect(try refusal().help.contains("--weights \(run.path)/weights-000012.safetensors"))
  }

  @Test(
    "a state that was edited is refused, whichever number it was",
    arguments: ["\"seed\" : 3", "\"saveEvery\" : 7", "\"tokens\" : 192"])
  func edited(entry: String) throws {
    try stopped()
    let text = try folder.text(run.state)
    #expect(text.contains(entry))
    try text.replacing(entry, with: entry + "1")
      .write(toFile: run.state, atomically: true, encoding: .utf8)
    #expect(try refusal().message.contains("was changed since it was written"))
  }

  @Test("a run on a disk without room for three checkpoints keeps two")
  func room() throws {
    try stopped()
    #expect(run.clearPrevious())
    #expect(!run.clearPrevious())
    #expect(try TrainingRun(resuming: run, threads: 1).finish() == .finished)
  }

  @Test("options that the run was not begun with are refused by name, the same ones are not")
  func options() throws {
    try stopped()
    func resume(_ words: String...) -> Outcome {
      let begin = ["train", "--resume", "--out", run.path, "--threads", "1"]
      return CommandLineTool.run(begin + words, in: plumblineSurroundings)
    }
    let other = resume("--save-every", "9", "--order", "epochs", "--validation", "0.10")
    #expect(other.status == .findings && other.output.contains("run-model-changed"))
    #expect(other.output.contains("--save-every 7, asked for is 9"))
    #expect(other.output.contains("--order crops, asked for is epochs"))
    #expect(!other.output.contains("--validation"))
    #expect(resume("--overwrite").status == .usage)
    #expect(resume("--save-every", "7", "--eval-every", "10").status == .clean)
  }

  @Test("another rate is refused with the line that differs")
  func rate() throws {
    try stopped()
    let other = try folder.text(run.model).replacing("rate: 1e-2", with: "rate: 1e-3")
    let found = try failure { try TrainingRun(resuming: run, threads: 1, model: other) }
    let facts = found.diagnostics[0].facts.map(\.text).joined()
    #expect(facts.contains("adamw(rate: 1e-2)"))
    #expect(facts.contains("asked for is `optimizer adamw(rate: 1e-3)`"))
  }

  @Test("data that lie elsewhere now are asked for")
  func moved() throws {
    try stopped()
    try FileManager.default.removeItem(atPath: folder.path + "/text.txt")
    let found = try refusal()
    #expect(found.message.contains("text.txt") && found.help.contains("--data PATH"))
  }
}
