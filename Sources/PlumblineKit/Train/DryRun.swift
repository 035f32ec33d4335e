// DryRun: what a run would be: plan, memory, first batch, first loss and the time of a step.
// Everything is really done once, so that what fails after hours fails now.
import Analysis
import Diagnostics
import Execution
import Foundation
import Kernels
import Training
import Validation

/// A run that stops before it begins.
package struct DryRun {
  /// The report.
  package let text: String

  /// Makes a few updates that nobody keeps.
  ///
  /// - Throws: ``RunFailure`` when the step can't be made.
  package init(_ session: TrainingSession) throws(RunFailure) {
    let step = session.step
    let source = session.source
    let micro = max(session.plan.accumulate, 1)
    let first = (0..<micro).map { source.batch($0) }
    let loop = session.loop()
    var times: [Double] = []
    var report: UpdateReport?
    let clock = ContinuousClock()
    do throws(TrainingFault) {
      let start = clock.now
      repeat {
        let before = clock.now
        let made = try loop.advance()
        times.append(Seconds.of(clock.now - before))
        report = report ?? made
      } while times.count < 5 || Seconds.of(clock.now - start) < 1 && times.count < 20
    } catch {
      throw RunFailure(error)
    }
    guard let report else { preconditionFailure("a loop of at least one update made none") }
    // The first one touches memory for the first time.
    let time = times.dropFirst().sorted()[(times.count - 1) / 2]
    let plan = step.plan
    var table = TextTable([.left, .left])
    let names = session.graph.graph.parameters
    let held = names.indices.reduce(0) { $0 + (step.parameter($1)?.count ?? 0) }
    let trained = names.indices.reduce(0) {
      $0 + (plan.moments[$1] == nil ? 0 : step.parameter($1)?.count ?? 0)
    }
    func row(_ name: String, _ value: String) { table.add([name, value]) }
    row(
      "model",
      "\(session.effective.model.program.name), \(Figures.grouped(held)) weights, "
        + (trained == held ? "all trained" : "\(Figures.grouped(trained)) trained"))
    row(
      "steps",
      "\(Figures.grouped(session.steps)) of \(Figures.grouped(report.targets)) targets"
        + (micro > 1 ? " in \(micro) micro-batches" : ""))
    let ends = [0, session.steps / 2, session.steps - 1].map {
      "\(RateText.rate(session.schedule.rate(at: $0))) at \(Figures.grouped($0))"
    }
    row("rate", ends.joined(separator: ", "))
    row("memory", "\(Figures.bytes(plan.memory.arenaBytes)), planned to the byte")
    for kind in MemoryClass.allCases {
      guard let bytes = plan.memory.classes[kind], bytes > 0 else { continue }
      row("  " + kind.rawValue, Figures.bytes(bytes))
    }
    if let corpus = session.corpus {
      row("data", Self.data(corpus, session))
      row("first batch", Self.excerpt(of: first[0], session))
    }
    row("first loss", Self.loss(report.loss, session))
    row("gradient norm", RateText.rate(report.gradientNorm))
    let whole = time * Double(session.steps)
    row(
      "a step takes",
      "\(Figures.fixed(time * 1e3, places: 1)) ms, "
        + "\(Figures.grouped(Int(Double(report.targets) / time))) targets/s; "
        + "the run about \(Seconds.text(whole)), validations and checkpoints apart")
    text = table.rendered.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  private static func data(_ corpus: Corpus, _ session: TrainingSession) -> String {
    var text = "\(Figures.grouped(corpus.training.count)) tokens"
    if let held = corpus.validation { text += ", \(Figures.grouped(held.count)) for validation" }
    if let vocabulary = corpus.vocabulary {
      text += ", \(vocabulary.count) symbols (\(vocabulary.level.rawValue) level)"
    }
    if let size = session.inputs?.vocabulary {
      text += "; the model knows \(Figures.grouped(size))"
    }
    return text
  }

  /// The first row as a person reads it, and its targets.
  private static func excerpt(
    of batch: TrainingBatch<Float>, _ session: TrainingSession
  ) -> String {
    guard let inputs = session.inputs, let tokens = batch.inputs[inputs.tokens],
      let targets = batch.inputs[inputs.targets]
    else { return "-" }
    let shown = min(inputs.block, 48)
    func text(_ ids: ArraySlice<Int32>) -> String {
      guard let vocabulary = session.corpus?.vocabulary else {
        return ids.prefix(12).map { "\($0)" }.joined(separator: " ") + " …"
      }
      let text = vocabulary.decode(ids.map { Int($0) })
      return "\"" + text.replacing("\n", with: "⏎") + "\""
    }
    return text(tokens.indices[..<shown]) + " → " + text(targets.indices[..<shown])
      + (inputs.shiftsInside ? " (the loss moves them by one)" : "")
  }

  private static func loss(_ loss: Double, _ session: TrainingSession) -> String {
    let own = Figures.fixed(loss, places: 4)
    guard session.request.weights == nil, let classes = session.inputs?.vocabulary else {
      return own
    }
    let expected = log(Double(classes))
    let verdict =
      abs(loss - expected) <= max(0.5, expected / 10)
      ? "that of guessing" : "not that of guessing: look at the initialisation"
    let guess = "ln \(Figures.grouped(classes)) = \(Figures.fixed(expected, places: 4))"
    return "\(own), \(guess): \(verdict)"
  }
}

/// Durations as a person reads them.
package enum Seconds {
  package static func of(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// `1:05`, `2:01:05`.
  package static func text(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return whole >= 3600
      ? "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
      : "\(whole / 60):\(two(whole % 60))"
  }
}
