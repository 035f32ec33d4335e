// SampleCommand: `plumbline sample`, which lets a trained model write.
// The work is PlumblineKit's SampleWriter; here are its options, and the text as it comes.
import Diagnostics
import Execution
import PlumblineKit
import Training

extension Command {
  /// `plumbline sample DIR`.
  static var sample: Command {
    Command(
      CommandSpecification(
        name: "sample", summary: "Let a trained model write: text, or ids",
        operand: OperandSpecification(
          "DIR", .one,
          summary: "the folder of a run, a directory with config.json and weights, or a model file"),
        options: [
          .set,
          OptionSpecification(
            "weights", .text("W.safetensors"),
            summary: "the weights; the newest of the run, or the directory's own, unless given"),
          OptionSpecification(
            "base", .text("W.safetensors"),
            summary: "where the weights lie now that a run of adapters began with"),
          OptionSpecification(
            "vocabulary", .text("FILE"),
            summary: "the symbols of the ids; vocabulary.json beside the weights unless given"),
          OptionSpecification(
            "prompt", .text("TEXT"), summary: "how the text begins, a new line unless given"),
          OptionSpecification("ids", .text("1,2,3"), summary: "the prompt as ids"),
          OptionSpecification(
            "tokens", .integer("N"), summary: "how many to write, 200 unless given"),
          OptionSpecification(
            "temperature", .text("T"),
            summary: "what logits are divided by, 1 unless given; 0 takes the best"),
          OptionSpecification(
            "top-k", .integer("K"), summary: "choose among the K best, and what equals the last"),
          OptionSpecification(
            "top-p", .text("P"), summary: "choose among the likeliest that hold P of the mass"),
          OptionSpecification("greedy", summary: "always take the best, as --temperature 0 does"),
          OptionSpecification(
            "seed", .integer("S"), summary: "where chance comes from, 0 unless given"),
          OptionSpecification("samples", .integer("N"), summary: "write N texts, one unless given"),
          OptionSpecification(
            "context", .integer("C"),
            summary: "the most tokens that are looked at; the trained length unless given"),
          OptionSpecification(
            "no-cache", summary: "compute all rows anew for each token, to the same bits"),
          .threads, .reportFormat,
        ],
        details: [
          "Temperature, top-k and top-p are applied in this order. The same seed writes the same",
          "text for any number of threads, with and without the cache of keys and values.",
          "The context is that of the batches in the model's `train` section, or else the bound of",
          "the model, 4096 at most.",
          "When more tokens are there than the context holds, its last half is read anew, at the",
          "first positions, and the text goes on from there: positions beyond have no row.",
        ],
        example: "plumbline sample Fixtures/numeric/1_gpt2 --ids 1,2,3 --tokens 8 --seed 7")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let request = try SampleRequest(invocation)
      let renderer = TerminalRenderer(color: invocation.surroundings.color)
      let source: SampleSource
      do throws(RunFailure) {
        source = try SampleSource(
          request.path, weights: request.weights, vocabulary: request.vocabulary,
          base: invocation.arguments.value("base"))
      } catch {
        return Outcome(.findings, output: renderer.render(error.diagnostics, in: SourceMap()))
      }
      let check = FileCheck(source.model, settings: try invocation.settings(), invocation)
      if let file = check.unreadable { throw .unreadable(file) }
      guard let loaded = check.loaded, let model = loaded.model, !loaded.isUnsound else {
        // Weights alone are nothing wrong to a check, and nothing to write with.
        if let loaded = check.loaded, loaded.diagnostics.isEmpty {
          throw .unreadable(UnreadableFile(path: source.model, reason: "it holds no model"))
        }
        return Outcome(.findings, output: check.text(color: invocation.surroundings.color) ?? "")
      }
      do throws(RunFailure) {
        let session = SampleSession(request, source, invocation.surroundings)
        return try session.run(model)
      } catch {
        return Outcome(.findings, output: renderer.render(error.diagnostics, in: loaded.sources))
      }
    }
  }
}
