// ReviewReport: finished runs as their logs show them, and what the rules find in them.
// Joins the reader, the plan of a model file and the rules; the command prints it.
import Analysis
import Diagnostics
import Dimensions
import Foundation
import IR
import Language
import Validation

/// The report of `plumbline review`.
package struct ReviewReport: Sendable {
  package let logs: [RunLog]
  package let sources: SourceMap
  package let diagnostics: [Diagnostic]
  package let plan: PlannedRun

  /// Reads logs and judges them.
  ///
  /// - Parameters:
  ///   - paths: JSON Lines or CSV files, or folders of runs; `-` reads standard input.
  ///   - plan: what the runs were planned to be; nil takes the model file that
  ///     `plumbline train` kept beside the first.
  ///   - vocabulary: classes that the loss chooses among, where the plan does not say.
  ///   - clip: the norm that gradients are cut to, where the plan does not say.
  ///   - read: gives the text of a path.
  /// - Throws: ``UnreadableFile`` for the first file that can't be read.
  package init(
    _ paths: [String], plan: PlannedRun?, vocabulary: Int? = nil, clip: Double? = nil,
    read: (String) throws(UnreadableFile) -> String = Workspace.read
  ) throws(UnreadableFile) {
    let read = try RunLogs(paths, read: read)
    var plan = plan ?? read.plannedRun ?? PlannedRun()
    plan.vocabulary = vocabulary ?? plan.vocabulary
    plan.clip = clip ?? plan.clip
    self.plan = plan
    logs = read.logs
    sources = read.sources
    diagnostics =
      read.diagnostics + ReviewBook.findings(in: ReviewSubject(read.logs, plan: plan))
  }

  // MARK: Text

  /// One row for each run.
  package var text: String {
    var table = TextTable([.left, .right, .right, .right, .right, .left])
    table.add(["run", "steps", "peak rate", "first loss", "last loss", "best validation"])
    for log in logs {
      let first = log.entries.first { $0.loss != nil }?.loss
      let best = log.best.map { entry in
        let share = Double(entry.step) / Double(max(plan.steps ?? log.lastStep, 1))
        return "\(ReviewReport.number(entry.validation)) at \(Figures.grouped(entry.step)),"
          + " \(RateText.percent(share))"
      }
      table.add([
        log.name, Figures.grouped(log.lastStep), log.peak.map { RateText.rate($0) } ?? "-",
        ReviewReport.number(first), ReviewReport.number(log.finalLoss), best ?? "-",
      ])
    }
    var lines = table.rendered
    let undecided = open
    if !undecided.isEmpty { lines += [""] + undecided.map { "undecided: \($0)" } }
    return lines.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  /// What the logs do not say.
  package var open: [String] {
    var open: [String] = []
    if logs.contains(where: { $0.validations < 10 }) {
      open.append("whether the best step comes early or late: fewer than ten validation losses")
    }
    if plan.rate == nil {
      open.append("whether the rates are the planned ones: no plan, see --plan")
    } else if logs.contains(where: { $0.peak == nil }) {
      open.append("whether the rates are the planned ones: a log has none")
    }
    if plan.clip == nil || logs.allSatisfy({ log in log.entries.allSatisfy { $0.norm == nil } }) {
      open.append(
        "how many updates were clipped: "
          + (plan.clip == nil ? "no threshold, see --clip" : "no gradient norms"))
    }
    if plan.vocabulary == nil {
      open.append("whether the first loss is that of guessing: no vocabulary, see --vocab")
    }
    return open
  }

  private static func number(_ value: Double?) -> String {
    guard let value else { return "-" }
    return value.isFinite ? Figures.fixed(value, places: 4) : value.isNaN ? "NaN" : "inf"
  }

  // MARK: JSON

  private struct Document: Encodable {
    struct Run: Encodable {
      let name: String
      let lines: Int
      let lastStep: Int
      let peakRate: Double?
      let finalLoss: Double?
      let bestStep: Int?
      let bestValidationLoss: Double?
    }

    struct Finding: Encodable {
      let id: String
      let severity: String
      let message: String
      let file: String?
      let line: Int?
      let facts: [String]
    }

    let runs: [Run]
    let findings: [Finding]
    let undecided: [String]
  }

  /// One object.
  package func json() -> String {
    let document = Document(
      runs: logs.map { log in
        Document.Run(
          name: log.name, lines: log.entries.count, lastStep: log.lastStep, peakRate: log.peak,
          finalLoss: log.finalLoss.flatMap { $0.isFinite ? $0 : nil }, bestStep: log.best?.step,
          bestValidationLoss: log.best?.validation)
      },
      findings: diagnostics.map { finding in
        Document.Finding(
          id: finding.id, severity: finding.severity.rawValue, message: finding.message,
          file: finding.range.map { sources[$0.source].path },
          line: finding.range.map { sources[$0.source].position(ofUTF8Offset: $0.lower).line },
          facts: finding.facts.map(\.text))
      }, undecided: open)
    let encoder = JSONEncoder.report
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("finite numbers and names can't be encoded")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

extension LoadedModel {
  /// What the runs of the model's plan were to be.
  package var plannedRun: PlannedRun {
    var planned = PlannedRun()
    guard let model else { return planned }
    let program = model.program
    if let entry = program.entry,
      let place = program[entry].outputNames.firstIndex(of: "logits")
    {
      planned.vocabulary =
        program[entry].type(of: program[entry].outputs[place]).shape.last?
        .constant
    }
    if let totals = try? ParameterLedger(program).totals { planned.startsAnew = totals.frozen == 0 }
    guard let plan = model.plan else { return planned }
    if !plan.schedule.isEmpty, let schedule = plan.trainingSchedule {
      planned.rate = { schedule.rate(at: $0) }
    }
    planned.clip = plan.clip
    if let steps = ruleSubject.flatMap({ PlanForecast($0) })?.steps {
      planned.steps = Int(exactly: steps.rounded(.up))
    }
    planned.isUnscaledHalf = plan.precision.map { $0.element == .f16 && !$0.isScaled } ?? false
    return planned
  }
}
