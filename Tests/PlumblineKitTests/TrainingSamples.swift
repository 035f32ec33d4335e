// TrainingSamples: a model that trains in a second, a text for it, and runs that are compared.
// Apart so that the suites on the loop, on checkpoints and on kills speak of one model.
import Foundation
import PlumblineKit
import Testing
import Training

enum TrainingSample {
  /// Two layers over 32 symbols, with clipping, warm-up and decay.
  static let model = """
    model tiny {
      config vocab = 32, width = 8
      dim    B >= 1, T in 1...16

      let table  = embedding(vocab, width)
      let hidden = linear(width, 16)
      let head   = linear(16, vocab)

      forward(tokens: i32[B, T]) -> logits: [B, T, vocab] {
        return head(relu(hidden(table(tokens))))
      }
    }

    train tiny {
      batch     B = 2, T = 8
      steps     40
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer adamw(rate: 1e-2)
      schedule  warmup 5 steps, then cosine to 1e-3 at step 40
      clip      global_norm 1.0
      seed      3
    }

    """

  /// A character GPT that is small enough for a test.
  static let gpt = """
    import "gpt2-small.model"

    model small_gpt = gpt2_small {
      config vocab = 96, context = 64, width = 16, heads = 2, layers = 2
    }

    train small_gpt {
      batch     B = 4, T = 16
      steps     200
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer adamw(rate: 6e-3, betas: (0.9, 0.95))
      decay     all except *.bias, *.ln_1.weight, *.ln_2.weight, ln_f.weight
      schedule  constant
      clip      global_norm 1.0
    }

    """

  /// Two thousand characters of twelve words.
  static var text: String {
    let words = [
      "a", "cat", "sees", "the", "red", "ball", "and", "runs", "to", "an", "old", "tree",
    ]
    var state: UInt64 = 7
    return (0..<500).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return words[Int(state >> 33) % words.count] + (index % 9 == 8 ? ".\n" : " ")
    }.joined()
  }

  /// A session on the sample, in a folder of the test.
  static func session(
    _ folder: TemporaryFolder, out: String, threads: Int = 1,
    _ change: (inout TrainingOverrides, inout TrainingRequest) -> Void = { _, _ in }
  ) throws -> TrainingSession {
    let data = try folder.file("text.txt", text)
    var overrides = TrainingOverrides()
    var request = TrainingRequest(data: data, output: folder.path + "/" + out)
    request.threads = threads
    request.settings.evaluateEvery = 10
    request.settings.saveEvery = 7
    change(&overrides, &request)
    let effective = try EffectiveModel(
      Workspace.load(path: "tiny.model", text: model), overrides)
    return try TrainingSession(effective, request)
  }

  /// The files that an interrupted run must have in common with an uninterrupted one.
  static func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name != "state.json" {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
    }
    return files
  }
}

/// The diagnostics of an expression that must fail.
func failure<Value>(_ body: () throws -> Value) throws -> RunFailure {
  do {
    _ = try body()
  } catch let error as RunFailure {
    return error
  }
  Issue.record("no failure")
  return RunFailure([])
}
