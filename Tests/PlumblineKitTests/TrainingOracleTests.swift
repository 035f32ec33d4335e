// TrainingOracleTests: two hundred steps against PyTorch's, at three schedules and two optimisers.
// The same first weights, batches, labels left out and hyper-parameters; only the code differs.
import Foundation
import PlumblineKit
import Testing
import Training

@Suite struct TrainingOracleTests {
  /// The small character GPT that was trained there.
  private static let model = """
    import "gpt2-small.model"

    model small_gpt = gpt2_small {
      config vocab = 96, context = 32, width = 16, heads = 2, layers = 2
    }

    train small_gpt {
      batch     B = 4, T = 16
      steps     200
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer OPTIMIZER
      decay     all except *.bias, *.ln_1.weight, *.ln_2.weight, ln_f.weight
      schedule  cosine to 0 at step 200
      clip      global_norm 1.0
    }

    """

  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var optimizer = "adamw(rate: 6e-3, betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)"
    var schedule: String
    var accumulate = 1
    var testDescription: String { name }
  }

  static let samples = [
    Sample(name: "cosine", schedule: "warmup 20 steps, then cosine to 6e-4 at step 200"),
    Sample(
      name: "stable",
      schedule: "warmup 10 steps, then constant 110 steps, then linear to 0 at step 200",
      accumulate: 2),
    Sample(
      name: "sgd", optimizer: "sgd(rate: 0.05, momentum: 0.9, decay: 0.1)",
      schedule: "linear to 0 at step 200"),
  ]

  // Losses and norms of torch 2.15, fp32, one thread: warm-up and cosine; warm-up, plateau and
  // linear decay over two micro-batches weighted by their labels; SGD with a linear decay.
  @Test("losses of 200 steps agree with PyTorch's at each schedule", arguments: samples)
  func losses(_ sample: Sample) throws {
    let fixtures = packagePath("Fixtures/training")
    let torch = try json(String(contentsOfFile: fixtures + "/torch.json", encoding: .utf8))
    let run = try #require(torch[sample.name] as? [String: [Double]])
    let (losses, norms) = (try #require(run["losses"]), try #require(run["norms"]))
    #expect(losses.count == 200)
    var overrides = TrainingOverrides()
    overrides.schedule = sample.schedule
    overrides.accumulate = sample.accumulate
    let text = Self.model.replacing("OPTIMIZER", with: sample.optimizer)
    let effective = try EffectiveModel(Workspace.load(path: "gpt.model", text: text), overrides)
    var request = TrainingRequest(data: fixtures + "/batches.safetensors")
    request.weights = fixtures + "/weights.safetensors"
    request.threads = 2
    let session = try TrainingSession(effective, request)
    let loop = session.loop()
    for step in 0..<200 {
      let report = try loop.advance()
      // Asked for are 1e-3; AdamW keeps within 1e-5, the steps of SGD amplify what is rounded.
      #expect(abs(report.loss - losses[step]) < 5e-4, "step \(step)")
      #expect(abs(report.gradientNorm - norms[step]) < 5e-3, "step \(step)")
    }
  }
}
