// Sweep: the runs of a grid, one after the other, each in a folder of its own.
// What a run is stands in TrainingRun; here are which are made, which go on, and what came of them.
import Diagnostics
import Kernels
import Language
import Training

/// What became of one run of a study.
package struct SweepResult: Sendable {
  package enum End: Sendable {
    case finished
    /// Its loss was lost, or it could not be made.
    case failed(RunFailure)
  }

  package let point: SweepPoint
  package let folder: RunFolder
  package let end: End
  /// Whether it was finished before this study was asked for.
  package let isOld: Bool
}

/// A study.
package struct Sweep: Sendable {
  /// What happens in a study, as it happens.
  package enum Event {
    /// A run begins or goes on.
    case begin(number: Int, SweepPoint, TrainingRun)
    /// Something happens in it.
    case training(TrainingEvent)
    /// A run is over, or was before.
    case end(number: Int, SweepResult)
  }

  package let path: String
  package let settings: [Setting]
  package let overrides: TrainingOverrides
  package let request: TrainingRequest
  package let grid: SweepGrid
  /// The folder of the study.
  package let folder: String
  /// What the rules say of the study, and of the models that only it makes.
  package let findings: [Diagnostic]
  /// The texts that the findings point into.
  package let sources: SourceMap
  /// The weights of each point's model, in the order of the points.
  package let counts: [SweepCounts]
  /// Whether the model has an `adapt` line.
  package let isAdapted: Bool
  private let fields: Set<String>

  /// - Parameters:
  ///   - path: of the model file.
  ///   - settings: `NAME=VALUE` for every run.
  ///   - overrides: what every run changes in the section.
  ///   - axes: what is varied; the section's own `vary` lines when empty.
  ///   - request: the data and the folder of the study.
  /// - Throws: ``RunFailure`` when there is nothing to vary, the model has an error, or some point of
  ///   the grid can't be a run: all of them are looked at before the first begins.
  package init(
    path: String, settings: [Setting], overrides: TrainingOverrides, axes: [SweepAxis],
    request: TrainingRequest
  ) throws(RunFailure) {
    guard let folder = request.output else {
      throw RunFailure("no-run", "a study needs a folder: --out DIR")
    }
    let loaded = try SweepMaker.load(path, settings)
    guard !loaded.isUnsound, let model = loaded.model else {
      throw RunFailure(loaded.diagnostics, in: loaded.sources)
    }
    var library = loaded.library
    let own = model.plan.map { SweepAxis.axes(of: $0) } ?? []
    let chosen = (axes.isEmpty ? own : axes).map { $0.placed(in: &library.sources) }
    isAdapted = AdapterVariation.isAdapted(loaded)
    fields = Set(model.program.config.map(\.name))
    self.path = path
    self.settings = settings
    self.overrides = overrides
    self.request = request
    self.folder = folder
    do throws(RunFailure) {
      grid = try SweepGrid(
        chosen, fields: model.program.config.map(\.name),
        dimensions: model.program.dimensions.map(\.symbol.name), isAdapted: isAdapted)
    } catch {
      throw RunFailure(error.diagnostics, in: library.sources)
    }
    sources = library.sources
    let check = SweepCheck(loaded, model, library, chosen)
    try check.refuse(allowing: overrides.allowed)
    let maker = SweepMaker(
      path: path, settings: settings, overrides: overrides, fields: fields)
    var trials = SweepTrials(maker, grid, sources: library.sources, known: loaded.ruleFindings)
    for point in grid.points { try trials.try(point) }
    counts = trials.counts
    findings = check.findings + trials.findings
  }

  private var maker: SweepMaker {
    SweepMaker(path: path, settings: settings, overrides: overrides, fields: fields)
  }

  /// Makes the runs that are not finished yet.
  ///
  /// - Parameters:
  ///   - stop: is looked at after each update.
  ///   - observe: is told what happens.
  /// - Returns: what became of each run; fewer than the grid has when somebody asked to stop.
  /// - Throws: ``RunFailure`` when a folder can't be used; a run whose loss is lost is a result.
  package func run(
    stop: StopRequest = StopRequest(), observe: (Event) -> Void = { _ in }
  ) throws(RunFailure) -> [SweepResult] {
    var results: [SweepResult] = []
    for (index, point) in grid.points.enumerated() {
      let effective = try maker.effective(point)
      let folder = RunFolder(self.folder + "/" + point.folder)
      var end = SweepResult.End.finished
      var isOld = false
      do throws(RunFailure) {
        if let run = try run(effective, in: folder) {
          observe(.begin(number: index + 1, point, run))
          if case .stopped = try run.finish(stop: stop, observe: { observe(.training($0)) }) {
            return results
          }
        } else {
          isOld = true
        }
      } catch {
        guard error.diagnostics.contains(where: { $0.id == "loss-not-finite" }) else { throw error }
        end = .failed(error)
      }
      let result = SweepResult(point: point, folder: folder, end: end, isOld: isOld)
      results.append(result)
      observe(.end(number: index + 1, result))
    }
    return results
  }

  /// The run of a folder, begun or gone on with; `nil` when it is finished.
  private func run(
    _ effective: EffectiveModel, in folder: RunFolder
  ) throws(RunFailure) -> TrainingRun? {
    var request = request.filled(for: effective.plan)
    request.output = folder.path
    if folder.hasRun, !request.overwrites {
      let state = try RunState(of: folder)
      var digest = Digest()
      digest.update(Array(effective.text.utf8))
      guard state.model.digest == digest.text else {
        throw RunFailure(
          "run-exists", "\(folder.path) has a run of another model or plan",
          help: "name another --out, or begin again with --overwrite")
      }
      if state.step == state.steps, !state.files.isEmpty {
        try state.data.check(at: request.data)
        if let weights = request.weights { _ = try state.base(at: weights) }
        return nil
      }
      return try TrainingRun(
        resuming: folder, data: request.data, threads: request.threads, base: request.weights)
    }
    return try TrainingRun(beginning: TrainingSession(effective, request))
  }
}
