// ScheduleScaling: a `schedule` line for a run of another length, its shape kept.
// Offered and never applied: how long a warm-up lasts is the author's to decide.
import Analysis
import Diagnostics
import Dimensions
import Language
import Validation

/// The line that `--schedule` would take beside `--steps`.
struct ScheduleScaling {
  /// What stands after `schedule`, its counts of updates made longer or shorter with the run.
  let text: String

  /// `nil` where the line says nothing of the run's length, or not in plain numbers.
  ///
  /// - Parameters:
  ///   - loaded: the model with the section as it is written.
  ///   - overrides: what the command line changes.
  init?(_ loaded: LoadedModel, _ overrides: TrainingOverrides) {
    guard let new = overrides.steps, overrides.schedule == nil,
      let subject = loaded.ruleSubject, let train = subject.train,
      let old = PlanForecast(subject)?.steps, old > 0, new > 0, Double(new) != old
    else { return nil }
    for case .schedule(let phases, let convention, let range) in train.members {
      var edits: [(range: Range<Int>, text: String)] = []
      for phase in phases {
        // A tool's schedule takes arguments of its own, some of them updates and some not.
        guard !phase.kind.text.contains(".") else { return nil }
        let arguments = phase.arguments.filter { Self.counted.contains($0.label?.text ?? "") }
        for count in [phase.length, phase.until].compactMap({ $0 }) + arguments.map(\.value) {
          guard let found = Self.edits(count, by: Double(new) / old) else { return nil }
          edits += found
        }
      }
      guard !edits.isEmpty, let first = phases.first, let last = phases.last else { return nil }
      let lower = first.range.lower
      let upper = convention?.range.upper ?? last.range.upper
      let line = SourceRange(source: range.source, lower: lower, upper: upper)
      text = loaded.sources.text(in: line)
        .replacing(edits.map { ($0.range.moved(by: -lower), $0.text) })
        .split(whereSeparator: \.isWhitespace).joined(separator: " ")
      return
    }
    return nil
  }

  /// Arguments that count updates.
  private static let counted: Set<String> = ["every", "at", "period", "up", "down"]

  /// The scaled numbers of an expression; `nil` where it is none.
  private static func edits(
    _ count: Expression, by share: Double
  ) -> [(range: Range<Int>, text: String)]? {
    switch count.kind {
    case .integer(let number?, _):
      let scaled = Int(exactly: max((Double(number) * share).rounded(), number > 0 ? 1 : 0))
      guard let scaled else { return nil }
      return [(count.range.offsets, Figures.grouped(Dimension(scaled), by: "_"))]
    case .list(let elements):
      var edits: [(range: Range<Int>, text: String)] = []
      for element in elements {
        guard let found = Self.edits(element, by: share) else { return nil }
        edits += found
      }
      return edits
    default: return nil
    }
  }

  /// What is found of a schedule that was made for a run of another length.
  private static let rules: Set<String> = [
    "warmup-outlives-run", "decay-outlives-run", "decay-ends-early", "stair-never-reached",
    "schedule-runs-out", "rate-rises-again",
  ]

  /// Findings, the first of the schedule's with the line as advice.
  func advising(_ findings: [Diagnostic]) -> [Diagnostic] {
    guard let index = findings.firstIndex(where: { Self.rules.contains($0.id) }) else {
      return findings
    }
    var findings = findings
    findings[index].fixes = [
      FixIt(
        message: "`--steps` changes the run alone; --schedule \"\(text)\" keeps the shape",
        effect: .none)
    ]
    return findings
  }
}

extension Range<Int> {
  fileprivate func moved(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}
