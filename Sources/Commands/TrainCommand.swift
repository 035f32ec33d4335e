// TrainCommand: `plumbline train`, a `train` section as something that one runs.
// The run is PlumblineKit's; here are its options, and how it is stopped.
import Diagnostics
import PlumblineKit
import Training

extension Command {
  /// `plumbline train FILE --data PATH --out DIR`.
  static var train: Command {
    Command(
      CommandSpecification(
        name: "train", summary: "Train a model as its `train` section says, and keep every step",
        operand: OperandSpecification(
          "FILE", .atMostOne, summary: "a model file, a config.json or a directory with one"),
        options: [.set] + TrainOptions.plan + OptionSpecification.data + TrainOptions.run
          + goingOn + lookOptions,
        details: [
          "DIR holds the model with the section that ran (model.model), log.jsonl for `plumbline review`",
          "and `plumbline plot`, the vocabulary of a text, and the last checkpoint as safetensors; until",
          "the run is finished, the one before as well.",
          "Ctrl-C writes a checkpoint; `plumbline train --resume --out DIR` goes on to the same bits.",
          "--data may also be a .safetensors with batch0/NAME, batch1/NAME, … for every input. Labels that",
          "the loss ignores (-100 unless it says `ignore`) are masked: they count for nothing, and",
          "micro-batches weigh by the labels that count, as one batch of all their rows would.",
          "exit status: 0 finished, 1 findings, 2 usage, 128 and a signal's number, such as 130, stopped",
          "with a checkpoint",
        ],
        example: "plumbline train models/character-gpt.model --data story.txt --out runs/first"
          + " --batch B=16,T=64 --steps 500")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      try TrainUse(invocation).outcome()
    }
  }

  private static var goingOn: [OptionSpecification] {
    [
      OptionSpecification("resume", summary: "go on with the run in DIR"),
      OptionSpecification(
        "from", .integer("STEP"),
        summary: "with --resume, the checkpoint before the last, when that is damaged"),
      OptionSpecification(
        "base", .text("W.safetensors"),
        summary: "with --resume, where the weights lie now that the run began with"),
    ]
  }

  /// What looks before hours are spent.
  private static var lookOptions: [OptionSpecification] {
    [
      OptionSpecification(
        "dry-run", summary: "plan, memory, first batch, first loss and time of a step; no run"),
      OptionSpecification(
        "overfit-batch", summary: "train on the first batch alone until its loss is near zero"),
      OptionSpecification(
        "rate-range", .text("FILE.svg"),
        summary: "raise the rate until the loss diverges, draw it and suggest a rate"),
    ]
  }
}

/// One use of the command.
private struct TrainUse {
  private let invocation: Invocation
  private let renderer: TerminalRenderer

  init(_ invocation: Invocation) {
    self.invocation = invocation
    renderer = TerminalRenderer(color: invocation.surroundings.color)
  }

  func outcome() throws(CommandFailure) -> Outcome {
    let isLook = ["dry-run", "overfit-batch", "rate-range"].filter(invocation.arguments.has)
    guard isLook.count < 2 else {
      throw .usage(UsageError("--\(isLook[0]) and --\(isLook[1]) are two different looks"))
    }
    if invocation.arguments.has("resume") {
      if let outcome = try resumed() { return outcome }
    } else if invocation.arguments.has("from") {
      throw .usage(UsageError("`--from` says where --resume goes on"))
    } else if invocation.arguments.has("base") {
      throw .usage(UsageError("`--base` goes with --resume; a run begins with --weights"))
    }
    guard let path = invocation.arguments.operands.first else {
      throw .usage(UsageError("`plumbline train` needs a model FILE, or --resume and --out DIR"))
    }
    let request = try TrainOptions.request(invocation)
    guard isLook.count == 1 || request.output != nil else {
      throw .usage(UsageError("`--out DIR` says where the run is kept"))
    }
    let check = FileCheck(path, settings: try invocation.settings(), invocation)
    if let file = check.unreadable { throw .unreadable(file) }
    guard let loaded = check.loaded else { return Outcome(.usage) }
    let overrides = try TrainOptions.overrides(invocation)
    do throws(RunFailure) {
      let effective = try EffectiveModel(loaded, overrides)
      if !effective.findings.isEmpty {
        say(renderer.render(effective.findings, in: effective.loaded.sources) + "\n")
      }
      let dropped = effective.droppedClaims
      if dropped > 0 {
        say(
          "note: \(dropped) claim\(dropped == 1 ? "" : "s") of the file"
            + " \(dropped == 1 ? "does" : "do") not hold under these settings: left out\n")
      }
      try RunAdapters.refuse(effective.model, allowing: overrides.allowed)
      let filled = request.filled(for: effective.plan)
      let session = try TrainingSession(effective, filled)
      if let look = isLook.first { return try self.look(look, session) }
      let run = try TrainingRun(beginning: session)
      return try finish(run, saying: effective.section + "\n\n")
    } catch {
      return failed(error)
    }
  }

  private func failed(_ failure: RunFailure) -> Outcome {
    invocation.surroundings.progress("")
    return Outcome(.findings, output: renderer.render(failure.diagnostics, in: failure.sources))
  }

  private func say(_ text: String) { invocation.surroundings.announce(text) }

  // MARK: Runs

  /// Goes on with a run; `nil` when there is none yet and the command line says how to begin it.
  private func resumed() throws(CommandFailure) -> Outcome? {
    guard let path = invocation.arguments.value("out") else {
      throw .usage(UsageError("`--resume` needs the folder of the run: --out DIR"))
    }
    let folder = RunFolder(path)
    let overrides = try TrainOptions.overrides(invocation)
    var loaded: LoadedModel?
    if let file = invocation.arguments.operands.first {
      // Killed before its first state, a run begins as if nothing had been.
      if !folder.hasRun { return nil }
      let check = FileCheck(file, settings: try invocation.settings(), invocation)
      if let file = check.unreadable { throw .unreadable(file) }
      loaded = check.loaded
    } else if overrides != TrainingOverrides() || !invocation.arguments.all("set").isEmpty {
      throw .usage(
        UsageError("a run goes on with its own section: leave out what changes it, or name FILE"))
    }
    let threads = try invocation.threads()
    guard !invocation.arguments.has("overwrite") else {
      throw .usage(UsageError("--resume goes on with a run, and --overwrite begins it again"))
    }
    do throws(RunFailure) {
      try TrainOptions.check(invocation, against: folder)
      let run = try TrainingRun(
        resuming: folder, from: invocation.arguments.integer("from"),
        data: invocation.arguments.value("data"), threads: threads,
        model: try loaded.map { model throws(RunFailure) in
          try EffectiveModel(model, overrides).text
        }, base: invocation.arguments.value("base") ?? invocation.arguments.value("weights"))
      let note = run.kernelNote.map { "note: \($0)\n" } ?? ""
      return try finish(
        run,
        saying: note + "going on with \(folder.path) at step \(run.step) of \(run.session.steps)\n")
    } catch {
      return failed(error)
    }
  }

  private func finish(
    _ run: TrainingRun, saying opening: String
  ) throws(RunFailure) -> Outcome {
    let stop = StopRequest()
    let holder = SignalHolder()
    let surroundings = invocation.surroundings
    surroundings.onSignal { number in
      holder.set(number)
      stop.ask()
      surroundings.progress("stopping after this update, with a checkpoint")
    }
    // From here on nothing that is asked of the process, or not read of it, loses an update.
    say(opening + run.session.notes.map { "note: \($0)\n" }.joined())
    var lines = TrainingLines(run, invocation.surroundings)
    let end = try run.finish(stop: stop) { lines.take($0) }
    invocation.surroundings.progress("")
    let summary = lines.summary()
    switch end {
    case .finished:
      return Outcome(
        output: summary + "the run is in \(run.folder.path)\n" + (try adapters(of: run)))
    case .stopped(let step):
      return Outcome(
        ExitStatus(stoppedBy: holder.number),
        output: summary + "stopped after step \(step); go on with\n"
          + "  plumbline train --resume --out \(run.folder.path)\n")
    }
  }

  /// Writes what PEFT loads, where the model adapts layers.
  private func adapters(of run: TrainingRun) throws(RunFailure) -> String {
    guard try RunAdapters.areIn(run.session.effective.model.program) else { return "" }
    let path = run.folder.path + "/adapter"
    do throws(RunFailure) {
      try RunAdapters(of: run.folder).write(to: path)
      return "its adapters, as PEFT loads them, are in \(path)\n"
    } catch {
      // The run is complete all the same; what PEFT can't hold is no mistake of it.
      return "note: no files for PEFT: " + error.diagnostics.map(\.message).joined(separator: "; ")
        + "\n"
    }
  }

  private func look(_ look: String, _ session: TrainingSession) throws(RunFailure) -> Outcome {
    for note in session.notes { say("note: \(note)\n") }
    let stop = StopRequest()
    let surroundings = invocation.surroundings
    surroundings.onSignal { _ in stop.ask() }
    let steps = session.steps
    var shown = ContinuousClock.now
    let observe = { (report: UpdateReport) in
      let now = ContinuousClock.now
      guard now - shown > .milliseconds(250) else { return }
      shown = now
      surroundings.progress(
        "\(report.step + 1)/\(steps)  loss \(Float(report.loss))  rate \(Float(report.rate))")
    }
    defer { surroundings.progress("") }
    switch look {
    case "dry-run":
      say(session.effective.section + "\n\n")
      return Outcome(output: try DryRun(session).text)
    case "overfit-batch":
      let result = try BatchOverfitting(session, stop: stop, observe: observe)
      return Outcome(result.isReached ? .clean : .findings, output: result.text)
    default:
      let result = try RateRange(session, updates: min(steps, 400), stop: stop, observe: observe)
      let path = invocation.arguments.value("rate-range") ?? "rate-range.svg"
      do throws(UnreadableFile) {
        try Workspace.write(result.svg(of: session.effective.model.program.name), to: path)
      } catch {
        throw RunFailure([
          Diagnostic(id: "file-not-written", message: "\(error.path): \(error.reason)")
        ])
      }
      return Outcome(output: result.text + "drawn in \(path)\n")
    }
  }
}
