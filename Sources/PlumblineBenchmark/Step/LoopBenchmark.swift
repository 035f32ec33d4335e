// LoopBenchmark: an update of `plumbline train` beside the bare step that it is made of, by turns.
// In one process and one run, so that whatever else the machine does slows all of them alike.
import Commands
import Execution
import Foundation
import PlumblineKit
import Training

/// The timing of a run's updates: batches, schedule, log and progress line included.
struct LoopBenchmark {
  private let request: Request

  init(_ request: Request) { self.request = request }

  /// Trains on stories, or on the data given, and times each update and the bare steps after it.
  ///
  /// - Throws: ``BenchmarkFailure`` when the model can't be trained.
  func figure() throws -> LoopFigure {
    let folder =
      FileManager.default.temporaryDirectory.path
      + "/plumbline-loop-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let run = try run(in: folder)
      return try figure(of: run)
    } catch let failure as RunFailure {
      throw BenchmarkFailure(failure.diagnostics.map(\.message).joined(separator: "; "))
    }
  }

  /// A run of the model's own section that neither validates nor saves while it is timed.
  private func run(in folder: String) throws -> TrainingRun {
    var data = request.data ?? ""
    if request.data == nil {
      data = folder + "/stories.txt"
      let text = StoryGenerator.text(bytes: 1_000_000, seed: 1)
      try Data(text.utf8).write(to: URL(fileURLWithPath: data))
    }
    var training = TrainingRequest(data: data, output: folder + "/run")
    training.settings.evaluateEvery = 0
    training.settings.saveEvery = .max
    training.threads = request.workers
    var overrides = TrainingOverrides()
    overrides.steps = 1_000_000
    let effective = try EffectiveModel(Workspace.load(request.trained), overrides)
    return try TrainingRun(beginning: TrainingSession(effective, training))
  }

  private func figure(of run: TrainingRun) throws -> LoopFigure {
    let bare = try BareStep(run.session, threads: request.workers)
    var surroundings = Surroundings(color: false) { "" }
    surroundings.showsProgress = true
    var lines = TrainingLines(run, surroundings)
    let stop = StopRequest()
    let clock = ContinuousClock()
    var turns: [LoopFigure.Turn] = []
    var fault: (any Error)?
    let load = OtherLoad()
    let end = clock.now + .seconds(request.seconds)
    var start = Instant.now
    _ = try run.finish(stop: stop) { event in
      lines.take(event)
      let whole = Instant.now - start
      guard case .update(let report) = event, fault == nil else { return }
      do {
        // Whichever is second finds its memory further away.
        let isOdd = report.step % 2 == 1
        let early = isOdd ? try time { try bare.same(rate: report.rate) } : nil
        let least = try time { try bare.least(rate: report.rate) }
        let same = try early ?? time { try bare.same(rate: report.rate) }
        // The first updates meet cold caches and memory that was never touched.
        if report.step >= 3 { turns.append(.init(whole: whole, same: same, least: least)) }
      } catch {
        fault = error
        stop.ask()
      }
      if clock.now >= end && turns.count >= 5 { stop.ask() }
      start = Instant.now
    }
    if let fault { throw fault }
    return LoopFigure(request.trained, turns, share: load.share)
  }

  private func time(_ body: () throws -> Void) throws -> Instant {
    let start = Instant.now
    try body()
    return Instant.now - start
  }
}

/// Seconds by the wall's clock and by the processor's, over all threads of this process.
struct Instant {
  var wall: Double
  var processor: Double

  static var now: Instant {
    func seconds(_ clock: clockid_t) -> Double {
      var time = timespec()
      clock_gettime(clock, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    return Instant(
      wall: seconds(CLOCK_MONOTONIC), processor: seconds(CLOCK_PROCESS_CPUTIME_ID))
  }

  static func - (left: Instant, right: Instant) -> Instant {
    Instant(wall: left.wall - right.wall, processor: left.processor - right.processor)
  }
}

/// The steps that a run is held against, on the batch that it has just seen.
private struct BareStep {
  private let own: CompiledStep
  private let other: CompiledStep
  private let accumulate: Int

  init(_ session: TrainingSession, threads: Int) throws {
    own = session.step
    accumulate = session.plan.accumulate
    var options = own.plan.options
    // As `step` plans them: nothing that only a run asks for.
    options.optimiser?.globalNorm = nil
    options.optimiser?.measuresNorm = false
    let plan = try StepCompiler(options).compile(session.graph.graph, sizes: own.plan.sizes)
    other = try CompiledStep(plan, pool: ThreadPool(threads: threads))
    for index in session.graph.graph.parameters.indices {
      if let array = own.parameter(index) { try other.setParameter(index, array) }
    }
    for (name, array) in session.source.batch(0).inputs { try other.setInput(name, array) }
  }

  /// The step of the run itself, norm and clipping included.
  func same(rate: Double) throws {
    // The run counts by the updates of its step.
    let updates = own.updates
    try take(own, rate)
    own.updates = updates
  }

  /// A step without norm and clipping.
  func least(rate: Double) throws { try take(other, rate) }

  private func take(_ step: CompiledStep, _ rate: Double) throws {
    guard accumulate > 1 else { return try step.train(rate: rate) }
    for _ in 0..<accumulate { try step.accumulate(weight: 1 / Double(accumulate)) }
    try step.update(rate: rate)
  }
}

/// The figures of a run beside its bare step.
struct LoopFigure: Encodable {
  /// An update of the run, its step alone, and a step without norm and clipping.
  struct Turn {
    var whole: Instant
    var same: Instant
    var least: Instant
  }

  let model: String
  let turns: Int
  /// Medians by the wall's clock, in milliseconds.
  let loopMs: Double
  let bareStepMs: Double
  let stepWithoutNormMs: Double
  /// The loop beside its own step, and beside one without norm and clipping.
  let ratio: Double
  let ratioWithoutNorm: Double
  /// The same by the processor's time, which neighbours lengthen less; it counts waiting threads.
  let processorRatio: Double
  let processorRatioWithoutNorm: Double
  let foreignShare: Double

  /// The most that a loop may take beside its step.
  static let bound = 1.05

  init(_ model: String, _ turns: [Turn], share: Double) {
    func median(_ value: (Turn) -> Double) -> Double {
      turns.map(value).sorted()[turns.count / 2]
    }
    self.model = model
    self.turns = turns.count
    loopMs = median(\.whole.wall) * 1e3
    bareStepMs = median(\.same.wall) * 1e3
    stepWithoutNormMs = median(\.least.wall) * 1e3
    ratio = loopMs / bareStepMs
    ratioWithoutNorm = loopMs / stepWithoutNormMs
    let whole = median(\.whole.processor)
    processorRatio = whole / median(\.same.processor)
    processorRatioWithoutNorm = whole / median(\.least.processor)
    foreignShare = share
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    var table = FigureTable("\(model), \(turns) turns", "ms", "loop beside it", "by processor time")
    table.add(["update of the training loop", loopMs.decimals(2), "", ""])
    table.add([
      "its bare step", bareStepMs.decimals(2), ratio.decimals(3), processorRatio.decimals(3),
    ])
    table.add([
      "a step without norm and clipping", stepWithoutNormMs.decimals(2),
      ratioWithoutNorm.decimals(3), processorRatioWithoutNorm.decimals(3),
    ])
    return table.text + "\n\(ratio <= Self.bound ? "within" : "BEYOND") the bound of"
      + " \(Self.bound.decimals(2)); others used \(foreignShare.decimals(2)) of a core"
  }
}
