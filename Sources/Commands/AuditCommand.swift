// AuditCommand: `plumbline audit`, the first weights as they are drawn.
// The drawing and its judgement are made in PlumblineKit.
import Analysis
import Diagnostics
import PlumblineKit

extension Command {
  /// `plumbline audit FILE`.
  static var audit: Command {
    Command(
      CommandSpecification(
        name: "audit",
        summary: "Draw the first weights and hold them to their plan, and the first loss to ln V",
        operand: .model,
        options: [
          .set,
          OptionSpecification("seed", .integer("N"), summary: "the plan's, or 1, unless told"),
          .reportFormat,
        ],
        details: [
          "Planned and drawn standard deviation of every kind of weight, the matrices that end",
          "residual branches, and the loss of one step on random tokens at small sizes.",
        ],
        example: "plumbline audit models/tinystories.model")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let given = invocation.arguments.integer("seed")
      if let given, given < 0 {
        throw .usage(UsageError("`--seed` must be at least 0, found \(given)"))
      }
      var status = ExitStatus.clean
      var outcome = try invocation.report { loaded, model in
        let sizes = try SampleSizes(model.program, given: loaded.sizes).sizes
        let seed = given ?? model.plan.map { $0.seed == 0 ? 1 : max($0.seed, 0) } ?? 1
        let audit = try InitialisationAudit(
          model.program, sizes: sizes, seed: UInt64(seed),
          progress: invocation.surroundings.progress)
        invocation.surroundings.progress("")
        if !audit.agrees { status = .findings }
        return invocation.wantsJSON ? try audit.json() : audit.text
      }
      outcome.status = max(outcome.status, status)
      return outcome
    }
  }
}
