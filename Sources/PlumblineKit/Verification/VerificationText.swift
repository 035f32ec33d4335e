// VerificationText: the report as a table for people: one line a section, more where it differs.
// The JSON form needs no code: the report encodes itself.
import Analysis
import Diagnostics

/// The text form of a report.
package struct VerificationText {
  /// The most differences of one section that are printed.
  private static let shown = 10

  let report: VerificationReport
  let color: Bool

  package init(_ report: VerificationReport, color: Bool = false) {
    self.report = report
    self.color = color
  }

  /// The table, ending in a newline.
  package var text: String {
    var lines = [heading]
    lines += report.notes.map { "note: " + DisplayText.safe($0) }
    lines.append("")
    let titles = report.sections.map(\.title.count).max() ?? 0
    let groups = report.sections.map(\.group.count).max() ?? 0
    let counts = report.sections.map { count(of: $0).count }.max() ?? 0
    var last = ""
    for section in report.sections where section.checked > 0 || section.note != nil {
      let group = section.group == last ? "" : section.group
      last = section.group
      lines.append(
        line(
          padded(group, groups), padded(section.title, titles), section,
          leading(count(of: section), counts)))
      lines += differences(of: section)
    }
    return (lines + ["", verdict]).map { $0 + "\n" }.joined()
  }

  private var heading: String {
    let sizes = report.sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    let at = sizes.isEmpty ? "" : " at " + sizes.joined(separator: ", ")
    return paint(DisplayText.safe(report.model), "1") + DisplayText.safe(at)
      + ", seed \(report.seed)"
  }

  private func count(of section: VerificationSection) -> String {
    guard section.checked > 0 else { return "-" }
    // `23 of 28 agree`, and `5 of 28 differ`.
    let part = section.differing == 0 ? section.checked : section.differing
    return "\(Figures.grouped(part)) of \(Figures.grouped(section.checked))"
  }

  private func line(
    _ group: String, _ title: String, _ section: VerificationSection, _ count: String
  ) -> String {
    let verdict =
      section.checked == 0
      ? "      " : section.differing == 0 ? paint("agree ", "32") : paint("differ", "1;31")
    let note = section.note.map { "  " + DisplayText.safe($0) } ?? ""
    return DisplayText.trimmed("  \(group)  \(title)  \(count) \(verdict)\(note)")
  }

  private func differences(of section: VerificationSection) -> [String] {
    let found = section.differences
    var lines: [String] = []
    for item in found.prefix(VerificationText.shown) {
      lines.append("    " + paint("differs: ", "1;31") + DisplayText.safe(item.name))
      lines.append("      predicted  " + DisplayText.safe(item.predicted))
      lines.append("      observed   " + DisplayText.safe(item.observed))
    }
    let rest = section.differing - min(found.count, VerificationText.shown)
    if rest > 0 { lines.append("    and \(Figures.grouped(rest)) more") }
    return lines
  }

  private var verdict: String {
    let items = Figures.grouped(report.checked)
    if report.agrees {
      return paint("verified", "1;32") + ": \(items) items, and everything was as predicted"
    }
    return paint("refuted", "1;31")
      + ": \(Figures.grouped(report.differing)) of \(items) items differ from the prediction"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func leading(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func paint(_ text: String, _ code: String) -> String {
    color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
