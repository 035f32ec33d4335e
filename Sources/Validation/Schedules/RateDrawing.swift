// RateDrawing: a curve over steps as a picture of characters, with numbers along both axes.
// Eight dots a character, as braille has them, or plain characters where only those can be shown.
import Analysis

/// A drawing for the terminal.
package struct RateDrawing {
  package var width: Int
  package var height: Int
  /// Whether the axis begins at zero when no value lies below.
  package var includesZero = true
  /// How a number beside the axis is written.
  package var label: (Double) -> String = { RateText.rate($0) }

  package init(width: Int = 72, height: Int = 12) {
    self.width = max(width, 16)
    self.height = max(height, 4)
  }

  /// The lines of the picture.
  ///
  /// - Parameters:
  ///   - rate: the rate of a step.
  ///   - steps: how many steps are drawn, at least 1.
  ///   - highest: a rate that must have room, which no column need show.
  /// - Returns: the picture, with a rule and numbers below.
  package func lines(_ rate: (Int) -> Double, steps: Int, highest: Double = 0) -> [String] {
    let columns = width * 2
    let rows = height * 4
    let samples = (0..<columns).map { column -> Double in
      rate(Int((Double(steps - 1) * Double(column) / Double(columns - 1)).rounded()))
    }
    let finite = samples.filter(\.isFinite)
    let top = max(finite.max() ?? 1, highest)
    let bottom = finite.min() ?? 0
    let scale = AxisScale(from: includesZero ? min(bottom, 0) : bottom, to: top, ticks: 4)
    func row(_ value: Double) -> Int {
      let share = (value - scale.lower) / (scale.upper - scale.lower)
      return min(max(Int(((1 - share) * Double(rows - 1)).rounded()), 0), rows - 1)
    }
    var dots = [[Bool]](repeating: [Bool](repeating: false, count: columns), count: rows)
    var previous: Int?
    for (column, value) in samples.enumerated() {
      guard value.isFinite else {
        previous = nil
        continue
      }
      let here = row(value)
      // A leap is drawn as a line, so that nothing floats.
      let from = previous ?? here
      for between in min(from, here)...max(from, here) { dots[between][column] = true }
      previous = here
    }
    let labels = scale.ticks.map { (row($0) / 4, label($0)) }
    let margin = labels.map(\.1.count).max() ?? 1
    var lines = (0..<height).map { line -> String in
      let label = labels.last { $0.0 == line }?.1 ?? ""
      let pad = String(repeating: " ", count: margin - label.count)
      return pad + label + (label.isEmpty ? " │" : " ┤") + braille(dots, line)
    }
    lines.append(String(repeating: " ", count: margin) + " └" + axis(steps).rule)
    lines.append(String(repeating: " ", count: margin) + "  " + axis(steps).labels)
    return lines
  }

  private func braille(_ dots: [[Bool]], _ line: Int) -> String {
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    var text = ""
    for character in 0..<width {
      var value: UInt32 = 0x2800
      for row in 0..<4 {
        for column in 0..<2 where dots[line * 4 + row][character * 2 + column] {
          value |= bits[row][column]
        }
      }
      text.unicodeScalars.append(Unicode.Scalar(value) ?? " ")
    }
    var trimmed = text[...]
    while trimmed.last == "\u{2800}" { trimmed.removeLast() }
    return String(trimmed)
  }

  /// Ticks under the picture and the steps that they stand for.
  private func axis(_ steps: Int) -> (rule: String, labels: String) {
    var rule = [Character](repeating: "─", count: width)
    var labels = ""
    let scale = AxisScale(from: 0, to: Double(max(steps - 1, 1)), ticks: 5)
    for tick in scale.ticks where tick <= Double(max(steps - 1, 1)) && tick == tick.rounded() {
      let place = Int((tick / Double(max(steps - 1, 1)) * Double(width - 1)).rounded())
      let label = RateText.steps(Int(tick))
      rule[place] = "┬"
      let start = max(min(place - label.count / 2, width - label.count), 0)
      guard start > labels.count || labels.isEmpty else { continue }
      labels += String(repeating: " ", count: start - labels.count) + label
    }
    let title = "step"
    if labels.count + title.count + 2 <= width {
      labels += String(repeating: " ", count: width - labels.count - title.count) + title
    }
    return (String(rule), labels)
  }
}
