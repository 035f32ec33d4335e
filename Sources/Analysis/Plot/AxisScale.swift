// AxisScale: round numbers along an axis, evenly spaced or by powers of ten.
// Shared by drawings for the terminal and pictures, which know places and no numbers.

/// From where to where an axis goes, and what is written beside it.
package struct AxisScale: Sendable {
  package let lower: Double
  package let upper: Double
  package let ticks: [Double]
  /// Whether equal ways are equal factors.
  package let isLogarithmic: Bool
  /// The way from tick to tick, of an even axis.
  private let step: Double

  /// An even axis.
  ///
  /// - Parameters:
  ///   - lower: the least value that must have room.
  ///   - upper: the greatest.
  ///   - count: about how many numbers there shall be.
  package init(from lower: Double, to upper: Double, ticks count: Int) {
    let span = max(upper - lower, max(upper.magnitude, lower.magnitude) * 1e-6, 1e-300)
    var step = 1.0
    while step * Double(count) > span { step /= 10 }
    while step * Double(count) * 10 <= span { step *= 10 }
    // At 1, 2 or 5 times a power of ten.
    for factor in [1.0, 2, 5, 10] where step * factor * Double(count) >= span * 0.999 {
      step *= factor
      break
    }
    let first = (lower / step).rounded(.down)
    self.lower = lower
    self.upper = upper > lower ? upper : lower + span
    self.step = step
    isLogarithmic = false
    ticks = (0...count * 3).map { (first + Double($0)) * step }
      .filter { $0 >= lower - step * 1e-9 && $0 <= upper + step * 1e-9 }
  }

  /// An axis of factors, for values above zero.
  ///
  /// - Parameters:
  ///   - lower: the least value that must have room.
  ///   - upper: the greatest.
  ///   - count: the most numbers there shall be.
  package init(logarithmicFrom lower: Double, to upper: Double, ticks count: Int) {
    precondition(lower > 0, "a logarithmic axis from \(lower)")
    let upper = max(upper, lower * 1.0001)
    var powers: [Double] = []
    var power = 1.0
    while power > lower, power > 1e-300 { power /= 10 }
    while power * 10 <= lower { power *= 10 }
    while power <= upper, power < 1e300 {
      powers.append(power)
      power *= 10
    }
    let sets = [[1.0, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]].map { factors in
      powers.flatMap { power in factors.map { power * $0 } }
        .filter { $0 >= lower * 0.999_999 && $0 <= upper * 1.000_001 }
    }
    var ticks = sets.first { $0.count <= count } ?? sets[3]
    while ticks.count > count { ticks = ticks.indices.filter { $0 % 2 == 0 }.map { ticks[$0] } }
    let even = AxisScale(from: lower, to: upper, ticks: count)
    self.lower = lower
    self.upper = upper
    self.ticks = ticks.count < 3 ? even.ticks.filter { $0 > 0 } : ticks
    step = ticks.count < 3 ? even.step : 0
    isLogarithmic = true
  }

  /// The axis as far as the next round number, where that is almost reached anyway.
  package var completed: AxisScale {
    guard let last = ticks.last, !isLogarithmic, last + step > upper,
      last + step - upper < (upper - lower) * 0.02
    else { return self }
    return AxisScale(lower: lower, upper: last + step, ticks: ticks + [last + step], step: step)
  }

  private init(lower: Double, upper: Double, ticks: [Double], step: Double) {
    self.lower = lower
    self.upper = upper
    self.ticks = ticks
    self.step = step
    isLogarithmic = false
  }

  /// Where a value lies, 0 at the lower end and 1 at the upper.
  package func share(_ value: Double) -> Double {
    guard isLogarithmic else { return (value - lower) / (upper - lower) }
    guard value > 0 else { return -1 }
    return (Self.logarithm(value) - Self.logarithm(lower))
      / (Self.logarithm(upper) - Self.logarithm(lower))
  }

  /// A number beside the axis, with as many decimals as tell it from its neighbours.
  package func label(_ tick: Double) -> String {
    let unit = step > 0 ? step : tick.magnitude
    guard unit >= 1e-6, tick.magnitude < 1e6 else { return Self.short(tick) }
    var places = 0
    var size = unit
    while size < 0.999, places < 6 {
      size *= 10
      places += 1
    }
    if places == 0 { return Figures.grouped(Int(tick.rounded())) }
    return Figures.fixed(tick, places: places)
  }

  /// `2e-7`, `1.5e9`.
  private static func short(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    var (mantissa, exponent) = (value.magnitude, 0)
    while mantissa >= 9.9995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 0.99995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    var digits = Figures.fixed(mantissa, places: 3)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return (value < 0 ? "-" : "") + digits + "e\(exponent)"
  }

  /// The natural logarithm, to the precision of a picture.
  ///
  /// With the value as 2^e·m, log m = 2·artanh((m-1)/(m+1)).
  private static func logarithm(_ value: Double) -> Double {
    let ratio = (value.significand - 1) / (value.significand + 1)
    var (power, sum) = (ratio, 0.0)
    for odd in stride(from: 1.0, through: 31, by: 2) {
      sum += power / odd
      power *= ratio * ratio
    }
    return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
  }
}
