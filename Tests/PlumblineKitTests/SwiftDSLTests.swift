// SwiftDSLTests: models built in Swift mean what the same text means.
// Only the public doors are used, as a program that depends on the library would.
import PlumblineKit
import SwiftDSL
import Testing

@Suite struct SwiftDSLTests {
  /// GPT-2 in the shape of `models/gpt2-small.model`.
  private func gpt2(layers: Int) -> ModelSource {
    let width: Term = "width", heads: Term = "heads", x: Term = "x"
    let linear: Term = "linear", norm: Term = "layer_norm", embedding: Term = "embedding"
    return ModelSource {
      Block("attention", Parameter("width"), Parameter("heads")) {
        Require(width % heads == 0)
        Let("c_attn", linear(Input(width), Input(3 * width)))
        Let("c_proj", linear(Input(width), Input(width)))
        Forward(Tensor("x", "B", "T", "width"), gives: .shaped("B", "T", "width")) {
          Step.set(
            "q", "k", "v",
            to: Term("rearrange")(
              Term("c_attn")("x"), as: "b t (3 h d) -> 3 b h t d", ["h": heads]))
          Step.set(
            "scores",
            to: Term("einsum")("q", "k", as: "b h t d, b h s d -> b h t s")
              / Term("sqrt")(Input(width / heads)))
          Step.set(
            "weights",
            to: Term("softmax")(Term("mask_future")("scores"), as: "b h t [s]"))
          Step.set(
            "mixed", to: Term("einsum")("weights", "v", as: "b h t s, b h s d -> b h t d"))
          Step.give(
            Term("c_proj")(Input(Term("rearrange")("mixed", as: "b h t d -> b t (h d)"))))
        }
      }
      Block("mlp", Parameter("width"), Parameter("hidden")) {
        Let("c_fc", linear("width", "hidden"))
        Let("c_proj", linear("hidden", "width"))
        Forward(Tensor("x", "B", "T", "width"), gives: .shaped("B", "T", "width")) {
          Step.give(
            Term("c_proj")(Input(Term("gelu_tanh")(Input(Term("c_fc")("x"))))))
        }
      }
      Block("transformer_block", Parameter("width"), Parameter("heads")) {
        Let("ln_1", norm("width"))
        Let("attn", Term("attention")("width", "heads"))
        Let("ln_2", norm("width"))
        Let("mlp", Term("mlp")("width", Input(4 * width)))
        Forward(Tensor("x", "B", "T", "width"), gives: .shaped("B", "T", "width")) {
          Step.set("x", to: x + Term("attn")(Input(Term("ln_1")("x"))))
          Step.give(x + Term("mlp")(Input(Term("ln_2")("x"))))
        }
      }
      Model("gpt2_in_swift") {
        Config(["vocab": 50_257, "context": 1_024, "width": 768, "heads": 12])
        Config(["layers": Term(integerLiteral: layers)])
        Dim("B")
        Dim("T", through: "context")
        Let("wte", embedding("vocab", "width"))
        Let("wpe", embedding("context", "width"))
        Let("h", .repeated("layers", Term("transformer_block")("width", "heads")))
        Let("ln_f", norm("width"))
        Forward(Tensor("tokens", of: "i32", "B", "T"), gives: Tensor("logits", "B", "T", "vocab")) {
          Step.set(
            "x",
            to: Term("wte")("tokens") + Term("wpe")(Input(Term("iota")("T"))))
          Step.set("x", to: Term("h")("x"))
          Step.give(
            Term("einsum")(
              Term("ln_f")("x"), Term("wte").weight, as: "b t c, v c -> b t v"))
        }
        ExpectParameters(of: Term("h")[0], 7_087_872)
      }
    }
  }

  @Test("GPT-2 built in Swift has GPT-2's parameters and no finding")
  func countsGPT2() {
    let checked = Plumbline.check(gpt2(layers: 12))
    #expect(checked.report == "")
    // Radford et al. 2019, as Hugging Face counts it: 124,439,808.
    #expect(checked.parameters == 124_439_808)
    #expect(checked.name == "gpt2_in_swift")
  }

  @Test("settings override the config of a built model")
  func overrides() {
    let checked = Plumbline.check(gpt2(layers: 12), settings: ["layers": "24"])
    #expect(checked.parameters == 124_439_808 + 12 * 7_087_872)
  }

  @Test("a mistake in a built model is shown in its text")
  func showsMistakes() {
    let checked = Plumbline.check(gpt2(layers: 12), settings: ["heads": "7"])
    #expect(!checked.isSound)
    #expect(checked.findings == ["requirement-failed"])
    #expect(checked.report.contains("require width % heads == 0"))
  }

  @Test("a pattern that can't be read is reported, not ignored")
  func reportsPatterns() {
    let source = ModelSource {
      Model("m") {
        Forward(Tensor("x", "B", "T"), gives: .shaped("T", "B")) {
          Step.give(Term("rearrange")("x", as: "b t -> -> t b"))
        }
      }
    }
    #expect(Plumbline.check(source).findings == ["missing-pattern"])
  }

  @Test("a plan, its machine, its study and its policies are lines as in the text")
  func trains() {
    let source = ModelSource {
      Model("small") {
        Dim("B")
        Let("h", .repeated(3, Term("linear")(8, 8)))
        Forward(Tensor("x", "B", 8), gives: .shaped("B", 8)) {
          Step.give(Term("h")("x"))
        }
        Allow("config-field-unused", because: "a sketch")
      }
      Train("small") {
        TrainLine.batch(["B": 16], accumulate: 2)
        TrainLine.data(examples: 32_000)
        TrainLine.epochs(2)
        TrainLine.adamw(rate: 1e-3, betas: (0.9, 0.95), decay: 0.1)
        TrainLine.schedule(
          .warmup(steps: 100), Phase("cosine", to: 1e-4, atStep: 2_000), countedAs: "nanogpt")
        TrainLine.clip(globalNorm: 1)
        TrainLine.precision("f16", scaling: .fixed(65_536))
        TrainLine.device(.memory(16, "GiB"), .peak(312, "TFLOPS"), .mfu(0.4), .count(2))
        TrainLine.vary("rate", 5e-4, 1e-3, 2e-3)
        TrainLine.seed(7)
        TrainLine.treat("floor-not-a-tenth", as: "note", because: "a tenth is the rule here")
      }
    }
    #expect(
      source.text.hasSuffix(
        """
        train small {
          batch     B = 16, accumulate 2
          data      32000 examples
          epochs    2
          optimizer adamw(rate: 0.001, betas: (0.9, 0.95), decay: 0.1)
          schedule  warmup 100 steps, then cosine to 0.0001 at step 2000 as nanogpt
          clip      global_norm 1.0
          precision f16 scaled by 65536
          device    memory 16 GiB, peak 312 TFLOPS, mfu 0.4, count 2
          vary      rate = 0.0005, 0.001, 0.002
          seed      7
          treat floor-not-a-tenth as note because "a tenth is the rule here"
        }

        """), "\(source.text)")
    let others = ModelSource {
      Train("small") {
        TrainLine.adam(rate: 1e-3, betas: (0.9, 0.95), epsilon: 1e-7, decay: 0.1)
        TrainLine.sgd(rate: 0.1, momentum: 0.9, nesterov: true, dampening: 0, decay: 1e-4)
      }
    }.text
    #expect(
      others.contains("optimizer adam(rate: 0.001, betas: (0.9, 0.95), epsilon: 1e-07, decay: 0.1)")
    )
    #expect(
      others.contains(
        "sgd(rate: 0.1, momentum: 0.9, nesterov: true, dampening: 0.0, decay: 0.0001)"), "\(others)"
    )
    // Both policies act on nothing here, which is all that is found.
    #expect(Plumbline.check(source).report.components(separatedBy: "unused-allow").count == 3)
  }
}
