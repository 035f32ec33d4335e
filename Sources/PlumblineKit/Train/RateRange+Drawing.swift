// RateRange+Drawing: the loss over a growing rate as a picture, with the rate that it suggests.
// Apart from the test: rates stand on a logarithmic axis here, as in no other plot of the house.
import Analysis
import Diagnostics
import Foundation
import Validation

extension RateRange {
  private static let left = 84.0
  private static let right = 776.0
  private static let top = 84.0
  private static let bottom = 424.0
  private static let hairline = ##"stroke="#d0d7de" stroke-width="0.6""##

  /// The document.
  package func svg(of model: String) -> String {
    let title = "Rate range test of \(model)"
    let subtitle =
      suggestion.map {
        "suggested rate \(RateText.rate($0, digits: 2)), where the loss falls fastest"
      } ?? "no rate at which the loss falls"
    var parts = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      ##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 490" width="800" height="490" "##
        + ##"role="img" aria-label="\##(Self.escaped(title))" "##
        + ##"font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">"##,
      ##"<rect width="800" height="490" fill="#ffffff"/>"##,
      text(title, 24, 32, ##"font-size="18" font-weight="600" fill="#24292f""##),
      text(subtitle, 24, 54, ##"font-size="13" fill="#57606a""##),
    ]
    parts += grid
    parts.append(curve(\.loss, ##"class="raw" stroke="#56b4e9" stroke-width="1" opacity="0.6""##))
    parts.append(curve(\.smooth, ##"class="smooth" stroke="#0072b2" stroke-width="2.2""##))
    if let suggestion {
      let place = x(suggestion)
      parts.append(
        line(place, Self.top, place, Self.bottom, ##"stroke="#d55e00" stroke-dasharray="6 4""##))
      parts.append(
        text(
          RateText.rate(suggestion, digits: 2), place + 6, Self.top + 14,
          ##"font-size="12" fill="#d55e00""##))
    }
    parts.append(
      text(
        "learning rate", (Self.left + Self.right) / 2, Self.bottom + 46,
        ##"text-anchor="middle" font-size="13" fill="#24292f""##))
    parts.append(
      ##"<text x="22" y="254" transform="rotate(-90 22 254)" text-anchor="middle" "##
        + ##"font-size="13" fill="#24292f">loss (pale: each update, dark: smooth)</text>"##)
    return parts.map { $0 + "\n" }.joined() + "</svg>\n"
  }

  // MARK: Places

  private func x(_ rate: Double) -> Double {
    let low = log(Self.lowest)
    let high = log(max(points.last?.rate ?? Self.highest, Self.lowest * 10))
    return Self.left + (Self.right - Self.left) * (log(rate) - low) / (high - low)
  }

  /// From below the lowest loss to a little above the first, since what diverges has no end.
  private var range: (low: Double, high: Double) {
    let low = points.map { min($0.loss, $0.smooth) }.min() ?? 0
    let start = points.first?.loss ?? 1
    let span = max(start - low, abs(start) * 0.05, 1e-9)
    return (low - span * 0.06, start + span * 0.35)
  }

  private func y(_ loss: Double) -> Double {
    let (low, high) = range
    let share = min(max((loss - low) / (high - low), 0), 1)
    return Self.bottom - (Self.bottom - Self.top) * share
  }

  // MARK: Parts

  private var grid: [String] {
    let (low, high) = range
    var parts: [String] = []
    for step in 0...5 {
      let loss = low + (high - low) * Double(step) / 5
      parts.append(line(Self.left, y(loss), Self.right, y(loss), Self.hairline))
      parts.append(
        text(
          Figures.fixed(loss, places: 2), Self.left - 8, y(loss) + 4,
          ##"text-anchor="end" font-size="12" fill="#57606a""##))
    }
    var rate = Self.lowest
    while x(rate) <= Self.right + 0.5 {
      parts.append(line(x(rate), Self.top, x(rate), Self.bottom, Self.hairline))
      parts.append(
        text(
          RateText.rate(rate, digits: 2), x(rate), Self.bottom + 20,
          ##"text-anchor="middle" font-size="12" fill="#57606a""##))
      rate *= 10
    }
    parts.append(line(Self.left, Self.bottom, Self.right, Self.bottom, ##"stroke="#24292f""##))
    parts.append(line(Self.left, Self.top, Self.left, Self.bottom, ##"stroke="#24292f""##))
    return parts
  }

  private func curve(_ value: KeyPath<Point, Double>, _ style: String) -> String {
    let path = points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(Self.number(x(point.rate))) \(Self.number(y(point[keyPath: value])))"
    }
    return #"<path \#(style) fill="none" stroke-linejoin="round" d="\#(path.joined())"/>"#
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String
  ) -> String {
    #"<line x1="\#(Self.number(x1))" y1="\#(Self.number(y1))" x2="\#(Self.number(x2))" "#
      + #"y2="\#(Self.number(y2))" \#(style)/>"#
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    #"<text x="\#(Self.number(x))" y="\#(Self.number(y))" \#(style)>\#(Self.escaped(text))</text>"#
  }

  private static func number(_ value: Double) -> String { Figures.fixed(value, places: 2) }

  private static func escaped(_ text: String) -> String {
    DisplayText.safe(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }
}
