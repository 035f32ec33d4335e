// One pass: a file with several mistakes is told all of them, and none that follows from another.
// Apart from the fixtures of single mistakes, each of which must stand alone.
import Diagnostics
import Testing

@testable import PlumblineKit

@Suite struct SeveralMistakesTests {
  /// The ids of the errors of a text, in order of their names.
  private func errors(_ path: String, _ text: String) -> [String] {
    Workspace.load(path: path, text: text).diagnostics.filter { $0.severity == .error }
      .map(\.id).sorted()
  }

  private func model(
    heads: Int = 12, batch: String = "B = 8, T = 1024", betas: String = "(0.9, 0.95)",
    schedule: String = "warmup 50 steps, then cosine to 6e-5 at step 1_000",
    precision: String = "f16 scaled", clip: String = "1.0", claim: String = "124_439_808"
  ) -> String {
    """
    import "gpt2-small.model"

    model mine = gpt2_small {
      config heads = \(heads)

      expect parameters == \(claim)
    }

    train mine {
      batch     \(batch)
      steps     1_000
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      precision \(precision)
      optimizer adamw(rate: 6e-4, betas: \(betas), decay: 0.1)
      schedule  \(schedule)
      clip      global_norm \(clip)

      expect rate(at: 50) == 6e-4
    }

    """
  }

  @Test("A sound file has no error, whatever the next tests break")
  func sound() {
    #expect(errors("mine.model", model()) == [])
  }

  @Test("Mistakes in lines of the plan hide neither each other nor a false claim")
  func plan() {
    let text = model(
      betas: "(0.9, 1.0)", schedule: "warmup 2_000 steps, then cosine to 6e-3 at step 1_000",
      precision: "f16", clip: "0", claim: "124_000_000")
    #expect(
      errors("mine.model", text) == [
        "clipping-out-of-range", "expectation-failed", "floor-above-peak",
        "half-training-without-scale", "plan-out-of-range", "schedule-out-of-order",
      ])
  }

  @Test("A model with a mistake has its plan judged, and not its parameters counted")
  func modelAndPlan() {
    let text = model(
      heads: 10, batch: "B = 8, T = 2048", precision: "f16", clip: "-1", claim: "1")
    #expect(
      errors("mine.model", text) == [
        "batch-out-of-bounds", "clipping-out-of-range", "half-training-without-scale",
        "requirement-failed",
      ])
  }

  @Test("A claim that needs a line with an error is not called false")
  func claimsOfFaultyLines() {
    #expect(
      errors("mine.model", model(schedule: "warmup 50 steps, then cosign to 6e-5 at step 1_000"))
        == ["unknown-name"])
  }

  private func config(_ lines: String...) -> String {
    """
    {
      "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096,
      "intermediate_size": 11008, "max_position_embeddings": 4096,
      \(lines.joined(separator: ",\n  "))
    }
    """
  }

  @Test("A config is judged as a misspelt key and a number in quotes were meant")
  func config() {
    let sound = config(
      "\"num_hidden_layers\": 32", "\"num_attention_heads\": 32", "\"pad_token_id\": 0")
    #expect(errors("config.json", sound) == [])
    let broken = config(
      "\"num_hidden_layer\": 32", "\"num_attention_heads\": \"30\"",
      "\"num_key_value_heads\": 7", "\"pad_token_id\": 32000", "\"attention_dropout\": 1.5",
      "\"hidden_act\": \"swish2\"")
    #expect(
      errors("config.json", broken) == [
        "config-wrong-type", "dropout-out-of-range", "misspelt-config-key", "no-matching-case",
        "not-a-whole-number", "requirement-failed", "token-outside-vocabulary",
      ])
  }

  @Test("Without a value that is needed, only what the config says by itself is judged")
  func configWithoutValue() {
    let broken = config(
      "\"num_hidden_layers\": -3", "\"num_attention_heads\": 30", "\"pad_token_id\": 32000")
    #expect(errors("config.json", broken) == ["config-out-of-range", "token-outside-vocabulary"])
  }
}
