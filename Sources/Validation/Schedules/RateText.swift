// RateText: how rates, steps and shares are printed in reports and pictures of schedules.
// Apart so that every table, axis and finding says the same number in the same way.
import Analysis
import Schedules

/// The printing of rates.
package enum RateText {
  /// `6e-4`, `0.1`, `5.9970e-4`: at most five significant digits.
  package static func rate(_ value: Double, digits: Int = 5) -> String {
    guard value.isFinite else { return value.isNaN ? "none" : "inf" }
    guard value != 0 else { return "0" }
    var exponent = 0
    var mantissa = value.magnitude
    // Rates are Doubles: at most some three hundred rounds.
    while mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    let scale = Mathematics.power(10, Double(digits - 1))
    var whole = Int((mantissa * scale).rounded())
    if Double(whole) >= scale * 10 {
      whole /= 10
      exponent += 1
    }
    var figures = String(whole)
    while figures.count > 1, figures.hasSuffix("0") { figures.removeLast() }
    let sign = value < 0 ? "-" : ""
    if (-2...4).contains(exponent) { return sign + plain(figures, exponent) }
    let rest = figures.dropFirst()
    return sign + figures.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e\(exponent)"
  }

  private static func plain(_ figures: String, _ exponent: Int) -> String {
    if exponent < 0 {
      return "0." + String(repeating: "0", count: -exponent - 1) + figures
    }
    let padded =
      figures + String(repeating: "0", count: max(0, exponent + 1 - figures.count))
    let whole = padded.prefix(exponent + 1)
    let rest = padded.dropFirst(exponent + 1)
    return whole + (rest.isEmpty ? "" : "." + rest)
  }

  /// `10,000`.
  package static func steps(_ count: Int) -> String { Figures.grouped(count) }

  /// `2.5 %`.
  package static func percent(_ share: Double) -> String {
    guard share.isFinite, share.magnitude < 1e6 else { return "?" }
    let text = rate((share * 100 * 100).rounded() / 100, digits: 4)
    return text + " %"
  }
}
