// TrainingBatchTests: batches given by name that do not fit the model, its loss or its plan.
// Apart from texts: each is refused before the first step, and nothing is left in the folder.
import Commands
import Foundation
import Interchange
import Testing

@testable import PlumblineKit

@Suite struct TrainingBatchTests {
  private let folder: TemporaryFolder
  private var out: String { folder.path + "/run" }

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Batches of `tokens` and `targets`, each of two rows.
  private func train(
    _ batches: [(tokens: [Int64], targets: [Int64])], _ words: String...,
    names: (tokens: String, targets: String) = ("tokens", "targets")
  ) throws -> Outcome {
    var tensors: [SafetensorsTensor] = []
    for (number, batch) in batches.enumerated() {
      for (name, ids) in [(names.tokens, batch.tokens), (names.targets, batch.targets)] {
        tensors.append(
          SafetensorsTensor(
            name: "batch\(number)/\(name)", shape: [2, ids.count / 2], integers: ids))
      }
    }
    let path = folder.path + "/batches.safetensors"
    try SafetensorsWriter(tensors).write(to: path)
    let model = try folder.file("tiny.model", TrainingSample.model)
    let outcome = CommandLineTool.run(
      ["train", model, "--data", path, "--out", out, "--threads", "1", "--steps", "2"]
        + ["--schedule", "constant"] + words, in: plumblineSurroundings)
    #expect(outcome.status == .clean || !FileManager.default.fileExists(atPath: out))
    return outcome
  }

  private let ids = (0..<16).map { Int64($0) }
  private let masked = [Int64](repeating: -100, count: 16)

  @Test("batches that fit are trained on")
  func fitting() throws {
    #expect(try train([(ids, ids), (ids, ids)]).status == .clean)
  }

  @Test("a target that is no class of the loss is refused by its place")
  func targets() throws {
    let found = try train([(ids, ids), (ids, ids.map { $0 == 5 ? 32 : $0 })])
    #expect(found.output.contains("index-out-of-range"))
    #expect(found.output.contains("batch1/: target 32 is none of the 32 classes"))
    #expect(found.output.contains("target 5 of 16"))
  }

  @Test("an update without a target that counts is refused, an accumulated one with some is not")
  func masking() throws {
    let found = try train([(ids, ids), (ids, masked)])
    #expect(found.output.contains("batch-without-targets") && found.output.contains("batch1/ has"))
    #expect(try train([(ids, ids), (ids, masked)], "--accumulate", "2").status == .clean)
    try FileManager.default.removeItem(atPath: out)
    let third = try train([(ids, ids), (ids, masked), (ids, masked)], "--accumulate", "2")
    #expect(third.output.contains("batch1/, batch2/ has"))
  }

  @Test("sizes beyond the model's bounds, and others than the plan's, are refused")
  func sizes() throws {
    let long = (0..<40).map { Int64($0 % 32) }
    let beyond = try train([(long, long)])
    #expect(beyond.output.contains("T is 20 in the batches"))
    #expect(beyond.output.contains("at most 16"))
    let short = Array(ids.prefix(8))
    let other = try train([(short, short)])
    #expect(other.output.contains("batch-shapes-differ") && other.output.contains("T = 4, but"))
    #expect(other.output.contains("--batch T=4"))
    #expect(try train([(short, short)], "--batch", "T=4").status == .clean)
  }

  @Test("a missing tensor is asked for in words that a training understands")
  func names() throws {
    let found = try train([(ids, ids)], names: ("tokens", "labels"))
    #expect(found.output.contains("has no `batch0/targets`"))
    #expect(found.output.contains("name the tensors as the model names its inputs"))
    #expect(!found.output.contains("--input") && !found.output.contains("--prefix"))
  }

  @Test("a file that is no safetensors is named, as data and as weights")
  func foreign() throws {
    let junk = try folder.file("junk.safetensors", String(repeating: "no tensors here ", count: 9))
    let model = try folder.file("tiny.model", TrainingSample.model)
    let text = try folder.file("text.txt", TrainingSample.text)
    let asData = plumbline("train", model, "--data", junk, "--out", out)
    #expect(asData.output.contains("junk.safetensors: the header claims"))
    let asWeights = plumbline("train", model, "--data", text, "--weights", junk, "--out", out)
    #expect(asWeights.output.contains("junk.safetensors: the header claims"))
  }

  @Test(
    "a batch that no machine has room for is refused before anything is made",
    arguments: ["B=100000", "B=100000000", "B=9000000000000000000"])
  func tooLarge(size: String) throws {
    let model = try folder.file("gpt.model", TrainingSample.gpt)
    let text = try folder.file("text.txt", TrainingSample.text)
    let found = plumbline(
      "train", model, "--data", text, "--out", out, "--batch", size, "--set", "width=1024")
    #expect(found.status == .findings)
    #expect(found.output.contains("step-not-planned") && found.output.contains("--batch"))
    #expect(!FileManager.default.fileExists(atPath: out))
  }
}
