// MemoryPlot: the bytes of a planned step as a picture: areas over the schedule, stacked by use.
// Plain text in, plain text out; where the file goes is the caller's business.
import Diagnostics

/// An SVG of a memory report.
package struct MemoryPlot: Sendable {
  private static let width = 1000.0
  private static let height = 560.0
  private static let left = 78.0
  private static let right = 978.0
  private static let top = 96.0
  private static let bottom = 480.0
  /// The most columns that are drawn: more would be thinner than a pixel of most screens.
  private static let columnLimit = 1200

  private let report: MemoryReport
  /// For each column, the step that it shows: the one that holds most of those it stands for.
  private let columns: [Int]
  private let scale: PlotScale
  private let unit: ByteUnit

  package init(_ report: MemoryReport) {
    self.report = report
    let totals = MemoryPlot.totals(of: report)
    columns = MemoryPlot.columns(of: totals)
    unit = report.unit
    scale = PlotScale(
      top: max(report.schedule.arenaBytes, report.peakBytes), unit: report.unit.decimalSize)
  }

  /// The document.
  package var svg: String {
    var parts = SVG.head(heading, description, height: Self.height)
    parts += legend + phases + grid + areas + arena + peak
    return parts.map { $0 + "\n" }.joined() + "</svg>\n"
  }

  private var heading: String {
    "\(report.title): arena of \(unit.decimalText(report.schedule.arenaBytes)) \(unit.decimal) "
      + "(\(unit.binaryText(report.schedule.arenaBytes)) \(unit.binary))"
  }

  private var description: String {
    let steps = report.schedule.steps.count
    return "bytes alive during one training step, \(Figures.grouped(steps)) "
      + "operation\(steps == 1 ? "" : "s") in the order in which they run"
  }

  // MARK: Data

  private static func totals(of report: MemoryReport) -> [Int] {
    var totals = [Int](repeating: 0, count: max(report.schedule.steps.count, 1))
    for level in report.levels.values {
      for (step, bytes) in level.enumerated() { totals[step] += bytes }
    }
    return totals
  }

  private static func columns(of totals: [Int]) -> [Int] {
    let count = min(totals.count, columnLimit)
    return (0..<count).map { column in
      let range = column * totals.count / count..<(column + 1) * totals.count / count
      return range.max { totals[$0] < totals[$1] } ?? range.lowerBound
    }
  }

  // MARK: Places

  /// The left edge of a column; that of the one behind the last is the right edge of the plot.
  private func x(_ column: Int) -> Double {
    Self.left + (Self.right - Self.left) * Double(column) / Double(max(columns.count, 1))
  }

  /// The place of a step, whichever column shows it.
  private func x(ofStep step: Int) -> Double {
    let count = Double(max(report.schedule.steps.count, 1))
    return Self.left + (Self.right - Self.left) * Double(step) / count
  }

  private func y(_ bytes: Int) -> Double {
    Self.bottom - (Self.bottom - Self.top) * Double(bytes) / scale.top
  }

  // MARK: Parts

  private var uses: [MemoryUse] { MemoryUse.allCases.filter { report.levels[$0] != nil } }

  private var legend: [String] {
    var x = 24.0
    return uses.flatMap { use -> [String] in
      let start = x
      x += 30 + 7.2 * Double(use.rawValue.count)
      return [
        #"<rect x="\#(SVG.number(start))" y="68" width="12" height="12" rx="2" fill="\#(use.color)"/>"#,
        SVG.text(use.rawValue, start + 17, 79, ##"font-size="12" fill="#24292f""##),
      ]
    }
  }

  /// The passes in the order in which they run.
  ///
  /// Weights that are updated as soon as their gradients are there belong to the backward pass:
  /// bands as narrow as theirs would hide the picture.
  private var bands: [(name: String, steps: Range<Int>)] {
    let steps = report.schedule.steps
    var result: [(name: String, steps: Range<Int>)] = []
    let last = steps.lastIndex { $0.phase == .backward } ?? -1
    let isMixed = steps.prefix(last + 1).contains { $0.phase == .update }
    for (index, step) in steps.enumerated() {
      let isInside = index <= last && step.phase != .forward
      let name = isInside && isMixed ? "backward and updates" : step.phase.rawValue
      if let previous = result.last, previous.name == name {
        result[result.count - 1].steps = previous.steps.lowerBound..<index + 1
      } else {
        result.append((name, index..<index + 1))
      }
    }
    return result
  }

  /// Alternating bands under the areas, and their names.
  private var phases: [String] {
    bands.enumerated().flatMap { index, run -> [String] in
      let (start, end) = (x(ofStep: run.steps.lowerBound), x(ofStep: run.steps.upperBound))
      var parts = [
        #"<rect class="phase" x="\#(SVG.number(start))" y="\#(SVG.number(Self.top))" "#
          + #"width="\#(SVG.number(end - start))" height="\#(SVG.number(Self.bottom - Self.top))" "#
          + #"fill="\#(index % 2 == 0 ? "#f6f8fa" : "#eaeef2")"/>"#
      ]
      if index > 0 {
        parts.append(
          SVG.line(start, Self.top, start, Self.bottom + 8, ##"stroke="#8c959f""##))
      }
      // A name needs room; a run of a few operations between others gets none.
      if end - start >= 7.5 * Double(run.name.count) {
        parts.append(
          SVG.text(
            run.name, (start + end) / 2, Self.bottom + 22,
            ##"text-anchor="middle" fill="#24292f""##))
      }
      return parts
    }
  }

  private var grid: [String] {
    scale.ticks.flatMap { tick -> [String] in
      let y = Self.bottom - (Self.bottom - Self.top) * tick / scale.top
      return [
        SVG.line(Self.left, y, Self.right, y, ##"stroke="#d0d7de" stroke-width="0.6""##),
        SVG.text(
          "\(scale.label(tick)) \(unit.decimal)", Self.left - 8, y + 4,
          ##"text-anchor="end" font-size="12" fill="#57606a""##),
      ]
    }
  }

  private var areas: [String] {
    var lower = [Int](repeating: 0, count: columns.count)
    return uses.map { use in
      let level = report.levels[use] ?? []
      let upper = zip(columns, lower).map { $1 + level[$0] }
      defer { lower = upper }
      return #"<path class="area" fill="\#(use.color)" d="\#(outline(lower, upper))">"#
        + "<title>\(SVG.escaped(use.rawValue))</title></path>"
    }
  }

  /// Steps along the upper edge and back along the lower one.
  private func outline(_ lower: [Int], _ upper: [Int]) -> String {
    var path = "M\(SVG.number(x(0))) \(SVG.number(y(lower.first ?? 0)))"
    for column in columns.indices {
      if column == 0 || upper[column] != upper[column - 1] {
        path += "V\(SVG.number(y(upper[column])))"
      }
      if column + 1 == columns.count || upper[column + 1] != upper[column] {
        path += "H\(SVG.number(x(column + 1)))"
      }
    }
    for column in columns.indices.reversed() {
      if column + 1 == columns.count || lower[column] != lower[column + 1] {
        path += "V\(SVG.number(y(lower[column])))"
      }
      if column == 0 || lower[column - 1] != lower[column] {
        path += "H\(SVG.number(x(column)))"
      }
    }
    return path + "Z"
  }

  /// The size of the arena: what alignment and gaps add stands between it and the peak.
  private var arena: [String] {
    let y = y(report.schedule.arenaBytes)
    return [
      SVG.line(
        Self.left, y, Self.right, y, ##"stroke="#24292f" stroke-dasharray="5 4""##),
      SVG.line(Self.left, Self.bottom, Self.right, Self.bottom, ##"stroke="#24292f""##),
    ]
  }

  private var peak: [String] {
    guard let step = report.peakStep else { return [] }
    let (x, y) = ((x(ofStep: step) + x(ofStep: step + 1)) / 2, y(report.peakBytes))
    let isLeft = x < (Self.left + Self.right) / 2
    let label =
      "peak \(unit.decimalText(report.peakBytes)) \(unit.decimal) at "
      + report.schedule.steps[step].name
    return [
      SVG.line(x, y, x, Self.bottom + 34, ##"stroke="#cf222e" stroke-width="1.2""##),
      ##"<circle cx="\##(SVG.number(x))" cy="\##(SVG.number(y))" r="4" fill="#cf222e"/>"##,
      SVG.text(
        label, isLeft ? max(x - 6, Self.left) : min(x + 6, Self.right), Self.bottom + 50,
        ##"text-anchor="\##(isLeft ? "start" : "end")" font-weight="600" fill="#cf222e""##),
    ]
  }
}

/// Round numbers along an axis of bytes.
private struct PlotScale: Hashable {
  /// The bytes at the upper end.
  let top: Double
  let ticks: [Double]
  private let unit: Double
  private let step: Double

  /// - Parameters:
  ///   - bytes: that must have room.
  ///   - unit: bytes of the unit in which ticks are numbered.
  init(top bytes: Int, unit: Double) {
    let most = max(Double(bytes), 1) * 1.04
    var step = 1.0
    // About six ticks at 1, 2 or 5 times a power of ten.
    while step * 10 * 6 <= most { step *= 10 }
    if let better = [2.0, 5.0, 10.0].first(where: { step * $0 * 6 > most }) { step *= better }
    self.unit = unit
    self.step = step
    top = most
    ticks = (0...6).map { Double($0) * step }.filter { $0 <= most }
  }

  /// `0.5`, `250`.
  func label(_ bytes: Double) -> String {
    let places = step >= unit ? 0 : step * 10 >= unit ? 1 : step * 100 >= unit ? 2 : 3
    return places == 0
      ? Figures.fixed(bytes / unit, places: 1).replacing(".0", with: "")
      : Figures.fixed(bytes / unit, places: places)
  }
}

extension MemoryUse {
  /// Tones that stay apart for most eyes: cold for what lives throughout, warm for what passes.
  fileprivate var color: String {
    switch self {
    case .weights: "#0b4f8a"
    case .optimiser: "#4393c3"
    case .inputs: "#a6cee3"
    case .gradients: "#1b7837"
    case .sums: "#7fbf7b"
    case .kept: "#f0a202"
    case .working: "#e8702a"
    case .workspace: "#7b5ea7"
    }
  }
}
