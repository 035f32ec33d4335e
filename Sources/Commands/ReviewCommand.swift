// ReviewCommand: `plumbline review`, finished runs judged by their logs.
// Rules stand in Validation; this opens the plan and chooses the format.
import Analysis
import Diagnostics
import PlumblineKit
import Validation

extension Command {
  /// `plumbline review LOG…`.
  static var review: Command {
    Command(
      CommandSpecification(
        name: "review", summary: "Judge finished runs by their logs, one run or a whole study",
        operand: OperandSpecification(
          "LOG", .atLeastOne,
          summary: "JSON Lines or CSV with step, loss, lr, grad_norm, val_loss, or a run's folder"),
        options: [
          OptionSpecification(
            "plan", .text("FILE"), summary: "the model file whose `train` section was run"),
          .set,
          OptionSpecification(
            "vocab", .integer("N"), summary: "classes that the loss chooses among"),
          OptionSpecification("clip", .text("NORM"), summary: "the norm that gradients are cut to"),
          OptionSpecification("strict", summary: "let warnings fail the review too"),
          OptionSpecification(
            "format", .choice("FORMAT", ["text", "json", "github", "sarif"]),
            summary: "how findings are printed"),
        ],
        details: [
          "Several logs are one study: their best rates, best steps and lengths are compared.",
          "A folder of `plumbline train` or `sweep` is judged by the plan that it holds.",
          "exit status: 0 clean, 1 findings (warnings only with --strict), 2 unreadable or usage",
        ],
        example: "plumbline review runs/*.jsonl --plan models/tinystories.model")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let plan = try planned(invocation)
      let vocabulary = try vocabulary(invocation.arguments)
      let clip = try clip(invocation.arguments)
      let report: ReviewReport
      do throws(UnreadableFile) {
        report = try ReviewReport(
          invocation.arguments.operands, plan: plan, vocabulary: vocabulary, clip: clip
        ) { (path: String) throws(UnreadableFile) -> String in
          path == "-" ? try invocation.surroundings.standardInput() : try Workspace.read(path)
        }
      } catch {
        throw .unreadable(error)
      }
      return outcome(report, invocation)
    }
  }

  private static func outcome(_ report: ReviewReport, _ invocation: Invocation) -> Outcome {
    let severities = report.diagnostics.map(\.severity)
    let isStrict = invocation.arguments.has("strict")
    let status: ExitStatus =
      severities.contains(.error) || isStrict && severities.contains(.warning) ? .findings : .clean
    switch invocation.arguments.value("format") {
    case "json": return Outcome(status, output: report.json())
    case "github":
      return Outcome(
        status, output: GitHubRenderer.render(report.diagnostics, in: report.sources))
    case "sarif":
      return Outcome(
        status,
        output: SARIFRenderer(toolVersion: CommandLineTool.version)
          .render(report.diagnostics, in: report.sources))
    default:
      let found = TerminalRenderer(color: invocation.surroundings.color)
        .render(report.diagnostics, in: report.sources)
      return Outcome(
        status, output: report.text + (report.diagnostics.isEmpty ? "" : "\n" + found))
    }
  }

  /// The plan that `--plan` names.
  private static func planned(_ invocation: Invocation) throws(CommandFailure) -> PlannedRun? {
    guard let path = invocation.arguments.value("plan") else { return nil }
    let check = FileCheck(path, settings: try invocation.settings(), invocation)
    if let file = check.unreadable { throw .unreadable(file) }
    guard let loaded = check.loaded, loaded.model != nil, !loaded.isUnsound else {
      throw .usage(UsageError("\(path) has errors: `plumbline check \(path)` shows them"))
    }
    return loaded.plannedRun
  }

  private static func vocabulary(_ arguments: ParsedArguments) throws(CommandFailure) -> Int? {
    guard let vocabulary = arguments.integer("vocab") else { return nil }
    guard vocabulary > 1 else {
      throw .usage(UsageError("`--vocab` must be at least 2, found \(vocabulary)"))
    }
    return vocabulary
  }

  private static func clip(_ arguments: ParsedArguments) throws(CommandFailure) -> Double? {
    guard let text = arguments.value("clip") else { return nil }
    guard let clip = Double(text), clip > 0, clip.isFinite else {
      throw .usage(UsageError("`--clip` needs a positive number, found `\(text)`"))
    }
    return clip
  }
}
