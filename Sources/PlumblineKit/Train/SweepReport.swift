// SweepReport: the runs of a study side by side, the best of them, and what the rules say of the grid.
// A run is compared by its best validation loss, else by its last losses, as `review` compares.
import Analysis
import Diagnostics
import Foundation
import Validation

/// What a study found.
package struct SweepReport: Sendable {
  package let results: [SweepResult]
  /// The log of each of them, as far as it could be read.
  package let logs: [RunLog?]
  /// The runs that the grid has in all.
  package let count: Int
  package let findings: [Diagnostic]
  package let sources: SourceMap
  private let axes: [SweepAxis]
  /// The weights of each run's model, where the study changes how many are trained or trains few.
  private let counts: [SweepCounts]?

  /// - Parameters:
  ///   - results: of the runs that were made.
  ///   - sweep: the study.
  /// - Throws: ``UnreadableFile`` when a log is gone.
  package init(_ results: [SweepResult], of sweep: Sweep) throws(UnreadableFile) {
    self.results = results
    count = sweep.grid.points.count
    axes = sweep.grid.axes
    counts =
      sweep.isAdapted || Set(sweep.counts).count > 1
      ? Array(sweep.counts.prefix(results.count)) : nil
    var sources = SourceMap()
    var logs: [RunLog?] = []
    var found: [Diagnostic] = []
    for result in results {
      let path = result.folder.log
      let source = sources.add(path: path, text: try Workspace.read(path))
      let reader = RunLogReader(source, name: result.point.text, in: sources)
      found += reader.diagnostics
      logs.append(reader.log)
    }
    // Every run has rates of its own, so no single schedule is what they are held to.
    var plan = PlannedRun()
    plan.steps = logs.compactMap { $0?.lastStep }.max()
    found += ReviewBook.findings(in: ReviewSubject(logs.compactMap(\.self), plan: plan))
    if results.count == count {
      found += SweepEdges.findings(
        axes,
        results.indices.map { index in
          (results[index].point, results[index].isWhole ? logs[index]?.score : nil)
        })
    }
    self.sources = sources
    self.logs = logs
    findings = found
  }

  /// The run with the lowest score, and its place among the results.
  package var best: (index: Int, score: Double)? {
    results.indices.compactMap { index -> (index: Int, score: Double)? in
      guard results[index].isWhole, let score = logs[index]?.score, score.isFinite else {
        return nil
      }
      return (index, score)
    }.min { $0.score < $1.score }
  }

  // MARK: Text

  /// One row for each run.
  package var text: String {
    let trained = counts == nil ? [] : ["trained", "of all"]
    var table = TextTable(
      axes.map { _ in .left } + trained.map { _ in .right } + [.right, .right, .right, .left])
    table.add(axes.map(\.name) + trained + ["steps", "last loss", "validation", ""])
    let best = best
    for (index, result) in results.enumerated() {
      let log = logs[index]
      let validation = log?.best.map { entry in
        "\(Self.number(entry.validation)) at \(Figures.grouped(entry.step))"
      }
      table.add(
        result.point.choices.map(\.value) + (counts.map { Self.shares($0[index]) } ?? []) + [
          log.map { Figures.grouped($0.lastStep) } ?? "-", Self.number(log?.finalLoss),
          validation ?? "-", result.failure ?? (index == best?.index ? "best" : ""),
        ])
    }
    var lines = table.rendered
    if let best {
      lines += ["", "best: \(results[best.index].point.text), loss \(Self.number(best.score))"]
    }
    if results.count < count {
      lines += ["\(count - results.count) of \(count) runs are still to be made"]
    }
    return lines.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  /// `221,184` and `0.177 %`.
  private static func shares(_ counts: SweepCounts) -> [String] {
    let share = Double(counts.trained) / Double(max(counts.total, 1)) * 100
    return [Figures.grouped(counts.trained), Figures.fixed(share, places: 3) + " %"]
  }

  private static func number(_ value: Double?) -> String {
    guard let value else { return "-" }
    return value.isFinite ? Figures.fixed(value, places: 4) : value.isNaN ? "NaN" : "inf"
  }

  // MARK: JSON

  private struct Document: Encodable {
    struct Run: Encodable {
      let values: [String: String]
      let folder: String
      let trainedParameters: Int?
      let parameters: Int?
      let steps: Int?
      let lastLoss: Double?
      let bestValidationLoss: Double?
      let bestStep: Int?
      let failure: String?
    }

    struct Finding: Encodable {
      let id: String
      let severity: String
      let message: String
      let facts: [String]
    }

    let runs: [Run]
    let best: String?
    let missing: Int
    let findings: [Finding]
  }

  /// One object.
  package func json() -> String {
    let document = Document(
      runs: results.indices.map { index in
        let (result, log) = (results[index], logs[index])
        let values = result.point.choices.map { ($0.name, $0.value) }
        return Document.Run(
          values: Dictionary(values, uniquingKeysWith: { first, _ in first }),
          folder: result.folder.path, trainedParameters: counts?[index].trained,
          parameters: counts?[index].total, steps: log?.lastStep,
          lastLoss: log?.finalLoss.flatMap { $0.isFinite ? $0 : nil },
          bestValidationLoss: log?.best?.validation, bestStep: log?.best?.step,
          failure: result.failure)
      }, best: best.map { results[$0.index].folder.path }, missing: count - results.count,
      findings: findings.map { finding in
        Document.Finding(
          id: finding.id, severity: finding.severity.rawValue, message: finding.message,
          facts: finding.facts.map(\.text))
      })
    let encoder = JSONEncoder.report
    guard let data = try? encoder.encode(document) else {
      preconditionFailure("finite numbers and names can't be encoded")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

extension SweepResult {
  fileprivate var isWhole: Bool { failure == nil }

  /// Why there is no run, or none that is whole.
  fileprivate var failure: String? {
    guard case .failed(let failure) = end else { return nil }
    return failure.diagnostics.first?.message ?? "failed"
  }
}
