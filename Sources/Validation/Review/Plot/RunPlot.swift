// RunPlot: one or several runs as a picture: loss, rate and gradient norm over the same steps.
// Plain text in, plain text out; where the file goes is the caller's business.
import Analysis
import Diagnostics
import Foundation

/// An SVG of logs.
package struct RunPlot {
  private static let width = 1000.0
  /// A name that is longer is cut in the middle.
  private static let longestName = 44

  private let logs: [RunLog]
  private let names: [String]
  private let panels: [RunPanel]
  private let legend: [[Entry]]
  private let lost: Int

  /// A sample of a line and what it stands for.
  private struct Entry {
    enum Sample {
      case line(dash: String, width: Double, opacity: Double)
      case points(dash: String)
      case lost
    }

    var text: String
    var color: String
    var sample: Sample

    var width: Double { 56 + 7.3 * Double(DisplayText.safe(text).count) }
  }

  /// - Parameters:
  ///   - logs: at least one.
  ///   - scaling: of the losses.
  ///   - smoothing: lines to either side of a mean; by the noise unless given, 0 for none.
  package init(_ logs: [RunLog], scaling: PlotScaling = .automatic, smoothing: Int? = nil) {
    self.logs = logs
    let names = Self.names(of: logs.map(\.name))
    self.names = names
    let isOne = logs.count == 1
    let trained = logs.map { RunCurve($0, \.loss, smoothing: smoothing) }
    let validated = logs.map { RunCurve($0, \.validation, smoothing: 0) }
    let rates = logs.map { RunCurve($0, \.rate, smoothing: 0) }
    let norms = logs.map { RunCurve($0, \.norm, smoothing: smoothing) }
    lost = (trained + validated + norms).reduce(0) { $0 + $1.lost.count }

    let tones = SVG.colors + ["#8c564b", "#7f7f7f"]
    func color(_ index: Int) -> String { tones[index % tones.count] }
    func dash(_ index: Int) -> String { SVG.dashes[index / tones.count % SVG.dashes.count] }
    // Many curves behind many curves are a fog.
    let noise = isOne ? 0.3 : logs.count <= 3 ? 0.18 : 0
    let hasTraining = trained.contains { !$0.isEmpty }
    let hasBoth = hasTraining && validated.contains { !$0.isEmpty }
    let isSplit = hasBoth && logs.count > 2
    func lines(_ curves: [RunCurve], _ kind: String, isMarked: Bool = false) -> [RunPanel.Line] {
      curves.indices.map { index in
        // The second curve of one run has a colour of its own, those of several their run's.
        RunPanel.Line(
          name: isOne ? kind : "\(names[index]): \(kind)", curve: curves[index],
          color: color(isOne && isMarked && hasTraining ? 1 : index),
          dash: isMarked && hasBoth && !isOne && !isSplit ? "5 3" : dash(index),
          isMarked: isMarked, noise: isMarked ? 0 : noise)
      }
    }
    let train = lines(trained, "train loss")
    let validation = lines(validated, "validation loss", isMarked: true)
    var entries: [Entry] = []
    if isOne {
      entries = (train + validation).filter { !$0.curve.isEmpty }.map {
        Entry(
          text: $0.name, color: $0.color,
          sample: $0.isMarked ? .points(dash: "") : .line(dash: "", width: 2, opacity: 1))
      }
    } else {
      entries = logs.indices.map { index in
        Entry(
          text: names[index] + Self.score(logs[index]), color: color(index),
          sample: .line(dash: dash(index), width: 2, opacity: 1))
      }
    }
    let gray = "#57606a"
    if !isOne, hasBoth, !isSplit {
      entries.append(Entry(text: "validation loss", color: gray, sample: .points(dash: "5 3")))
    }
    if noise > 0, (trained + norms).contains(where: \.isNoisy) {
      entries.append(
        Entry(
          text: "faint: each step", color: isOne ? color(0) : gray,
          sample: .line(dash: "", width: 1, opacity: 0.4)))
    }
    if lost > 0 { entries.append(Entry(text: "not a number", color: "#cf222e", sample: .lost)) }
    legend = Self.rows(of: entries)

    let steps = Self.steps(of: logs)
    var top = 100 + 22 * Double(legend.count)
    var panels: [RunPanel] = []
    func add(
      _ title: String, _ lines: [RunPanel.Line], _ height: Double, _ scaling: PlotScaling,
      floor: Double? = nil
    ) {
      guard
        let panel = RunPanel(
          title, lines, steps: steps, top: top, height: height, scaling: scaling, floor: floor)
      else { return }
      panels.append(panel)
      top += height + 36
    }
    if isSplit {
      add("train loss", train, 300, scaling)
      add("validation loss", validation, 300, scaling)
    } else {
      add("loss", train + validation, 340, scaling)
    }
    // Rates far apart, as those of a search, each begin and end at zero: the peaks decide.
    let peaks = logs.compactMap(\.peak).filter { $0 > 0 && $0.isFinite }
    let floor = (peaks.min() ?? 1) / 20
    let isWide = (peaks.max() ?? 1) > 12 * (peaks.min() ?? 1)
    add(
      "learning rate", lines(rates, "learning rate"), 110, isWide ? .logarithmic : .linear,
      floor: floor)
    add("gradient norm", lines(norms, "gradient norm"), 130, .automatic)
    self.panels = panels
  }

  /// The document; `nil` when no log has a number to draw.
  package var svg: String? {
    guard let last = panels.last else { return nil }
    var parts = SVG.head(title, description, height: last.bottom + 62)
    parts += legendElements
    for (index, panel) in panels.enumerated() {
      parts += panel.elements(isLast: index == panels.count - 1)
    }
    return parts.map { $0 + "\n" }.joined() + "</svg>\n"
  }

  private var title: String {
    logs.count == 1 ? names[0] : "\(logs.count) runs"
  }

  private var description: String {
    let reached = logs.map(\.lastStep).max() ?? 0
    var text = "to step \(Figures.grouped(reached))"
    if logs.count == 1, let log = logs.first {
      if let loss = log.finalLoss { text += "; last train loss \(Self.number(loss))" }
      if let best = log.best {
        text +=
          "; best validation loss \(Self.number(best.validation ?? 0))"
          + " at step \(Figures.grouped(best.step))"
      }
    } else {
      text += "; in brackets the best validation loss, or else the last train loss"
    }
    return text
  }

  // MARK: Names

  /// What tells the runs apart, cut to a length that a legend holds.
  static func names(of paths: [String]) -> [String] {
    var parts = paths.map { $0.split(separator: "/").map(String.init) }
    // `a/log.jsonl` is a run called a.
    parts = parts.map { $0.count > 1 && $0.last == "log.jsonl" ? $0.dropLast() : $0 }
    if paths.count > 1, Set(parts.map(\.last)).count == 1, parts.allSatisfy({ $0.count > 1 }) {
      parts = parts.map { $0.dropLast() }
    } else if Set(parts.map { $0.dropLast() }).count == 1, paths.count > 1 {
      parts = parts.map { $0.suffix(1) }
    }
    return shortened(
      parts.map { part in
        var name = part.joined(separator: "/")
        for ending in [".jsonl", ".json", ".csv", ".log", ".txt"] where name.hasSuffix(ending) {
          name.removeLast(ending.count)
          break
        }
        return name
      })
  }

  /// Names that a legend holds: what all begin with goes first, then the middle.
  private static func shortened(_ names: [String]) -> [String] {
    var names = names
    if names.count > 1, names.contains(where: { $0.count > longestName }) {
      let common = names.dropFirst().reduce(Substring(names[0])) { common, name in
        common.commonPrefix(with: name)[...]
      }
      // Whole words only, or a number would lose its first digits.
      let end = common.lastIndex { " /_-,".contains($0) }
      let count = end.map { common.distance(from: common.startIndex, to: $0) } ?? 0
      if count > 3 { names = names.map { "…" + $0.dropFirst(count) } }
    }
    var seen: [String: Int] = [:]
    return names.map { name in
      var name = name
      if name.count > longestName {
        name = name.prefix(longestName / 2 - 1) + "…" + name.suffix(longestName / 2)
      }
      seen[name, default: 0] += 1
      return seen[name] == 1 ? name : name + " #\(seen[name] ?? 1)"
    }
  }

  private static func score(_ log: RunLog) -> String {
    log.score.map { " (\(number($0)))" } ?? ""
  }

  static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : "inf" }
    let isPlain = value == 0 || (0.1..<1e5).contains(value.magnitude)
    return isPlain ? Figures.fixed(value, places: 4) : RateText.rate(value)
  }

  // MARK: Places

  private static func steps(of logs: [RunLog]) -> AxisScale {
    let all = logs.flatMap { [$0.entries.first?.step, $0.entries.last?.step] }.compactMap { $0 }
    let (first, last) = (Double(all.min() ?? 0), Double(all.max() ?? 0))
    if first == last { return AxisScale(from: first - 1, to: last + 1, ticks: 2) }
    // Logs that begin at step 1 or 10 begin at the corner.
    return AxisScale(from: first < last * 0.05 ? 0 : first, to: last, ticks: 8).completed
  }

  private static func rows(of entries: [Entry]) -> [[Entry]] {
    var rows: [[Entry]] = [[]]
    var used = 0.0
    for entry in entries {
      if used + entry.width > width - 40, !(rows.last?.isEmpty ?? true) {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(entry)
      used += entry.width
    }
    return rows
  }

  private var legendElements: [String] {
    legend.enumerated().flatMap { row, entries -> [String] in
      var start = 24.0
      let middle = 78 + 22 * Double(row)
      return entries.flatMap { entry -> [String] in
        let place = start
        start += entry.width
        return sample(entry, place, middle - 4) + [
          SVG.text(entry.text, place + 33, middle, ##"font-size="13" fill="#24292f""##)
        ]
      }
    }
  }

  private func sample(_ entry: Entry, _ x: Double, _ y: Double) -> [String] {
    switch entry.sample {
    case .line(let dash, let width, let opacity):
      return [
        SVG.line(
          x, y, x + 26, y,
          #"stroke="\#(entry.color)" stroke-width="\#(SVG.number(width))""#
            + (opacity < 1 ? #" opacity="\#(SVG.number(opacity))""# : "")
            + (dash.isEmpty ? "" : #" stroke-dasharray="\#(dash)""#))
      ]
    case .points(let dash):
      return [
        SVG.line(
          x, y, x + 26, y,
          #"stroke="\#(entry.color)" stroke-width="2""#
            + (dash.isEmpty ? "" : #" stroke-dasharray="\#(dash)""#)),
        SVG.circle(x + 13, y, 3, #"fill="\#(entry.color)""#),
      ]
    case .lost:
      return [
        SVG.line(x + 9, y - 4, x + 17, y + 4, #"stroke="\#(entry.color)" stroke-width="1.8""#),
        SVG.line(x + 9, y + 4, x + 17, y - 4, #"stroke="\#(entry.color)" stroke-width="1.8""#),
      ]
    }
  }
}
