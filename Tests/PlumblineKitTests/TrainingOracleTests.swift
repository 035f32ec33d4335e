// TrainingOracleTests: two hundred steps against PyTorch's, at each schedule and optimiser.
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
      CLIP
    }

    """

  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var optimizer: String
    var schedule: String
    var accumulate = 1
    var clips = true
    var testDescription: String { name }

    init(
      _ name: String, _ schedule: String, optimizer: String? = nil, rate: String = "3e-3",
      accumulate: Int = 1, clips: Bool = true
    ) {
      self.name = name
      self.schedule = schedule
      self.optimizer =
        optimizer ?? "adamw(rate: \(rate), betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)"
      self.accumulate = accumulate
      self.clips = clips
    }
  }

  static let samples = [
    Sample("cosine", "warmup 20 steps, then cosine to 6e-4 at step 200", rate: "6e-3"),
    Sample(
      "stable", "warmup 10 steps, then constant 110 steps, then linear to 0 at step 200",
      rate: "6e-3", accumulate: 2),
    Sample("constant", "constant"),
    Sample("linear", "linear to 0 at step 200"),
    Sample("polynomial", "polynomial(power: 2) to 3e-4 at step 200"),
    Sample("exponential", "exponential(gamma: 0.99)"),
    Sample("steps", "step(every: 60, gamma: 0.5)"),
    Sample("milestones", "milestones(at: [60, 120, 180], gamma: 0.3)"),
    Sample("one_cycle", "one_cycle(rise: 0.3) from 3e-4 to 3e-5 at step 200"),
    Sample("cyclic", "cyclic(up: 25) from 3e-4"),
    Sample("restarts", "restarts(period: 40) to 3e-4"),
    Sample(
      "root_decay", "warmup 10 steps, then constant 110 steps, then sqrt to 0 at step 200"),
    Sample(
      "adam", "warmup 20 steps, then cosine to 3e-4 at step 200",
      optimizer: "adam(rate: 3e-3, betas: (0.9, 0.99), decay: 0.001)", accumulate: 3),
    Sample(
      "sgd", "linear to 0 at step 200", optimizer: "sgd(rate: 0.05, momentum: 0.9, decay: 0.1)"),
    Sample(
      "nesterov", "one_cycle(rise: 0.3) from 5e-3 to 5e-4 at step 200",
      optimizer: "sgd(rate: 0.05, momentum: 0.9, nesterov: true, decay: 0.01)", accumulate: 3),
    Sample(
      "damped", "restarts(period: 40) to 5e-3",
      optimizer: "sgd(rate: 0.05, momentum: 0.9, dampening: 0.5, decay: 0.01)", clips: false),
    Sample(
      "plain", "linear to 0 at step 200", optimizer: "sgd(rate: 0.1, decay: 0.01)",
      accumulate: 2, clips: false),
    // These two move Adam's first beta, and give a momentum to an SGD that was made without one.
    Sample("cycled_adamw", "torch.OneCycleLR(max_lr: 3e-3, total_steps: 200)"),
    Sample(
      "cycled_sgd", "torch.CyclicLR(base_lr: 5e-3, max_lr: 0.05, step_size_up: 25)",
      optimizer: "sgd(rate: 0.05, decay: 0.01)", accumulate: 2),
  ]

  // Losses of each step and norms of every tenth of torch 2.15 in double precision, whose own
  // fp32 is within 1e-5 of them; micro-batches weighted by their labels, all but biases and norms
  // decayed, gradients clipped at 1 where the sample says so.
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
      .replacing("CLIP", with: sample.clips ? "clip global_norm 1.0" : "")
    let effective = try EffectiveModel(Workspace.load(path: "gpt.model", text: text), overrides)
    var request = TrainingRequest(data: fixtures + "/batches.safetensors")
    request.weights = fixtures + "/weights.safetensors"
    request.threads = 2
    let session = try TrainingSession(effective, request)
    let loop = session.loop()
    var worst = (loss: 0.0, norm: 0.0)
    for step in 0..<200 {
      let report = try loop.advance()
      worst.loss = max(worst.loss, abs(report.loss - losses[step]))
      if step % 10 == 0 {
        worst.norm = max(worst.norm, abs(report.gradientNorm - norms[step / 10]))
      }
    }
    // Asked for are 1e-3.
    #expect(worst.loss < 5e-5)
    #expect(worst.norm < 5e-4)
  }
}
