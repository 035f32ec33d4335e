// RunPanel: one of the panels of a picture of runs: an axis of its own over shared steps.
// Knows places and curves; which panels there are is the picture's business.
import Analysis
import Diagnostics

/// How the values of a panel are spread.
package enum PlotScaling: String, Hashable, Sendable, CaseIterable {
  /// By powers of ten where the values are above zero and far apart.
  case automatic = "auto"
  case linear
  case logarithmic = "log"
}

/// A panel with its place.
struct RunPanel: Sendable {
  /// A curve and how it looks.
  struct Line: Sendable {
    var name: String
    var curve: RunCurve
    var color: String
    var dash: String
    /// Whether single points are marked, as those of a validation, which are few.
    var isMarked: Bool
    /// How strongly the noise behind a smoothed curve shows.
    var noise: Double
  }

  static let left = 92.0
  static let right = 958.0

  let title: String
  let top: Double
  let height: Double
  let lines: [Line]
  let steps: AxisScale
  let scale: AxisScale
  private let clip: String

  /// Arranges a panel; `nil` when there is nothing to draw.
  ///
  /// - Parameters:
  ///   - title: what the values are.
  ///   - lines: those without a point are left out.
  ///   - steps: the axis that all panels share.
  ///   - top: where the panel begins.
  ///   - height: of the panel without its title.
  ///   - scaling: how values are spread.
  ///   - floor: where an axis of powers of ten begins; at the least value unless given.
  init?(
    _ title: String, _ lines: [Line], steps: AxisScale, top: Double, height: Double,
    scaling: PlotScaling, floor: Double? = nil
  ) {
    self.title = title
    self.lines = lines.filter { !$0.curve.isEmpty }
    self.steps = steps
    self.top = top
    self.height = height
    clip = "clip-" + title.replacing(" ", with: "-")
    let ranges = self.lines.compactMap(\.curve.range)
    guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else {
      return nil
    }
    let count = height > 200 ? 7 : 4
    let isWide = low > 0 && high / low > 12
    if scaling == .logarithmic || scaling == .automatic && isWide {
      let positive = self.lines.flatMap { $0.curve.smooth.joined().map(\.value) }.filter { $0 > 0 }
      if let least = floor ?? (low > 0 ? low : positive.min()), high > 0 {
        scale = AxisScale(
          logarithmicFrom: least / 1.08, to: max(high, least) * 1.08, ticks: count)
        return
      }
    }
    // Room above and below; a constant gets some too, and an axis near zero begins there.
    let room = high > low ? (high - low) * 0.05 : max(high.magnitude * 0.1, 1e-9)
    let begin = low >= 0 && low - room < 0 ? 0 : low - room
    scale = AxisScale(from: begin, to: high + room, ticks: count)
  }

  var bottom: Double { top + height }

  private func x(_ step: Double) -> Double {
    Self.left + (Self.right - Self.left) * steps.share(step)
  }

  private func y(_ value: Double) -> Double {
    // Far outside, so that what is cut away is still a number that readers take.
    min(max(bottom - height * scale.share(value), top - 4 * height), bottom + 4 * height)
  }

  /// The panel's elements; numbers of steps stand under the last one only.
  func elements(isLast: Bool) -> [String] {
    var parts = [
      #"<clipPath id="\#(clip)"><rect x="\#(SVG.number(Self.left))" y="\#(SVG.number(top - 1))" "#
        + #"width="\#(SVG.number(Self.right - Self.left + 3))" "#
        + #"height="\#(SVG.number(height + 2))"/></clipPath>"#
    ]
    parts += grid(isLast)
    parts.append(#"<g clip-path="url(#\#(clip))">"#)
    parts += lines.flatMap(noise) + lines.flatMap(drawing)
    parts.append("</g>")
    parts += lostMarks
    parts += [
      SVG.line(Self.left, bottom, Self.right, bottom, ##"stroke="#24292f""##),
      SVG.line(Self.left, top, Self.left, bottom, ##"stroke="#24292f""##),
      SVG.text(axisTitle, Self.left, top - 9, ##"font-weight="600" fill="#24292f""##),
    ]
    if isLast {
      parts.append(
        SVG.text(
          "step (optimiser update)", (Self.left + Self.right) / 2, bottom + 44,
          ##"text-anchor="middle" fill="#24292f""##))
    }
    return parts
  }

  private var axisTitle: String { title + (scale.isLogarithmic ? " (log scale)" : "") }

  private func grid(_ isLast: Bool) -> [String] {
    let thin = ##"stroke="#d0d7de" stroke-width="0.6""##
    var parts = scale.ticks.flatMap { tick -> [String] in
      let place = y(tick)
      return [
        SVG.line(Self.left, place, Self.right, place, thin),
        SVG.text(
          title == "learning rate" ? RateText.rate(tick) : scale.label(tick), Self.left - 8,
          place + 4, ##"text-anchor="end" font-size="12" fill="#57606a""##),
      ]
    }
    for tick in steps.ticks where tick >= 0 && (tick - tick.rounded()).magnitude < 1e-6 {
      let place = x(tick)
      parts.append(SVG.line(place, top, place, bottom + (isLast ? 5 : 0), thin))
      if isLast {
        parts.append(
          SVG.text(
            Figures.grouped(Int(tick.rounded())), place, bottom + 20,
            ##"text-anchor="middle" font-size="12" fill="#57606a""##))
      }
    }
    return parts
  }

  // MARK: Curves

  private func noise(_ line: Line) -> [String] {
    guard line.curve.isNoisy, line.noise > 0 else { return [] }
    let style =
      #"stroke="\#(line.color)" stroke-width="1" fill="none" opacity="\#(SVG.number(line.noise))""#
    return line.curve.raw.map { path($0, columns: 900, "noise", style, line.name) }
  }

  private func drawing(_ line: Line) -> [String] {
    let style =
      #"stroke="\#(line.color)" stroke-width="2" fill="none" stroke-linejoin="round""#
      + (line.dash.isEmpty ? "" : #" stroke-dasharray="\#(line.dash)""#)
    let count = line.curve.smooth.reduce(0) { $0 + $1.count }
    return line.curve.smooth.flatMap { stretch -> [String] in
      var parts = stretch.count > 1 ? [path(stretch, columns: 450, "curve", style, line.name)] : []
      if stretch.count == 1 || line.isMarked && count <= 60 {
        parts += stretch.map {
          SVG.circle(x($0.step), y($0.value), 3, #"class="point" fill="\#(line.color)""#)
        }
      }
      return parts
    }
  }

  private func path(
    _ points: [RunCurve.Point], columns: Int, _ kind: String, _ style: String, _ name: String
  ) -> String {
    var path = ""
    for point in RunCurve.thinned(points, columns: columns, over: steps.lower...steps.upper) {
      path +=
        (path.isEmpty ? "M" : "L") + SVG.number(x(point.step)) + " " + SVG.number(y(point.value))
    }
    return
      #"<path class="\#(kind)" \#(style) d="\#(path)"><title>\#(SVG.escaped(name))</title></path>"#
  }

  /// Crosses at the foot of the panel, where values were lost.
  private var lostMarks: [String] {
    var taken: Set<Int> = []
    return lines.flatMap { line in
      line.curve.lost.prefix(5_000).compactMap { step -> String? in
        let place = x(Double(step))
        guard taken.insert(Int(place / 3)).inserted else { return nil }
        let (start, end) = (place - 4, place + 4)
        let (upper, lower) = (bottom - 10, bottom - 2)
        return
          ##"<path class="lost" stroke="#cf222e" stroke-width="1.8" fill="none" "##
          + #"d="M\#(SVG.number(start)) \#(SVG.number(upper))L\#(SVG.number(end)) "#
          + #"\#(SVG.number(lower))M\#(SVG.number(start)) \#(SVG.number(lower))"#
          + #"L\#(SVG.number(end)) \#(SVG.number(upper))"/>"#
      }
    }
  }
}
