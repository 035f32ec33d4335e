// TrainingLines: what a person sees of a run: one line that moves, or lines now and then.
// Apart from the run, which keeps no clock, so that what it writes depends on the run alone.
import Analysis
import Execution
import PlumblineKit
import Training
import Validation

/// The lines of one run.
package struct TrainingLines {
  private let run: TrainingRun
  private let surroundings: Surroundings
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let first: Int
  /// When a line was shown last, and what had been done then.
  private var shown: (at: ContinuousClock.Instant, step: Int, tokens: Int)
  /// FLOPs of an update, and the most FLOPs a second that the machine was seen to do.
  private var flops: Double?
  private var limit: MachineLimitSeen
  private var last: UpdateReport?
  private var best: (step: Int, loss: Double)?
  private var tokens: Int

  package init(_ run: TrainingRun, _ surroundings: Surroundings) {
    self.run = run
    self.surroundings = surroundings
    let threads = run.session.request.threads
    limit = MachineLimitSeen { MachineLimit.flops(threads: threads) }
    start = clock.now
    first = run.step
    tokens = run.tokens
    shown = (start, run.step, run.tokens)
  }

  /// Between two lines: a quarter of a second on a terminal, some seconds elsewhere.
  private var pause: Duration { surroundings.showsProgress ? .milliseconds(250) : .seconds(10) }

  /// Shows what happened, when it is time to.
  package mutating func take(_ event: TrainingEvent) {
    switch event {
    case .update(let report):
      tokens += report.targets
      last = report
      let now = clock.now
      let isFirst = report.step == first
      guard isFirst || now - shown.at >= pause else { return }
      if flops == nil {
        flops =
          2 * Double(run.session.step.counters.totalMultiplyAdds)
          * Double(run.session.plan.accumulate)
      }
      let line = line(report, at: now, isFirst: isFirst)
      shown = (now, report.step + 1, tokens)
      if surroundings.showsProgress {
        surroundings.progress(line)
      } else {
        surroundings.announce(line + "\n")
      }
    case .validation(let step, let loss):
      if loss < best?.loss ?? .infinity { best = (step, loss) }
      surroundings.announce(
        "step \(Figures.grouped(step))  validation loss \(Self.loss(loss))\n")
    case .saved: break
    }
  }

  private mutating func line(
    _ report: UpdateReport, at now: ContinuousClock.Instant, isFirst: Bool
  ) -> String {
    let steps = run.session.steps
    var parts = [
      "\(Figures.grouped(report.step + 1))/\(Figures.grouped(steps))",
      "loss \(Self.loss(report.loss))", "rate \(RateText.rate(report.rate))",
      "norm \(Figures.fixed(report.gradientNorm, places: 2))",
    ]
    let elapsed = Seconds.of(now - shown.at)
    if !isFirst, elapsed > 0 {
      let updates = Double(report.step + 1 - shown.step)
      parts.append("\(Figures.grouped(Int(Double(tokens - shown.tokens) / elapsed))) tok/s")
      if let flops, let share = limit.share(of: flops * updates / elapsed) {
        parts.append("\(Int((100 * share).rounded())) %")
      }
      let each = Seconds.of(now - start) / Double(report.step + 1 - first)
      parts.append(Seconds.text(each * Double(steps - report.step - 1)))
    }
    return parts.joined(separator: "  ")
  }

  /// What is printed at the end.
  mutating func summary() -> String {
    let time = Seconds.of(clock.now - start)
    let updates = run.step - first
    guard updates > 0, let last else { return "" }
    var text =
      "\(Figures.grouped(updates)) steps in \(Seconds.text(time)), "
      + "\(Figures.grouped(Int(Double(tokens - run.firstTokens) / max(time, 1e-9)))) tokens/s"
    let speed = (flops ?? 0) * Double(updates) / max(time, 1e-9)
    if flops != nil, let share = limit.share(of: speed), let best = limit.flops {
      text +=
        ", \(Figures.fixed(speed / 1e9, places: 1)) GFLOP/s, "
        + "\(Int((100 * share).rounded())) % of the \(Figures.fixed(best / 1e9, places: 1))"
        + " that multiply-adds alone reach here"
    }
    text += "\nlast loss \(Self.loss(last.loss))"
    if let best {
      text += ", best validation loss \(Self.loss(best.loss)) at step \(Figures.grouped(best.step))"
    }
    return text + "\n"
  }

  private static func loss(_ value: Double) -> String {
    value.isFinite ? Figures.fixed(value, places: 4) : "\(value)"
  }
}
