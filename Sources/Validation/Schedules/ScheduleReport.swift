// ScheduleReport: one schedule over one run, as text and as data.
// The only file of schedules with Foundation, for its JSON.
import Analysis
import Diagnostics
import Foundation
import Schedules

/// What `plumbline schedule` prints about one schedule.
package struct ScheduleReport {
  package var name: String
  package var audit: ScheduleAudit
  /// How the number of steps was chosen, where the plan does not say.
  package var note: String?
  /// How many steps are drawn and listed.
  package var shown: Int

  /// More rates than this are not listed one by one.
  package static var longestListing: Int { 100_000 }

  package init(name: String, audit: ScheduleAudit, shown: Int? = nil, note: String? = nil) {
    self.name = name
    self.audit = audit
    self.note = note
    self.shown = max(shown ?? audit.steps, 1)
  }

  private var schedule: Schedule { audit.schedule }

  /// `warmup → cosine`.
  package var phases: String {
    schedule.names.isEmpty ? "constant" : schedule.names.joined(separator: " → ")
  }

  /// The line of a plot.
  package var series: RateSeries {
    let pieces = schedule.pieces(until: shown) ?? []
    return RateSeries(
      name: name, steps: shown, corners: pieces.map(\.steps.lowerBound),
      leaps: Set(pieces.filter(\.leapsByDesign).map(\.steps.lowerBound)), rate: lookup)
  }

  /// Rates that follow from one another are computed once.
  private var lookup: (Int) -> Double {
    let schedule = schedule
    guard case .everyStep = audit.evidence, shown <= ScheduleAudit.longestEvaluation else {
      return { schedule.rate(at: $0) }
    }
    let rates = schedule.rates(shown)
    return { rates.indices.contains($0) ? rates[$0] : schedule.rate(at: $0) }
  }

  // MARK: Text

  /// The whole report for a terminal.
  package var text: String {
    var lines = ["\(name): \(phases), counted as \(schedule.convention.rawValue) does"]
    lines.append(
      "  peak \(RateText.rate(schedule.peak))"
        + (schedule.floor.map { ", floor \(RateText.rate($0))" } ?? "")
        + ", \(RateText.steps(audit.steps)) steps" + (note.map { " (\($0))" } ?? ""))
    lines.append("")
    let rate = lookup
    lines += RateDrawing().lines(rate, steps: shown, highest: audit.highest).map { "  " + $0 }
    lines.append("")
    lines += table(rate)
    lines.append("")
    let width = audit.claims.map(\.verdict.rawValue.count).max() ?? 0
    for claim in audit.claims {
      let verdict = claim.verdict.rawValue
      lines.append(
        "  " + verdict + String(repeating: " ", count: width - verdict.count + 2) + claim.text)
    }
    lines.append("  \(audit.evidenceText)")
    return lines.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  /// The rates at the ends of the phases and evenly between.
  private func table(_ rate: (Int) -> Double) -> [String] {
    var chosen: Set<Int> = [0, audit.steps - 1, audit.highestStep]
    for joint in schedule.joints.prefix(4) where joint < shown { chosen.insert(joint) }
    for quarter in 1...3 { chosen.insert(audit.steps * quarter / 4) }
    if shown > audit.steps { chosen.insert(shown - 1) }
    let steps = chosen.filter { (0..<shown).contains($0) }.sorted()
    let cells = steps.map { (RateText.steps($0), RateText.rate(rate($0))) }
    let widths = cells.map { max($0.0.count, $0.1.count) }
    func row(_ title: String, _ texts: [String]) -> String {
      "  " + title
        + zip(texts, widths).map { text, width in
          "  " + String(repeating: " ", count: width - text.count) + text
        }.joined()
    }
    return [row("step", cells.map(\.0)), row("rate", cells.map(\.1))]
  }
}

// MARK: - JSON

extension ScheduleReport {
  private struct Document: Encodable {
    struct Claim: Encodable {
      let id: String
      let verdict: String
      let text: String
      let step: Int?
    }

    let name: String
    let phases: [String]
    let convention: String
    let peak: Double
    let floor: Double?
    let end: Int?
    let steps: Int
    let evidence: String
    let claims: [Claim]
    let stride: Int
    let rates: [Double?]
  }

  private var document: Document {
    let stride = max(1, (shown + Self.longestListing - 1) / Self.longestListing)
    let rates: [Double?]
    if stride == 1 {
      rates = schedule.rates(shown).map { $0.isFinite ? $0 : nil }
    } else {
      let rate = lookup
      rates = Swift.stride(from: 0, to: shown, by: stride).map { rate($0) }
        .map { $0.isFinite ? $0 : nil }
    }
    return Document(
      name: name, phases: schedule.names, convention: schedule.convention.rawValue,
      peak: schedule.peak, floor: schedule.floor, end: schedule.end, steps: audit.steps,
      evidence: audit.evidenceText,
      claims: audit.claims.map {
        .init(id: $0.about, verdict: $0.verdict.rawValue, text: $0.text, step: $0.step)
      }, stride: stride, rates: rates)
  }

  private struct Documents: Encodable {
    let schedules: [Document]
  }

  /// Several reports as one document: `rates[i]` is the rate of step `i · stride`.
  package static func json(_ reports: [ScheduleReport]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(Documents(schedules: reports.map(\.document))) else {
      preconditionFailure("numbers and names can't be encoded")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
