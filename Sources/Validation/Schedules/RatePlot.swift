// RatePlot: several schedules over one another as a picture, with axes, numbers and a legend.
// Plain text in, plain text out; where the file goes is the caller's business.
import Analysis
import Diagnostics

/// One line of a plot.
package struct RateSeries {
  package var name: String
  package var steps: Int
  /// The steps at which the line must have a point: where pieces begin and end.
  package var corners: [Int]
  /// The steps at which the rate leaps by rule, and is drawn as a stair.
  package var leaps: Set<Int>
  package var rate: (Int) -> Double

  package init(
    name: String, steps: Int, corners: [Int], leaps: Set<Int>, rate: @escaping (Int) -> Double
  ) {
    self.name = name
    self.steps = steps
    self.corners = corners
    self.leaps = leaps
    self.rate = rate
  }
}

/// An SVG of schedules.
package struct RatePlot {
  private static let width = 1000.0
  private static let left = 92.0
  private static let right = 976.0
  private static let plotHeight = 400.0
  private let title: String
  private let series: [RateSeries]
  private let x: AxisScale
  private let y: AxisScale
  private let top: Double
  private let legendRows: [[Int]]
  /// For each line, which pattern of dashes it has: one that covers others lets them be seen.
  private let patterns: [Int]

  package init(title: String, _ series: [RateSeries]) {
    self.title = title
    self.series = series
    let steps = series.map(\.steps).max() ?? 1
    x = AxisScale(from: 0, to: Double(max(steps - 1, 1)), ticks: 8)
    let rates = series.flatMap { line in
      Self.points(of: line).map { line.rate($0) }.filter(\.isFinite)
    }
    let (low, high) = (min(rates.min() ?? 0, 0), rates.max() ?? 1)
    y = AxisScale(from: low, to: high + (high - low) * 0.04, ticks: 6)
    legendRows = Self.rows(of: series)
    patterns = Self.patterns(of: series, range: high - low)
    top = 76 + 22 * Double(legendRows.count)
  }

  private var bottom: Double { top + Self.plotHeight }

  /// The document.
  package var svg: String {
    var parts = SVG.head(title, description, height: bottom + 66)
    parts += legend + grid + lines + axes
    return parts.map { $0 + "\n" }.joined() + "</svg>\n"
  }

  private var description: String {
    let steps = series.map(\.steps).max() ?? 1
    return "learning rate at each of \(Figures.grouped(steps)) updates, counted from 0"
  }

  // MARK: Places

  private func x(_ step: Double) -> Double {
    Self.left + (Self.right - Self.left) * step / x.upper
  }

  private func y(_ rate: Double) -> Double {
    bottom - Self.plotHeight * (rate - y.lower) / (y.upper - y.lower)
  }

  /// The steps that are drawn: all of few, and about two a pixel of many, with every corner.
  private static func points(of line: RateSeries) -> [Int] {
    let limit = 1600
    guard line.steps > limit else { return Array(0..<line.steps) }
    let even = (0...limit).map {
      Int((Double(line.steps - 1) * Double($0) / Double(limit)).rounded())
    }
    let corners = line.corners.prefix(2_000).flatMap { [$0 - 1, $0] }
      .filter { (0..<line.steps).contains($0) }
    return Array(Set(even + corners)).sorted()
  }

  // MARK: Parts

  private static func rows(of series: [RateSeries]) -> [[Int]] {
    var rows: [[Int]] = [[]]
    var used = 0.0
    for (index, line) in series.enumerated() {
      let width = legendWidth(line.name)
      if used + width > Self.width - 48, !(rows.last?.isEmpty ?? true) {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(index)
      used += width
    }
    return rows
  }

  private static func legendWidth(_ name: String) -> Double {
    54 + 7.4 * Double(DisplayText.safe(name).count)
  }

  /// Whole lines where they go alone; dashes over each line that they cover for a fifth of the way.
  private static func patterns(of series: [RateSeries], range: Double) -> [Int] {
    let samples = series.map { line in
      (0..<101).map { line.rate(max(line.steps - 1, 0) * $0 / 100) }
    }
    var patterns: [Int] = []
    for index in series.indices {
      let covered = (0..<index).filter { other in
        series[other].steps == series[index].steps
          && zip(samples[other], samples[index]).count {
            ($0 - $1).magnitude <= range * 0.004
          } > 20
      }
      let used = covered.map { patterns[$0] }.max()
      patterns.append(used.map { $0 + 1 } ?? index / SVG.colors.count)
    }
    return patterns
  }

  private func style(_ index: Int) -> String {
    let dash = SVG.dashes[patterns[index] % SVG.dashes.count]
    return #"stroke="\#(SVG.colors[index % SVG.colors.count])" stroke-width="2" fill="none""#
      + (dash.isEmpty ? "" : #" stroke-dasharray="\#(dash)""#)
  }

  private var legend: [String] {
    legendRows.enumerated().flatMap { row, indices -> [String] in
      var start = 24.0
      let middle = 76 + 22 * Double(row)
      return indices.flatMap { index -> [String] in
        let place = start
        start += Self.legendWidth(series[index].name)
        return [
          SVG.line(place, middle - 4, place + 26, middle - 4, style(index)),
          SVG.text(
            series[index].name, place + 33, middle, ##"font-size="13" fill="#24292f""##),
        ]
      }
    }
  }

  private var grid: [String] {
    y.ticks.flatMap { tick -> [String] in
      let place = y(tick)
      return [
        SVG.line(Self.left, place, Self.right, place, ##"stroke="#d0d7de" stroke-width="0.6""##),
        SVG.text(
          RateText.rate(tick), Self.left - 8, place + 4,
          ##"text-anchor="end" font-size="12" fill="#57606a""##),
      ]
    }
      + x.ticks.filter { $0 == $0.rounded() }.flatMap { tick -> [String] in
        let place = x(tick)
        return [
          SVG.line(place, top, place, bottom + 5, ##"stroke="#d0d7de" stroke-width="0.6""##),
          SVG.text(
            Figures.grouped(Int(tick)), place, bottom + 20,
            ##"text-anchor="middle" font-size="12" fill="#57606a""##),
        ]
      }
  }

  private var axes: [String] {
    let middle = SVG.number((top + bottom) / 2)
    return [
      SVG.line(Self.left, bottom, Self.right, bottom, ##"stroke="#24292f""##),
      SVG.line(Self.left, top, Self.left, bottom, ##"stroke="#24292f""##),
      SVG.text(
        "step (optimiser update)", (Self.left + Self.right) / 2, bottom + 46,
        ##"text-anchor="middle" fill="#24292f""##),
      ##"<text x="22" y="\##(middle)" transform="rotate(-90 22 \##(middle))" "##
        + ##"text-anchor="middle" fill="#24292f">learning rate</text>"##,
    ]
  }

  private var lines: [String] {
    series.enumerated().map { index, line in
      var path = ""
      var isDrawn = false
      for step in Self.points(of: line) {
        let rate = line.rate(step)
        guard rate.isFinite else {
          isDrawn = false
          continue
        }
        if isDrawn, line.leaps.contains(step), step > 0 {
          path += "L" + SVG.number(x(Double(step))) + " " + SVG.number(y(line.rate(step - 1)))
        }
        path +=
          (isDrawn ? "L" : "M") + SVG.number(x(Double(step))) + " " + SVG.number(y(rate))
        isDrawn = true
      }
      return ##"<path class="rate" \##(style(index)) stroke-linejoin="round" d="\##(path)">"##
        + "<title>\(SVG.escaped(line.name))</title></path>"
    }
  }
}
