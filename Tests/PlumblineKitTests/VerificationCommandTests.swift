// VerificationCommandTests: `plumbline verify` as a user meets it: texts and exit statuses.
// What it compares is tested on the library, where a rule can be broken.
import Commands
import PlumblineKit
import Testing

@Suite struct VerificationCommandTests {
  @Test("a sound model is verified, with sizes chosen and given")
  func verified() throws {
    let chosen = plumbline("verify", "-", input: SampleModel.sound)
    #expect(chosen.status == .clean, "\(chosen.errors)")
    #expect(chosen.output.hasPrefix("tiny at B = 2, T = 5, seed 0\n"))
    #expect(chosen.output.contains("\nverified: "))
    let given = plumbline(
      "verify", "-", "--set", "T=9", "--set", "width=6", "--seed", "3", input: SampleModel.sound)
    #expect(given.output.hasPrefix("tiny at B = 2, T = 9, seed 3\n"))
  }

  @Test("the models of the package are verified at a size that takes no time")
  func models() {
    let small = ["--set", "vocab=61", "--set", "width=24", "--set", "heads=3", "--set", "layers=2"]
    let settings = [
      "gpt2.model": small, "gpt2-lora.model": small,
      "encoder-decoder.model": [
        "--set", "vocab=61", "--set", "width=16", "--set", "heads=2", "--set", "head_width=6",
        "--set", "hidden=10", "--set", "encoder_layers=1", "--set", "decoder_layers=2",
      ],
    ]
    for (file, options) in settings.sorted(by: { $0.key < $1.key }) {
      let outcome = CommandLineTool.run(
        ["verify", packagePath("models/" + file)] + options, in: plumblineSurroundings)
      #expect(outcome.status == .clean, "\(file): \(outcome.output)\(outcome.errors)")
    }
  }

  @Test("--full compares fast kernels with plain ones, also where a gradient is only rounding")
  func full() throws {
    let outcome = CommandLineTool.run(
      ["verify", packagePath("models/encoder-decoder.model"), "--full", "--format", "json"]
        + ["--set", "vocab=61", "--set", "width=16", "--set", "heads=2", "--set", "head_width=6"]
        + ["--set", "hidden=10", "--set", "encoder_layers=1", "--set", "decoder_layers=1"],
      in: plumblineSurroundings)
    #expect(outcome.status == .clean, "\(outcome.output)\(outcome.errors)")
    let sections = try #require(try json(outcome.output)["sections"] as? [[String: Any]])
    let whole = try #require(sections.first { $0["id"] as? String == "fast-plain" })
    let items = try #require(whole["items"] as? [[String: Any]])
    #expect(items.contains { ($0["name"] as? String)?.hasSuffix("attend.k.bias") == true })
    #expect(sections.contains { $0["id"] as? String == "fast-kernels" })
  }

  @Test("JSON says the verdict and lists every section")
  func machine() throws {
    let outcome = plumbline("verify", "-", "--format", "json", input: SampleModel.sound)
    let report = try json(outcome.output)
    #expect(report["verdict"] as? String == "agrees")
    #expect(report["differing"] as? Int == 0)
    #expect((report["sections"] as? [Any])?.count ?? 0 > 10)
  }

  @Test("a model with mistakes is not run: 1, and the mistakes")
  func mistaken() {
    let outcome = plumbline("verify", "-", input: SampleModel.mismatched)
    #expect(outcome.status == .findings)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("error["))
  }

  @Test("a false claim does not keep a sound model from being run")
  func claims() {
    let outcome = plumbline("verify", "-", "--set", "width=4", input: SampleModel.claiming)
    #expect(outcome.status == .clean)
    #expect(outcome.output.contains("note: "))
  }

  @Test("what is too large, or has no step, is refused: 2, and what would help")
  func refused() {
    let large = plumbline("verify", "-", "--set", "width=200_000", input: SampleModel.sound)
    #expect(large.status == .usage)
    #expect(large.errors.contains("help: "))
    let wrongSeed = plumbline("verify", "-", "--seed", "-1", input: SampleModel.sound)
    #expect(wrongSeed.status == .usage)
  }
}
