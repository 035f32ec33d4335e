// TrainOptions: how a command is told what a run changes in the section, and how it is made.
// Apart from `train`, because a sweep is made of the same runs.
import Diagnostics
import PlumblineKit
import Synchronization
import Training

/// The options of a run.
enum TrainOptions {
  /// What changes the section.
  static var plan: [OptionSpecification] {
    [
      OptionSpecification("steps", .integer("N"), summary: "updates of the whole run"),
      OptionSpecification("rate", .text("R"), summary: "the optimiser's rate, the schedule's peak"),
      OptionSpecification(
        "batch", .text("SIZES"), summary: "sizes of a micro-batch, as `B=16,T=64`"),
      OptionSpecification("accumulate", .integer("N"), summary: "micro-batches of an update"),
      OptionSpecification("clip", .text("C"), summary: "the global norm that gradients are cut to"),
      OptionSpecification(
        "schedule", .text("SCHEDULE"), summary: "a schedule, as its line in the section says it"),
      OptionSpecification(
        "seed", .integer("N"), summary: "of the first weights and the order of the data"),
      OptionSpecification(
        "allow", .text("ID"), isRepeatable: true, summary: "start in spite of an error of this rule"
      ),
    ]
  }

  /// What changes how it is run.
  static var run: [OptionSpecification] {
    [
      OptionSpecification("out", .text("DIR"), summary: "the folder of the run"),
      OptionSpecification(
        "weights", .text("PATH"),
        summary: "weights to begin with, a file or the folder of a run; the base of adapters"),
      OptionSpecification(
        "eval-every", .integer("N"), summary: "updates between validations; 0 for none"),
      OptionSpecification(
        "eval-batches", .integer("N"), summary: "batches of a validation, 8 unless given"),
      OptionSpecification("save-every", .integer("N"), summary: "updates between checkpoints"),
      OptionSpecification(
        "log-every", .integer("N"), summary: "updates between lines of the log, 1 unless given"),
      .threads,
      OptionSpecification("overwrite", summary: "remove the run in DIR and begin again"),
    ]
  }

  /// What a run asks for.
  ///
  /// - Throws: ``CommandFailure`` without data, and for a number out of range.
  static func request(_ invocation: Invocation) throws(CommandFailure) -> TrainingRequest {
    guard let corpus = try invocation.corpusRequest() else {
      throw .usage(UsageError("`--data PATH` says what is trained on"))
    }
    var request = TrainingRequest(data: corpus.path, output: invocation.arguments.value("out"))
    request.settings.format = corpus.format.rawValue
    request.settings.level = corpus.level.rawValue
    request.settings.width = corpus.width?.rawValue
    request.settings.validationShare = corpus.validationShare
    request.settings.order = invocation.sampleOrder.rawValue
    request.settings.evaluateEvery = try invocation.count("eval-every", least: 0) ?? -1
    request.settings.evaluationBatches = try invocation.count("eval-batches", least: 1) ?? 8
    request.settings.saveEvery = try invocation.count("save-every", least: 1) ?? -1
    request.settings.logEvery = try invocation.count("log-every", least: 1) ?? 1
    request.weights = invocation.arguments.value("weights")
    request.overwrites = invocation.arguments.has("overwrite")
    if let threads = try invocation.threads() { request.threads = threads }
    return request
  }

  /// Refuses options that a run which goes on was not begun with.
  ///
  /// - Throws: ``RunFailure`` with each of them.
  static func check(_ invocation: Invocation, against folder: RunFolder) throws(RunFailure) {
    let settings = try RunState(of: folder).settings
    let begun: [(option: String, value: String?)] = [
      ("data-format", settings.format), ("level", settings.level), ("tokens", settings.width),
      ("order", settings.order), ("validation", "\(settings.validationShare)"),
      ("eval-every", "\(settings.evaluateEvery)"),
      ("eval-batches", "\(settings.evaluationBatches)"),
      ("save-every", "\(settings.saveEvery)"), ("log-every", "\(settings.logEvery)"),
    ]
    let facts = begun.compactMap { option, value -> Fact? in
      guard let asked = invocation.arguments.value(option), let value, asked != value,
        Double(asked) == nil || Double(asked) != Double(value)
      else { return nil }
      return .line("it was begun with --\(option) \(value), asked for is \(asked)")
    }
    guard facts.isEmpty else {
      throw RunFailure([
        Diagnostic(
          id: "run-model-changed", message: "an option is not that of the run in \(folder.path)",
          facts: facts,
          fixes: [
            FixIt(
              message: "leave the option out, or begin another run with another --out",
              effect: .none)
          ])
      ])
    }
  }

  /// What a run changes in the section.
  ///
  /// - Throws: ``CommandFailure`` for a value that is none.
  static func overrides(
    _ invocation: Invocation
  ) throws(CommandFailure) -> TrainingOverrides {
    var overrides = TrainingOverrides()
    overrides.steps = try invocation.count("steps", least: 1)
    overrides.rate = try invocation.number("rate")
    overrides.accumulate = try invocation.count("accumulate", least: 1)
    overrides.seed = try invocation.count("seed", least: 0)
    overrides.clip = try invocation.number("clip")
    overrides.schedule = invocation.arguments.value("schedule")
    overrides.allowed = invocation.arguments.all("allow")
    if let text = overrides.schedule, text.contains(where: \.isNewline) {
      throw .usage(UsageError("`--schedule` is one line"))
    }
    for part in (invocation.arguments.value("batch") ?? "").split(separator: ",") {
      let sides = part.split(separator: "=").map { $0.filter { $0 != " " && $0 != "_" } }
      guard sides.count == 2, let size = Int(sides[1]), size >= 1,
        sides[0].first?.isUppercase == true
      else {
        throw .usage(UsageError("`--batch` needs sizes, as in B=16,T=64, found `\(part)`"))
      }
      overrides.batch[String(sides[0])] = size
    }
    return overrides
  }
}

extension Invocation {
  fileprivate func number(_ option: String) throws(CommandFailure) -> Double? {
    guard let text = arguments.value(option) else { return nil }
    guard let value = Double(text), value.isFinite, value > 0 else {
      throw .usage(UsageError("`--\(option)` needs a positive number, found `\(text)`"))
    }
    return value
  }

  fileprivate func count(_ option: String, least: Int) throws(CommandFailure) -> Int? {
    guard let value = arguments.integer(option) else { return nil }
    guard value >= least else {
      throw .usage(UsageError("`--\(option)` must be at least \(least), found \(value)"))
    }
    return value
  }
}

/// The number of a signal that came.
final class SignalHolder: Sendable {
  private let value = Mutex<Int32>(0)

  var number: Int32 { value.withLock { $0 } }

  func set(_ number: Int32) { value.withLock { $0 = number } }
}
