// DiffCommand: `plumbline diff`, what differs between two models and what each difference costs.
// Exits as diff does: 0 when nothing differs, 1 when something does, 2 when there is trouble.
import Analysis
import Diagnostics
import PlumblineKit

extension Command {
  /// `plumbline diff A B`.
  static var diff: Command {
    Command(
      CommandSpecification(
        name: "diff", summary: "Show what differs between two models, and what it costs",
        operand: OperandSpecification(
          "FILE", .two,
          summary: "a model file, a config.json or a directory with one, for each of the two"),
        options: [.set, .reportFormat],
        details: [
          "Between two models of a family each value of the config is changed alone, and what they",
          "do together is a line of its own; between others the cost is told by block.",
          "exit status: 0 nothing differs, 1 something does, 2 a model has errors or can't be read",
        ],
        example: "plumbline diff models/gpt2.model models/gpt2-xl.model")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let settings = try invocation.settings()
      let checks = invocation.arguments.operands.map {
        FileCheck($0, settings: settings, invocation)
      }
      if let unreadable = checks.compactMap(\.unreadable).first { throw .unreadable(unreadable) }
      let loaded = checks.compactMap(\.loaded)
      let color = invocation.surroundings.color
      let broken = checks.filter { $0.loaded?.isUnsound ?? true }
      guard broken.isEmpty, loaded.count == 2, let comparer = ModelComparer(loaded[0], loaded[1])
      else {
        return Outcome(
          .usage, errors: broken.compactMap { $0.text(color: false) }.joined(separator: "\n"))
      }
      do throws(AnalysisError) {
        let comparison = try comparer.comparison()
        return Outcome(
          comparison.isSame ? .clean : .findings,
          output: invocation.wantsJSON ? json(comparison) : comparison.text(color: color))
      } catch {
        return Outcome(
          .usage,
          errors: TerminalRenderer(color: false)
            .render([error.diagnostic], in: loaded.first?.sources ?? SourceMap()))
      }
    }
  }

  private static func json(_ comparison: ModelComparison) -> String {
    do {
      return try comparison.json()
    } catch {
      preconditionFailure("numbers and names could not be encoded: \(error)")
    }
  }
}
