// PlanStretch: the `train` section of a longer round, by the tuning playbook's rule.
// Writes text from text: what the rule leaves alone stays as its author wrote it.
import Analysis
import Diagnostics
import Dimensions
import Language
import Validation

/// Why a plan can't be stretched.
package struct StretchRefusal: Error, Hashable, Sendable {
  /// One line, lower case, without a full stop.
  package let message: String
}

/// A plan for a round of more updates.
///
/// A linear decay keeps its length behind a longer constant rate; a cosine keeps its peak and ends
/// later; warm-up keeps its length. Nothing is said of other schedules, so they are refused.
package struct PlanStretch: Sendable {
  /// The new section in the one layout.
  package let text: String

  /// - Parameters:
  ///   - loaded: a sound model with a `train` section.
  ///   - factor: how many times longer the round is, above 1.
  /// - Throws: ``StretchRefusal`` when the rule says nothing of the plan.
  package init(_ loaded: LoadedModel, by factor: Double) throws(StretchRefusal) {
    guard let subject = loaded.ruleSubject, let train = subject.train,
      let plan = subject.model.plan, let forecast = PlanForecast(subject)
    else { throw StretchRefusal(message: "there is no `train` section") }
    guard let steps = forecast.steps, let old = Int(exactly: steps.rounded(.up)), old > 0,
      let new = Int(exactly: (steps * factor).rounded(.up))
    else {
      throw StretchRefusal(
        message: "the length of the run is not known: give `steps`, or `data` and `batch`")
    }
    var lines: [String] = []
    var dropped: [String] = []
    var hasLength = false
    for member in train.members {
      switch member {
      case .length:
        lines.append("steps \(PlanStretch.grouped(new))")
        hasLength = true
      case .schedule(let phases, let convention, _):
        let schedule = try PlanStretch.schedule(
          plan, phases, from: old, to: new, sources: loaded.sources)
        lines.append("schedule " + schedule + (convention.map { " as \($0.text)" } ?? ""))
      case .expect(let claim) where PlanStretch.isAboutLength(claim):
        dropped.append(loaded.sources.text(in: member.range))
      default: lines.append(loaded.sources.text(in: member.range))
      }
    }
    if !hasLength { lines.insert("steps \(PlanStretch.grouped(new))", at: 0) }
    let header =
      PlanStretch.comment(factor, old: old, new: new, plan)
      + dropped.map { "// Left out, since it speaks of the shorter round: \($0)" }
    text = PlanStretch.formatted(
      header.map { $0 + "\n" }.joined() + "train \(train.model.text) {\n"
        + lines.map { "  \($0)\n" }.joined() + "}\n")
  }

  private static func isAboutLength(_ claim: Expectation) -> Bool {
    let words = claim.words.map(\.text).joined(separator: " ")
    return ["steps", "rate", "tokens per parameter", "warm up"].contains(words)
  }

  private static func comment(
    _ factor: Double, old: Int, new: Int, _ plan: TrainingPlan
  ) -> [String] {
    let times = Figures.fixed(factor, places: factor.rounded() == factor ? 0 : 2)
    return [
      "// \(times.hasSuffix(".0") ? String(times.dropLast(2)) : times) times longer:"
        + " \(grouped(old)) updates become \(grouped(new)).",
      "// Warm-up and initialisation very likely carry over, the architecture likely; the optimiser,",
      "// augmentation and regularisation maybe; the rates hardly, so tune the peak again.",
    ]
  }

  // MARK: Schedules

  /// The phases of the longer round.
  private static func schedule(
    _ plan: TrainingPlan, _ phases: [SchedulePhase], from old: Int, to new: Int, sources: SourceMap
  ) throws(StretchRefusal) -> String {
    guard phases.count == plan.schedule.count else {
      throw StretchRefusal(message: "the `schedule` line has mistakes")
    }
    var parts: [String] = []
    for (index, (phase, planned)) in zip(phases, plan.schedule).enumerated() {
      let isLast = index == phases.count - 1
      let text = sources.text(in: phase.range)
      switch planned.kind {
      case "warmup" where !isLast: parts.append(text)
      case "constant" where isLast: parts.append("constant")
      // The stretch before a decay takes up the difference, so it is written with the decay.
      case "constant": continue
      case "linear" where isLast:
        let end = planned.end ?? old
        let before = new - old + planned.start - (parts.isEmpty ? 0 : plan.schedule[0].end ?? 0)
        parts.append("constant \(grouped(before)) steps")
        parts.append("linear\(floor(phase, sources)) at step \(grouped(end + new - old))")
      case "cosine" where isLast:
        let start = planned.start
        guard index < 1 || plan.schedule[index - 1].kind != "constant" else {
          throw unknown("cosine after a constant rate")
        }
        let end = Double((planned.end ?? old) - start) * Double(new - start)
        parts.append(
          "cosine\(floor(phase, sources)) at step"
            + " \(grouped(start + Int((end / Double(max(old - start, 1))).rounded())))")
      default: throw unknown("`\(planned.kind)`")
      }
    }
    return parts.enumerated().map { ($0 > 0 ? "then " : "") + $1 }.joined(separator: ", ")
  }

  private static func unknown(_ what: String) -> StretchRefusal {
    StretchRefusal(
      message: "the rule speaks of linear and cosine decays and of constant rates, not of \(what)")
  }

  /// ` from 1e-4 to 6e-5`, as written.
  private static func floor(_ phase: SchedulePhase, _ sources: SourceMap) -> String {
    (phase.from.map { " from " + sources.text(in: $0.range) } ?? "")
      + (phase.to.map { " to " + sources.text(in: $0.range) } ?? "")
  }

  private static func grouped(_ count: Int) -> String {
    Figures.grouped(Dimension(count), by: "_")
  }

  private static func formatted(_ text: String) -> String {
    var sources = SourceMap()
    let source = sources.add(path: "stretched", text: text)
    let (syntax, found) = Parser.parse(source, in: sources)
    return found.contains { $0.severity == .error } ? text : Formatter.format(syntax, sources)
  }
}
