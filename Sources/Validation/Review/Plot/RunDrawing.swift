// RunDrawing: the losses of runs for the terminal, where no picture was asked for.
// One run as a drawing with axes, several as one line each on a scale that they share.
import Analysis
import Diagnostics
import Schedules

/// A drawing of logs in characters.
package struct RunDrawing {
  private let logs: [RunLog]
  private let scaling: PlotScaling
  private let smoothing: Int?

  package init(_ logs: [RunLog], scaling: PlotScaling = .automatic, smoothing: Int? = nil) {
    self.logs = logs
    self.scaling = scaling
    self.smoothing = smoothing
  }

  /// The drawing; `nil` when no log has a loss.
  package var text: String? {
    let lines = logs.count == 1 ? whole(logs[0]) : rows
    guard !lines.isEmpty else { return nil }
    return lines.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  // MARK: One run

  private func whole(_ log: RunLog) -> [String] {
    var parts: [[String]] = []
    for (title, column) in [("train loss", \RunLog.Entry.loss), ("validation loss", \.validation)] {
      let curve = RunCurve(log, column, smoothing: title == "train loss" ? smoothing : 0)
      guard !curve.isEmpty else { continue }
      let last = curve.smooth.last?.last?.value ?? 0
      parts.append(
        [
          title + (curve.isNoisy ? ", smoothed" : "") + ", \(RunPlot.number(last)) at last"
            + (curve.lost.isEmpty ? "" : "; \(Figures.grouped(curve.lost.count)) not a number")
        ] + drawing(curve, last: log.lastStep).map { "  " + $0 })
    }
    return Array(parts.joined(separator: [""]))
  }

  private func drawing(_ curve: RunCurve, last: Int) -> [String] {
    var stretches = curve.smooth
    let values = stretches.joined().map(\.value)
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    // A level line has no numbers beside it that would say more than its title.
    guard high - low > 1e-9 * high.magnitude else { return [] }
    var drawing = RateDrawing()
    drawing.includesZero = false
    if scaling == .logarithmic && low > 0 || scaling == .automatic && low > 0 && high > 12 * low {
      stretches = stretches.map { points in
        points.map {
          RunCurve.Point(step: $0.step, value: Double.logarithm($0.value) / Double.logarithm(10))
        }
      }
      drawing.label = { RateText.rate(Mathematics.power(10, $0), digits: 2) }
    } else {
      let scale = AxisScale(from: low, to: high, ticks: 4)
      drawing.label = { scale.label($0) }
    }
    return drawing.lines({ Self.value(of: stretches, at: Double($0)) }, steps: last + 1)
  }

  /// The value at a step, on the straight line between two points; NaN where there is a gap.
  private static func value(of stretches: [[RunCurve.Point]], at step: Double) -> Double {
    for points in stretches {
      guard let first = points.first, let last = points.last, step >= first.step else { break }
      guard step <= last.step else { continue }
      var (lower, upper) = (0, points.count)
      while upper - lower > 1 {
        let middle = (lower + upper) / 2
        if points[middle].step <= step { lower = middle } else { upper = middle }
      }
      guard upper < points.count else { return points[lower].value }
      let (left, right) = (points[lower], points[upper])
      let share = (step - left.step) / (right.step - left.step)
      return left.value + (right.value - left.value) * share
    }
    // A log that begins at step 1 fills the first column all the same.
    guard let first = stretches.first?.first, step < first.step, first.step <= 1 else {
      return .nan
    }
    return first.value
  }

  // MARK: Several runs

  private var rows: [String] {
    let names = RunPlot.names(of: logs.map(\.name))
    let curves = logs.map { RunCurve($0, \.loss, smoothing: smoothing) }
    let values = curves.flatMap { $0.smooth.joined().map(\.value) }
    guard values.isEmpty == false || logs.contains(where: { $0.best != nil }) else { return [] }
    let steps = logs.map(\.lastStep).max() ?? 0
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    var table = TextTable([.left, .left, .right, .right])
    table.add(["run", "train loss", "last", "best validation"])
    for (index, log) in logs.enumerated() {
      table.add([
        names[index], bars(curves[index], low...max(high, low), steps),
        log.finalLoss.map(RunPlot.number) ?? "-",
        log.best.map {
          "\(RunPlot.number($0.validation ?? 0)) at \(Figures.grouped($0.step))"
        } ?? "-",
      ])
    }
    return table.rendered
  }

  /// Blocks of eight heights, over the steps of the longest run.
  private func bars(_ curve: RunCurve, _ range: ClosedRange<Double>, _ steps: Int) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let columns = 40
    let span = range.upperBound - range.lowerBound
    return String(
      (0..<columns).map { column -> Character in
        let step = (Double(steps) * Double(column) / Double(columns - 1)).rounded()
        let value = Self.value(of: curve.smooth, at: step)
        guard value.isFinite else { return " " }
        let share = span > 0 ? (value - range.lowerBound) / span : 0
        return blocks[min(max(Int((share * 7).rounded()), 0), 7)]
      })
  }
}
