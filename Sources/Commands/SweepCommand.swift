// SweepCommand: `plumbline sweep`, a grid of runs that can be stopped and gone on with.
// The study is PlumblineKit's; here are its options, its lines and its drawing.
import Diagnostics
import PlumblineKit
import Training
import Validation

extension Command {
  /// `plumbline sweep FILE --vary NAME=VALUES --data PATH --out DIR`.
  static var sweep: Command {
    Command(
      CommandSpecification(
        name: "sweep", summary: "Train a grid of runs and put them side by side",
        operand: OperandSpecification(
          "FILE", .one, summary: "a model file with a `train` section"),
        options: [
          OptionSpecification(
            "vary", .text("NAME=VALUES"), isRepeatable: true,
            summary: "axes, as `rate=1e-4,3e-4,seed=1,2`, or"
              + " `schedule=constant|cosine to 0 at step 50`"),
          .set,
        ] + TrainOptions.plan + OptionSpecification.data + TrainOptions.run + [
          OptionSpecification(
            "plot", .text("FILE.svg"),
            summary: "draw all runs over each other; DIR/sweep.svg unless given"
          ),
          OptionSpecification("strict", summary: "let warnings about the study fail it"),
          OptionSpecification(
            "format", .choice("FORMAT", ["text", "json"]), summary: "how the table is printed"),
        ],
        details: [
          "Axes are rate, steps, seed, accumulate, clip, schedule, dimensions such as B, and fields of",
          "the config; of a model with an `adapt` line also rank, alpha, and targets, which are names of",
          "layers as PEFT lists them: --vary \"targets=c_attn|c_attn, c_proj\". Without --vary the section's",
          "own `vary` lines are taken. Each run has a folder in DIR; those that are finished are not made",
          "again, and one that was stopped goes on.",
          "exit status: 0 finished, 1 findings, 2 usage, 130 or 143 stopped with a checkpoint",
        ],
        example: "plumbline sweep models/story-gpt.model --vary rate=1e-4,3e-4,1e-3"
          + " --data stories.txt --out runs/rates --steps 200")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      try SweepUse(invocation).outcome()
    }
  }
}

/// One use of the command.
private struct SweepUse {
  private let invocation: Invocation
  private let renderer: TerminalRenderer

  init(_ invocation: Invocation) {
    self.invocation = invocation
    renderer = TerminalRenderer(color: invocation.surroundings.color)
  }

  func outcome() throws(CommandFailure) -> Outcome {
    guard let path = invocation.arguments.operands.first else { return Outcome(.usage) }
    let request = try TrainOptions.request(invocation)
    guard request.output != nil else {
      throw .usage(UsageError("`--out DIR` says where the study is kept"))
    }
    var axes: [SweepAxis] = []
    for text in invocation.arguments.all("vary") {
      guard let list = SweepAxis.list(parsing: text) else {
        throw .usage(
          UsageError("`--vary` needs a name and values, as in rate=1e-4,3e-4, found `\(text)`"))
      }
      axes += list
    }
    let settings = try invocation.settings()
    let overrides = try TrainOptions.overrides(invocation)
    do throws(RunFailure) {
      let sweep = try Sweep(
        path: path, settings: settings, overrides: overrides, axes: axes, request: request)
      return try run(sweep)
    } catch {
      invocation.surroundings.progress("")
      return Outcome(
        .findings, output: renderer.render(error.diagnostics, in: error.sources))
    }
  }

  private func run(_ sweep: Sweep) throws(RunFailure) -> Outcome {
    let surroundings = invocation.surroundings
    let stop = StopRequest()
    let holder = SignalHolder()
    surroundings.onSignal { number in
      holder.set(number)
      stop.ask()
    }
    let count = sweep.grid.points.count
    if !sweep.findings.isEmpty {
      surroundings.announce(renderer.render(sweep.findings, in: sweep.sources) + "\n")
    }
    let sizes = sweep.grid.axes.map { "\($0.values.count) of \($0.name)" }
    surroundings.announce("\(count) runs: \(sizes.joined(separator: " × "))\n")
    var lines: TrainingLines?
    let results = try sweep.run(stop: stop) { event in
      switch event {
      case .begin(let number, let point, let run):
        let verb = run.step > 0 ? "going on" : "begun"
        surroundings.announce("run \(number) of \(count) \(verb): \(point.text)\n")
        lines = TrainingLines(run, surroundings)
      case .training(let event): lines?.take(event)
      case .end(let number, let result):
        surroundings.progress("")
        if result.isOld {
          surroundings.announce("run \(number) of \(count) is finished: \(result.point.text)\n")
        }
      }
    }
    surroundings.progress("")
    return try outcome(results, of: sweep, holder)
  }

  private func outcome(
    _ results: [SweepResult], of sweep: Sweep, _ holder: SignalHolder
  ) throws(RunFailure) -> Outcome {
    let report: SweepReport
    var drawn = ""
    do throws(UnreadableFile) {
      report = try SweepReport(results, of: sweep)
      if !results.isEmpty {
        let path = invocation.arguments.value("plot") ?? sweep.folder + "/sweep.svg"
        if let svg = RunPlot(report.logs.compactMap(\.self)).svg {
          try Workspace.write(svg, to: path)
          drawn = "drawn in \(path)\n"
        }
      }
    } catch {
      throw RunFailure([
        Diagnostic(id: "file-not-written", message: "\(error.path): \(error.reason)")
      ])
    }
    let isStopped = results.count < sweep.grid.points.count
    let isStrict = invocation.arguments.has("strict")
    let hasFailed = report.findings.contains {
      $0.severity == .error || isStrict && $0.severity == .warning
    }
    let status: ExitStatus =
      isStopped
      ? ExitStatus(stoppedBy: holder.number) : hasFailed ? .findings : .clean
    if invocation.arguments.value("format") == "json" {
      return Outcome(status, output: report.json())
    }
    let found = renderer.render(report.findings, in: report.sources)
    return Outcome(
      status,
      output: report.text + (report.findings.isEmpty ? "" : "\n" + found) + drawn
        + (isStopped ? "stopped; the same command goes on\n" : ""))
  }
}
