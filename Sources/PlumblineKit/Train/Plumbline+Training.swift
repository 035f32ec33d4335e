// Plumbline+Training: what a Swift program calls to train a model, as `plumbline train` does.
// Apart from the check, because a training has options, a folder and an end of its own.
import Diagnostics
import Language

/// What a program changes in a `train` section, and how it is run.
public struct TrainingOptions: Sendable {
  /// The updates of the whole run.
  public var steps: Int?
  /// The optimiser's rate, which is the peak of the schedule.
  public var rate: Double?
  /// Sizes of a micro-batch, by the name of the dimension.
  public var batch: [String: Int] = [:]
  /// The micro-batches of an update.
  public var accumulate: Int?
  /// The global norm that gradients are cut to.
  public var clip: Double?
  /// A schedule, as its line in the section says it.
  public var schedule: String?
  /// The seed of the first weights and of the order of the data.
  public var seed: Int?
  /// Values of config fields, by name.
  public var settings: [String: String] = [:]
  /// Weights to begin with, a file or the folder of a run; the base that adapters are put on.
  public var weights: String?
  /// The threads that work; all processors unless told.
  public var threads: Int?
  /// Updates between validations; a twentieth of the run unless told, 0 for none.
  public var validateEvery: Int?
  /// Updates between checkpoints; a tenth of the run unless told.
  public var saveEvery: Int?
  /// Whether a run that is in the folder already is removed.
  public var overwrites = false

  /// Makes options that change nothing.
  public init() {}
}

/// One update of a run, as it happens.
public struct TrainingProgress: Sendable {
  /// The updates made so far.
  public let step: Int
  /// The updates of the whole run.
  public let steps: Int
  /// The loss before the update.
  public let loss: Double
  /// The learning rate of the update.
  public let rate: Double
  /// The norm of all gradients before clipping.
  public let gradientNorm: Double
}

/// How a run ended.
public struct TrainingResult: Sendable {
  /// The updates made, those of earlier parts of the run among them.
  public let step: Int
  /// Whether the run reached its last step.
  public let isFinished: Bool
  /// The last loss on what was kept for validation.
  public let validationLoss: Double?
  /// The file of the weights; of those that were trained, where a base holds the others.
  public let weights: String
}

/// Why a training can't be made or stopped.
public struct TrainingRefusal: Error, Sendable, CustomStringConvertible {
  /// The ids of everything found.
  public let findings: [String]
  /// Everything found, as the terminal shows it.
  public let description: String

  init(_ failure: RunFailure) {
    findings = failure.diagnostics.map(\.id)
    description = TerminalRenderer(color: false).render(failure.diagnostics, in: failure.sources)
  }
}

extension Plumbline {
  /// Trains the model of a file on data and keeps the run in a folder.
  ///
  /// - Parameters:
  ///   - path: a `.model` file, a Hugging Face `config.json` or a directory with one.
  ///   - data: a text, a `.bin` of ids, a directory of both splits, or batches in safetensors.
  ///   - folder: where model, log and checkpoints are kept.
  ///   - options: what changes in the section.
  ///   - goesOn: is told of each update; false stops the run with a checkpoint.
  /// - Returns: how the run ended.
  /// - Throws: ``TrainingRefusal`` with everything that was found.
  public static func train(
    contentsOf path: String, data: String, folder: String,
    options: TrainingOptions = TrainingOptions(),
    goesOn: (TrainingProgress) -> Bool = { _ in true }
  ) throws -> TrainingResult {
    let settings = options.settings.sorted { $0.key < $1.key }
      .map { Setting(name: $0.key, value: $0.value) }
    let loaded = try Workspace.load(path, settings: settings)
    do throws(RunFailure) {
      let effective = try EffectiveModel(loaded, options.overrides)
      let request = options.request(data, folder).filled(for: effective.plan)
      return try finish(
        TrainingRun(beginning: TrainingSession(effective, request)), goesOn)
    } catch {
      throw TrainingRefusal(error)
    }
  }

  /// Goes on with the run of a folder, to the same bits as if it had never stopped.
  ///
  /// - Parameters:
  ///   - folder: of the run.
  ///   - threads: how many work; all processors unless told.
  ///   - base: where the weights lie now that the run began with, when they were moved.
  ///   - goesOn: is told of each update; false stops the run with a checkpoint.
  /// - Returns: how the run ended.
  /// - Throws: ``TrainingRefusal`` with everything that was found.
  public static func resumeTraining(
    in folder: String, threads: Int? = nil, base: String? = nil,
    goesOn: (TrainingProgress) -> Bool = { _ in true }
  ) throws -> TrainingResult {
    do throws(RunFailure) {
      return try finish(
        TrainingRun(resuming: RunFolder(folder), threads: threads, base: base), goesOn)
    } catch {
      throw TrainingRefusal(error)
    }
  }

  private static func finish(
    _ run: TrainingRun, _ goesOn: (TrainingProgress) -> Bool
  ) throws(RunFailure) -> TrainingResult {
    let stop = StopRequest()
    let steps = run.session.steps
    var validation: Double?
    let end = try run.finish(stop: stop) { event in
      switch event {
      case .update(let report):
        let progress = TrainingProgress(
          step: report.step + 1, steps: steps, loss: report.loss, rate: report.rate,
          gradientNorm: report.gradientNorm)
        if !goesOn(progress) { stop.ask() }
      case .validation(_, let loss): validation = loss
      case .saved: break
      }
    }
    return TrainingResult(
      step: run.step, isFinished: end == .finished, validationLoss: validation,
      weights: run.folder.path + "/" + RunFolder.weightsName(run.step))
  }
}

extension TrainingOptions {
  fileprivate var overrides: TrainingOverrides {
    var overrides = TrainingOverrides()
    overrides.steps = steps
    overrides.rate = rate
    overrides.batch = batch
    overrides.accumulate = accumulate
    overrides.clip = clip
    overrides.schedule = schedule
    overrides.seed = seed
    return overrides
  }

  fileprivate func request(_ data: String, _ folder: String) -> TrainingRequest {
    var request = TrainingRequest(data: data, output: folder)
    request.weights = weights
    request.overwrites = overwrites
    if let threads { request.threads = max(threads, 1) }
    if let validateEvery { request.settings.evaluateEvery = max(validateEvery, 0) }
    if let saveEvery { request.settings.saveEvery = max(saveEvery, 1) }
    return request
  }
}
