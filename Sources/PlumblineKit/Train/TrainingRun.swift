// TrainingRun: a run from its first update, or from its last checkpoint, to its end.
// Joins session, log and checkpoints; what is shown of it is the observer's business.
import Diagnostics
import Execution
import Foundation
import Interchange
import Kernels
import Schedules
import Synchronization
import Training
import Validation

/// What happens in a run, as it happens.
package enum TrainingEvent: Sendable {
  /// An update was made.
  case update(UpdateReport)
  /// The loss on what was kept for validation, with the weights after so many updates.
  case validation(step: Int, loss: Double)
  /// A checkpoint is on the disk.
  case saved(step: Int)
}

/// How a run ended.
package enum TrainingEnd: Hashable, Sendable {
  case finished
  /// Somebody asked; a checkpoint was written after so many updates.
  case stopped(step: Int)
}

/// A wish to stop, from a signal or another thread.
package final class StopRequest: Sendable {
  private let flag = Atomic<Bool>(false)

  package init() {}

  /// Asks the run to stop after the update that it makes.
  package func ask() { flag.store(true, ordering: .releasing) }

  package var isAsked: Bool { flag.load(ordering: .acquiring) }
}

/// A run with its folder.
///
/// A class, because the step and the log in it have identities.
package final class TrainingRun {
  package let session: TrainingSession
  package let folder: RunFolder
  private var state: RunState
  /// The last checkpoint, as its state says.
  private var saved: RunState.Generation?
  private let log: RunLogFile
  private let checkpoint: RunCheckpoint
  private let loop: TrainingLoop
  /// `nil` between two uses of the folder.
  private var claim: RunClaim?
  /// The tokens seen before this process went on.
  package let firstTokens: Int

  /// The updates made so far.
  package var step: Int { session.step.updates }

  /// The tokens seen so far.
  package var tokens: Int { state.tokens }

  private init(
    _ session: TrainingSession, _ folder: RunFolder, _ claim: RunClaim, _ state: RunState,
    _ log: RunLogFile
  ) {
    self.session = session
    self.claim = claim
    self.folder = folder
    self.state = state
    saved = state.generation
    self.log = log
    checkpoint = RunCheckpoint(
      folder: folder, step: session.step, graph: session.graph,
      refersToBase: state.start?.names != nil)
    loop = session.loop()
    firstTokens = state.tokens
  }

  /// Begins a run: writes the model, the vocabulary and a state without updates.
  ///
  /// - Throws: ``RunFailure`` when the folder has a run already or can't be written to.
  package convenience init(beginning session: TrainingSession) throws(RunFailure) {
    let request = session.request
    guard let path = request.output else {
      throw RunFailure("no-run", "a run needs a folder: --out DIR")
    }
    let folder = RunFolder(path)
    let known = session.corpus?.vocabulary
    var texts = ["model.model": session.effective.text]
    texts["vocabulary.json"] = known?.json
    try folder.refuseForeign(texts, overwrites: request.overwrites)
    try folder.refuseToRemove(
      [("--data", request.data), ("--weights", request.weights ?? "")].filter { !$0.1.isEmpty })
    // What is read is looked at before anything is removed.
    let (data, start) = try Self.sources(session)
    try Self.onDisk { () throws(DiskFault) in try folder.create() }
    let claim = try RunClaim(folder)
    let (model, vocabulary) = try Self.onDisk {
      () throws(DiskFault) -> (RunState.File, RunState.File?) in
      try folder.clear()
      let model = RunState.File(try DurableFile.write(session.effective.text, to: folder.model))
      guard let known else { return (model, nil) }
      return (model, .init(try DurableFile.write(known.json, to: folder.vocabulary)))
    }
    let state = RunState(
      step: 0, steps: session.steps, tokens: 0, seed: session.plan.seed,
      settings: request.settings, data: data, start: start, model: model, vocabulary: vocabulary,
      log: .init(FileFingerprint(name: "log.jsonl", bytes: 0, digest: Digest().text)), files: [],
      kernels: session.step.plan.options.kernels.level.rawValue)
    self.init(session, folder, claim, state, try RunLogFile(folder, at: nil))
    do throws(DiskFault) {
      self.state = try checkpoint.save(state, log: log)
    } catch {
      throw RunFailure(error)
    }
  }

  /// What the run reads, as it is now.
  private static func sources(
    _ session: TrainingSession
  ) throws(RunFailure) -> (data: RunState.Source, start: RunState.Source?) {
    try onDisk { () throws(DiskFault) in
      let data = try RunState.Source(data: session.request.data)
      guard let path = session.request.weights else { return (data, nil) }
      let file = RunState.File(try FileFingerprint(of: path))
      return (
        data, RunState.Source(path: RunBase.absolute(path), files: [file], names: session.baseNames)
      )
    }
  }

  private static func onDisk<Value>(
    _ body: () throws(DiskFault) -> Value
  ) throws(RunFailure) -> Value {
    do throws(DiskFault) {
      return try body()
    } catch {
      throw RunFailure(error)
    }
  }

  /// Goes on with the run of a folder where its last checkpoint stands.
  ///
  /// - Parameters:
  ///   - folder: of the run.
  ///   - step: of the checkpoint to go on from, when not the last.
  ///   - data: where the data lie now, when they were moved.
  ///   - threads: how many work; the bits don't depend on it.
  ///   - model: the text that the caller means to go on with; the folder's own unless told.
  ///   - base: where the weights lie now that the run began with, when they were moved.
  /// - Throws: ``RunFailure`` when a file is missing, damaged or of another run.
  package convenience init(
    resuming folder: RunFolder, from step: Int? = nil, data: String? = nil, threads: Int? = nil,
    model: String? = nil, base: String? = nil
  ) throws(RunFailure) {
    let claim = try RunClaim(folder)
    var state = try RunState(of: folder)
    if let step { state = try state.back(to: step, in: folder) }
    try state.checkWhole(in: folder)
    var request = TrainingRequest(data: data ?? state.data.path, output: folder.path)
    request.settings = state.settings
    if state.step == 0 || state.start?.names != nil || base != nil {
      request.weights = try state.base(at: base)
    }
    if let threads { request.threads = threads }
    try state.data.check(at: request.data)
    let loaded: LoadedModel
    do throws(UnreadableFile) {
      loaded = try Workspace.load(folder.model)
    } catch {
      throw RunFailure("unreadable-file", "\(error.path): \(error.reason)")
    }
    if let model, Digest(of: Array(model.utf8)).text != state.model.digest {
      throw RunFailure(
        "run-model-changed", "the model or an option is not that of the run in \(folder.path)",
        facts: [
          .line("the run's own model and section stand in \(folder.model)"),
          .line(Self.difference(from: folder.model, to: model)),
        ],
        help: "leave the model and the options out, or begin another run with another --out")
    }
    let effective = try EffectiveModel(loaded, TrainingOverrides())
    let known = state.vocabulary == nil ? nil : try Vocabulary(file: folder.vocabulary)
    let session = try TrainingSession(
      effective, request, vocabulary: known, initialises: state.step == 0)
    guard session.steps == state.steps else {
      throw RunFailure(
        "checkpoint-damaged",
        "the plan has \(session.steps) steps, the run was begun with \(state.steps)")
    }
    if state.step > 0 {
      try RunCheckpoint(
        folder: folder, step: session.step, graph: session.graph,
        refersToBase: state.start?.names != nil
      ).restore(state, base: request.weights)
    }
    try Self.onDisk { () throws(DiskFault) in try folder.clearLeftovers(keeping: state) }
    self.init(session, folder, claim, state, try RunLogFile(folder, at: state))
  }

  /// The first line of a file that another text has not.
  private static func difference(from path: String, to text: String) -> String {
    let own = ((try? Workspace.read(path)) ?? "").split(separator: "\n")
    let other = text.split(separator: "\n")
    let index = zip(own, other).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let place = index ?? min(own.count, other.count)
    func line(_ lines: [Substring]) -> String {
      place < lines.count
        ? "`\(lines[place].trimmingCharacters(in: .whitespaces))`" : "no line"
    }
    return "the run has \(line(own)), asked for is \(line(other))"
  }

  /// A remark when the last bits may differ from those of an uninterrupted run.
  package var kernelNote: String? {
    let own = session.step.plan.options.kernels.level.rawValue
    return own == state.kernels
      ? nil
      : "the run began with \(state.kernels) and goes on with \(own): last bits may differ"
  }

  /// Makes the updates that are left.
  ///
  /// - Parameters:
  ///   - stop: is looked at after each update.
  ///   - observe: is told what happens; it must be quick.
  /// - Returns: whether the run is over or was stopped.
  /// - Throws: ``RunFailure`` when the loss is lost or a file can't be written; the last checkpoint
  ///   then stands.
  package func finish(
    stop: StopRequest = StopRequest(), observe: (TrainingEvent) -> Void = { _ in }
  ) throws(RunFailure) -> TrainingEnd {
    let settings = session.request.settings
    let saveEvery = max(settings.saveEvery, 1)
    let logEvery = max(settings.logEvery, 1)
    if claim == nil { claim = try RunClaim(folder) }
    defer { claim = nil }
    do {
      while step < session.steps {
        let number = step
        let measured =
          settings.evaluateEvery > 0 && number % settings.evaluateEvery == 0
          ? try validate(observe) : nil
        let report = try loop.advance()
        state.tokens += report.targets
        if number % logEvery == 0 || measured != nil || !report.isFinite {
          try log.append(
            RunLogLine(
              step: number, loss: report.loss, rate: report.rate, norm: report.gradientNorm,
              validation: measured, tokens: state.tokens))
        }
        guard report.isFinite else { throw lost(report) }
        observe(.update(report))
        if step == session.steps { break }
        if stop.isAsked {
          try save(observe)
          return .stopped(step: step)
        }
        if step % saveEvery == 0 { try save(observe) }
      }
      if state.step < session.steps || state.files.isEmpty {
        if let last = try validate(observe) {
          try log.append(
            RunLogLine(step: step, validation: last, tokens: state.tokens))
        }
        try save(observe)
      }
      return .finished
    } catch let error as RunFailure {
      throw error
    } catch let error as DiskFault {
      throw RunFailure(error)
    } catch let error as TrainingFault {
      throw RunFailure(error)
    } catch {
      preconditionFailure("a run failed for an unknown reason: \(error)")
    }
  }

  private func validate(_ observe: (TrainingEvent) -> Void) throws -> Double? {
    guard let loss = try session.validation?.measure() else { return nil }
    observe(.validation(step: step, loss: loss))
    return loss
  }

  private func save(_ observe: (TrainingEvent) -> Void) throws(DiskFault) {
    // A finished run needs no way back.
    state.previous = step == session.steps ? nil : saved
    state.step = step
    state = try checkpoint.save(state, log: log)
    saved = state.generation
    observe(.saved(step: step))
  }

  private func lost(_ report: UpdateReport) -> RunFailure {
    let what = report.loss.isFinite ? "gradient norm" : "loss"
    let value = report.loss.isFinite ? report.gradientNorm : report.loss
    return RunFailure(
      "loss-not-finite",
      "the \(what) is \(value.isNaN ? "NaN" : "\(value)") at step \(report.step)",
      facts: [
        .line("the learning rate was \(RateText.rate(report.rate))"),
        .line(
          state.files.isEmpty
            ? "no checkpoint was written before it"
            : "the checkpoint of step \(state.step) in \(folder.path) stands"),
      ],
      help: "lower the rate, warm up longer or clip gradients; `plumbline train --rate-range` looks"
        + " for a rate")
  }
}

extension RunState.Source {
  /// The files that `--data` stands for.
  ///
  /// - Throws: ``DiskFault`` when one can't be read.
  init(data path: String) throws(DiskFault) {
    self.path = path
    names = nil
    files = []
    for file in Self.paths(path) { files.append(.init(try FileFingerprint(of: file))) }
  }

  private static func paths(_ path: String) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
      isFolder.boolValue
    else { return [path] }
    let wanted = ["train.bin", "train.txt", "val.bin", "val.txt", "vocabulary.json"]
    let folder = path.hasSuffix("/") ? path : path + "/"
    return wanted.map { folder + $0 }.filter { FileManager.default.fileExists(atPath: $0) }
  }

  /// Whether the files are still what they were.
  ///
  /// - Throws: ``RunFailure`` that names both sides.
  func check(at path: String) throws(RunFailure) {
    var found: [RunState.File] = []
    do throws(DiskFault) {
      for file in Self.paths(path) { found.append(.init(try FileFingerprint(of: file))) }
    } catch {
      throw RunFailure(
        "unreadable-file", error.description, help: "say with --data PATH where the data lie now")
    }
    guard found.map(\.digest) != files.map(\.digest) else { return }
    func text(_ files: [RunState.File]) -> String {
      files.map { "\($0.name), \($0.bytes) bytes, digest \($0.digest)" }.joined(separator: "; ")
    }
    throw RunFailure(
      "run-data-changed", "\(path) is not what the run began with",
      facts: [.line("expected: \(text(files))"), .line("found: \(text(found))")],
      help: "give the same data with --data, or begin another run with another --out")
  }
}
