// PlotCommand: `plumbline plot`, the logs of runs as a picture or in the terminal.
// The drawing stands in Validation; this reads logs and chooses where it goes.
import Diagnostics
import PlumblineKit
import Validation

extension Command {
  /// `plumbline plot LOG…`.
  static var plot: Command {
    Command(
      CommandSpecification(
        name: "plot", summary: "Draw the losses, rates and gradient norms of runs over their steps",
        operand: OperandSpecification(
          "LOG", .atLeastOne, summary: "JSON Lines or CSV as `review` reads it, or a run's folder"),
        options: [
          OptionSpecification(
            "output", .text("FILE.svg"), letter: "o",
            summary: "the picture; without it, the losses are drawn in the terminal"),
          OptionSpecification(
            "scale", .choice("SCALE", PlotScaling.allCases.map(\.rawValue)),
            summary: "of the loss: by powers of ten where it falls far, unless told"),
          OptionSpecification(
            "smooth", .integer("N"),
            summary: "mean over N lines to either side, 0 for none; by the noise unless given"),
        ],
        details: [
          "Several logs are drawn over one another. A smoothed curve has each step faint behind it;",
          "a cross at the foot marks steps whose number is not finite.",
        ],
        example: "plumbline plot Fixtures/reviews/loss-not-finite.bad.jsonl -o loss.svg")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let arguments = invocation.arguments
      let smoothing = arguments.integer("smooth")
      if let smoothing, !(0...1_000_000).contains(smoothing) {
        throw .usage(UsageError("`--smooth` must be from 0 to 1,000,000, found \(smoothing)"))
      }
      if let path = arguments.value("output"),
        [".png", ".pdf", ".jpg"].contains(where: path.hasSuffix)
      {
        throw .usage(
          UsageError("the picture is an SVG: `-o \(path.dropLast(4)).svg`, which browsers show"))
      }
      let scaling = arguments.value("scale").flatMap { PlotScaling(rawValue: $0) } ?? .automatic
      do throws(UnreadableFile) {
        let read = try RunLogs(arguments.operands) { (path) throws(UnreadableFile) -> String in
          path == "-" ? try invocation.surroundings.standardInput() : try Workspace.read(path)
        }
        let found = TerminalRenderer(color: invocation.surroundings.color)
          .render(read.diagnostics, in: read.sources)
        guard !read.logs.isEmpty else { return Outcome(.findings, output: found) }
        guard let path = arguments.value("output") else {
          let drawing = RunDrawing(read.logs, scaling: scaling, smoothing: smoothing)
          return outcome(drawing.text, "no log has a loss to draw\n", found)
        }
        let plot = RunPlot(read.logs, scaling: scaling, smoothing: smoothing)
        guard let svg = plot.svg else {
          return outcome(nil, "no log has a loss, a rate or a gradient norm to draw\n", found)
        }
        try Workspace.write(svg, to: path)
        return outcome(
          "\(path): \(read.logs.count) run\(read.logs.count == 1 ? "" : "s")\n", "", found)
      } catch {
        throw .unreadable(error)
      }
    }
  }

  /// What was drawn, or why nothing was; lines that could not be read are told beside it.
  private static func outcome(_ text: String?, _ nothing: String, _ found: String) -> Outcome {
    text.map { Outcome(output: $0, errors: found) }
      ?? Outcome(.findings, output: found, errors: CommandLineTool.message(nothing.trimmed))
  }
}

extension String {
  /// The text without its line feed.
  fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
