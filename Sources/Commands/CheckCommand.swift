// CheckCommand: `plumbline check`, which proves models and prints what it found.
// Findings are the command's product and go to standard output in every format.
import Diagnostics
import PlumblineKit

extension Command {
  /// `plumbline check FILE…`.
  static var check: Command {
    Command(
      CommandSpecification(
        name: "check", summary: "Prove every shape of a model and decide its claims",
        operand: .models,
        options: [
          .set,
          OptionSpecification("strict", summary: "let warnings fail the check too"),
          OptionSpecification(
            "format", .choice("FORMAT", ["text", "json", "github", "sarif"]),
            summary: "how findings are printed"),
        ],
        details: [
          "exit status: 0 clean, 1 findings (warnings only with --strict), 2 unreadable or usage"
        ],
        example: "plumbline check models/gpt2.model --set layers=24")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let settings = try invocation.settings()
      let checks = invocation.arguments.operands.map {
        FileCheck($0, settings: settings, invocation).withAllModels().withCheckpoints()
      }
      let strict = invocation.arguments.has("strict")
      return Outcome(
        checks.map { $0.status(strict: strict) }.max() ?? .clean,
        output: output(
          of: checks, format: invocation.arguments.value("format") ?? "text",
          color: invocation.surroundings.color),
        errors: checks.compactMap(\.unreadable).map { CommandLineTool.message($0.text) }.joined())
    }
  }

  private static func output(of checks: [FileCheck], format: String, color: Bool) -> String {
    switch format {
    case "json": return JSONRenderer.render(CheckReport(files: checks.map(\.report)))
    case "github":
      return checks.map { GitHubRenderer.render($0.diagnostics, in: $0.sources) }.joined()
    case "sarif":
      // One log for the run: the ranges of each file are moved into one map of sources.
      var merged = MergedFindings()
      for check in checks { merged.add(check.diagnostics, in: check.sources) }
      return SARIFRenderer(toolVersion: CommandLineTool.version)
        .render(merged.diagnostics, in: merged.sources)
    default:
      return checks.compactMap { $0.text(color: color) }.joined(separator: "\n")
    }
  }
}
