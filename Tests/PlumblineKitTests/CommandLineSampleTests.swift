// CommandLineSampleTests: `plumbline sample` on the folder of a run, as a user calls it.
// The folder is made by hand, of weights as they were drawn: what they say means nothing.
import Commands
import Execution
import Foundation
import Interchange
import Kernels
import Synchronization
import Testing
import Training

@testable import PlumblineKit

@Suite struct CommandLineSampleTests {
  private static let model = """
    model tiny {
      config vocab = 29, context = 24, width = 16
      dim    B >= 1, T in 1...context

      let wte  = embedding(vocab, width)
      let wpe  = embedding(context, width)
      let keys = linear(width, width)
      let head = linear(width, vocab)

      forward(ids: i32[B, T]) -> logits: [B, T, vocab] {
        x       = wte(ids) + wpe(iota(T))
        scores  = einsum(x, keys(x) : b t d, b s d -> b t s) / sqrt(width)
        weights = softmax(mask_future(scores) : b t [s])
        return head(x + einsum(weights, x : b t s, b s d -> b t d)) * 3
      }
    }

    train tiny {
      batch     B = 2, T = 20
      steps     3
      loss      next_token_loss(logits, labels: i32[B, T])
      optimizer adamw(rate: 1e-3)
    }
    """

  /// What is printed while a command runs.
  private final class Printed: Sendable {
    let text = Mutex("")
  }

  /// The folder of a run.
  private func run(_ vocabulary: Vocabulary) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let path = try folder.file("model.model", Self.model)
    let loaded = try Workspace.load(path)
    let errors = loaded.diagnostics.filter { $0.severity == .error }.map(\.message)
    let step = try StepGraph(try #require(loaded.model, "\(errors)").program, .forward)
    let weights: [NDArray<Float>] = try Initialisation(seed: 4).parameters(of: step.graph)
    let tensors = zip(step.weights, weights).map { weight, array in
      SafetensorsTensor(name: weight.name, shape: weight.shape, floats: array.reals)
    }
    try SafetensorsWriter(tensors).write(to: folder.path + "/weights-000003.safetensors")
    _ = try folder.file("vocabulary.json", vocabulary.json)
    _ = try folder.file(
      "state.json",
      #"{"format": 1, "files": [{"name": "weights-000003.safetensors", "bytes": 1}]}"#)
    return folder
  }

  private var letters: Vocabulary {
    Vocabulary(charactersOf: ["abcdefghijklmnopqrstuvwxyz é\n"])
  }

  /// The bytes around the two of `é`.
  private func sample(_ words: String...) -> (outcome: Outcome, text: String) {
    let printed = Printed()
    var surroundings = Surroundings(color: false) { () throws(UnreadableFile) -> String in "" }
    surroundings.announce = { text in printed.text.withLock { $0 += text } }
    let outcome = CommandLineTool.run(["sample"] + words, in: surroundings)
    return (outcome, printed.text.withLock { $0 })
  }

  @Test("a seed is a text, for any number of threads, with kept rows and without")
  func seeds() throws {
    let folder = try run(letters)
    let first = sample(folder.path, "--prompt", "once é", "--tokens", "60", "--seed", "5")
    #expect(first.outcome.status == .clean)
    #expect(first.text.hasPrefix("once é") && first.text.unicodeScalars.count >= 66)
    #expect(first.outcome.errors.contains("tokens/s"))
    // Twenty tokens are the trained length, so the context was full more than once.
    #expect(first.outcome.errors.contains("the context of 20 was full"))
    for options in [["--threads", "1"], ["--threads", "3"], ["--no-cache"]] {
      let printed = Printed()
      var surroundings = Surroundings(color: false) { () throws(UnreadableFile) -> String in "" }
      surroundings.announce = { text in printed.text.withLock { $0 += text } }
      let words = ["sample", folder.path, "--prompt", "once é", "--tokens", "60", "--seed", "5"]
      _ = CommandLineTool.run(words + options, in: surroundings)
      #expect(printed.text.withLock { $0 } == first.text, "\(options)")
    }
    let other = sample(folder.path, "--prompt", "once é", "--tokens", "60", "--seed", "6")
    #expect(other.text != first.text)
    let shorter = sample(folder.path, "--prompt", "once é", "--tokens", "30", "--seed", "5")
    #expect(first.text.hasPrefix(shorter.text.trimmingCharacters(in: ["\n"])))
  }

  @Test("several samples are several texts, and the first is the one that comes alone")
  func several() throws {
    let folder = try run(letters)
    let one = sample(folder.path, "--prompt", "a", "--tokens", "9").text
    let parts = sample(folder.path, "--prompt", "a", "--tokens", "9", "--samples", "3").text
      .components(separatedBy: "---------------\n")
    #expect(parts.count == 3 && parts[0] == one && Set(parts).count == 3)
  }

  @Test("the best token is taken by --greedy, --temperature 0 and --top-k 1 alike")
  func greedy() throws {
    let folder = try run(letters)
    let texts = [["--greedy"], ["--temperature", "0"], ["--top-k", "1"]].map { options in
      let printed = Printed()
      var surroundings = Surroundings(color: false) { () throws(UnreadableFile) -> String in "" }
      surroundings.announce = { text in printed.text.withLock { $0 += text } }
      _ = CommandLineTool.run(
        ["sample", folder.path, "--prompt", "a", "--tokens", "12"] + options, in: surroundings)
      return printed.text.withLock { $0 }
    }
    #expect(Set(texts).count == 1 && texts[0].count > 6)
  }

  @Test("JSON holds ids, text and what the model gave each token")
  func json() throws {
    let folder = try run(letters)
    let outcome = sample(
      folder.path, "--prompt", "ab", "--tokens", "7", "--format", "json", "--top-p", "0.9"
    ).outcome
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let samples = try #require(document["samples"] as? [[String: Any]])
    let ids = try #require(samples[0]["ids"] as? [Int])
    #expect(ids.count == 7)
    #expect(samples[0]["text"] as? String == letters.decode(ids))
    let chances = try #require(samples[0]["logProbabilities"] as? [Double])
    #expect(chances.count == 7 && chances.allSatisfy { $0 < 0 })
    #expect((document["prompt"] as? [String: Any])?["ids"] as? [Int] == [2, 3])
  }

  @Test(
    "options that say nothing sensible exit with 2",
    arguments: [
      ["--temperature", "-0.5"], ["--temperature", "nan"], ["--top-p", "0"], ["--top-p", "1.01"],
      ["--top-k", "0"], ["--tokens", "-1"], ["--samples", "0"], ["--ids", "1,x"],
      ["--prompt", "a", "--ids", "1"], ["--greedy", "--temperature", "0.5"], ["--context", "0"],
    ])
  func usage(_ options: [String]) throws {
    let surroundings = Surroundings(color: false) { () throws(UnreadableFile) -> String in "" }
    #expect(CommandLineTool.run(["sample", "run"] + options, in: surroundings).status == .usage)
  }

  @Test("prompts that can't begin are findings, with the place of the symbol")
  func prompts() throws {
    let folder = try run(letters)
    func output(_ words: String...) -> String {
      let surroundings = Surroundings(color: false) { () throws(UnreadableFile) -> String in "" }
      let outcome = CommandLineTool.run(["sample", folder.path] + words, in: surroundings)
      #expect(outcome.status == .findings)
      return outcome.output
    }
    let nowhere = sample(folder.path + "/nowhere", "--prompt", "a").outcome
    #expect(nowhere.status == .findings && nowhere.output.contains("error[unreadable-file]"))
    #expect(output("--prompt", "").contains("error[empty-prompt]"))
    #expect(output("--prompt", "ab\ncXd").contains("the prompt:2:2: `X` (U+0058)"))
    #expect(output("--ids", "1,29").contains("id 2 of the prompt is 29"))
    #expect(output("--prompt", "a", "--context", "25").contains("error[context-too-long]"))
    try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path + "/state.json"))
    #expect(output("--prompt", "a").contains("error[run-incomplete]"))
  }

  @Test("a checkpoint without a vocabulary writes ids")
  func ids() {
    let directory = Fixture.path("Fixtures/numeric/1_gpt2")
    let (outcome, text) = sample(directory, "--ids", "3,1,4", "--tokens", "5")
    #expect(outcome.status == .clean)
    #expect(text.hasPrefix("3 1 4 ") && text.split(separator: " ").count == 8)
    #expect(sample(directory, "--prompt", "a").outcome.output.contains("error[no-vocabulary]"))
  }

  @Test("weights that lie apart from their run are read with the run's symbols")
  func apart() throws {
    let folder = try run(letters)
    let other = try TemporaryFolder()
    let weights = other.path + "/merged.safetensors"
    try FileManager.default.copyItem(
      atPath: folder.path + "/weights-000003.safetensors", toPath: weights)
    let own = sample(folder.path, "--prompt", "a", "--tokens", "9")
    let apart = sample(folder.path, "--prompt", "a", "--tokens", "9", "--weights", weights)
    #expect(apart.outcome.status == .clean && apart.text == own.text)
    let missing = sample(folder.path, "--weights", other.path + "/nothing")
    #expect(missing.outcome.output.contains("nothing: no such file"))
  }

  @Test("a model with more classes than the text had symbols writes symbols only")
  func symbols() throws {
    let few = Vocabulary(charactersOf: ["abc\n"])
    let folder = try run(few)
    let found = sample(folder.path, "--tokens", "300", "--temperature", "1e9")
    #expect(found.outcome.status == .clean)
    #expect(found.text.unicodeScalars.allSatisfy { "abc\n".unicodeScalars.contains($0) })
    #expect(Set(found.text).count == 4)
  }
}
