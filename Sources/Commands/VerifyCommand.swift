// VerifyCommand: `plumbline verify`, which runs a real step and compares it with the analysis.
// A difference is a mistake of ours, and has an exit status of its own.
import Diagnostics
import PlumblineKit

extension Command {
  /// `plumbline verify FILE`.
  static var verify: Command {
    Command(
      CommandSpecification(
        name: "verify", summary: "Run a real training step and compare it with every prediction",
        operand: .model,
        options: [
          .set,
          OptionSpecification(
            "seed", .integer("N"), summary: "of weights, inputs and samples; 0 unless told"),
          .threads,
          OptionSpecification(
            "full",
            summary: "run every layer on the plain kernels too, and compare both kernel by kernel"),
          OptionSpecification(
            "format", .choice("FORMAT", ["text", "json"]), summary: "how the result is printed"),
        ],
        details: [
          "Dimensions without a size get small ones. A model too large for the plain kernels is run",
          "on them with two layers of each kind, which the result says; the fast kernels run all.",
          "exit status: 0 as predicted, 1 the model has mistakes, 2 not run, 3 something differs",
        ],
        example: "plumbline verify models/gpt2.model --set vocab=101 --set width=48 --set T=7")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let text = invocation.arguments.value("seed") ?? "0"
      guard let seed = UInt64(text) else {
        throw .usage(UsageError("`--seed` needs a whole number, found `\(text)`"))
      }
      guard let path = invocation.arguments.operands.first else {
        throw .usage(UsageError("`verify` needs a file"))
      }
      let check = FileCheck(path, settings: try invocation.settings(), invocation)
      if let unreadable = check.unreadable { throw .unreadable(unreadable) }
      guard let loaded = check.loaded, !loaded.isUnsound, let model = loaded.model else {
        return Outcome(
          .findings, errors: check.text(color: invocation.surroundings.color) ?? "")
      }
      var options = VerificationOptions(
        sizes: loaded.sizes, seed: seed, full: invocation.arguments.has("full"),
        progress: invocation.surroundings.progress)
      if let threads = try invocation.threads() { options.threads = threads }
      options.measuresProcess = invocation.surroundings.isAlone
      let verifier = Verifier(options)
      do throws(VerificationRefusal) {
        var report = try verifier.verify(model)
        if let note = loaded.claimNote { report.notes.append(note) }
        invocation.surroundings.progress("")
        return Outcome(
          report.agrees ? .clean : .refuted,
          output: invocation.arguments.value("format") == "json"
            ? JSONRenderer.encode(report)
            : VerificationText(report, color: invocation.surroundings.color).text)
      } catch {
        invocation.surroundings.progress("")
        return error.outcome
      }
    }
  }
}
