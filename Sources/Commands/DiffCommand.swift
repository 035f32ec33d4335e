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
          summary: "a model file, a config.json, a checkpoint or a directory, for each of the two"),
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
      let paths = invocation.arguments.operands
      let tensors = TensorComparer.changes(paths[0], paths[1])
      let color = invocation.surroundings.color
      let broken = checks.filter { $0.loaded?.isUnsound ?? true }
      if let tensors, !invocation.wantsJSON, loaded.allSatisfy({ $0.isWithoutModel }) {
        // Weights of no known model are compared as what they are.
        return Outcome(
          tensors.rows.isEmpty ? .clean : .findings,
          output: tensors.lines.map { DisplayText.safe($0) + "\n" }.joined())
      }
      guard broken.isEmpty, loaded.count == 2, let comparer = ModelComparer(loaded[0], loaded[1])
      else {
        return Outcome(
          .usage, errors: broken.compactMap { $0.text(color: false) }.joined(separator: "\n"))
      }
      do throws(AnalysisError) {
        var comparison = try comparer.comparison()
        comparison.tensors = tensors
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

extension LoadedModel {
  /// Whether there is no model because nothing says what the weights are of.
  fileprivate var isWithoutModel: Bool { model == nil && !hasErrors }
}
