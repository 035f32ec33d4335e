// SignSequence: the sign of a polynomial in one unknown at every integer of a range.
// Apart because roots, exact inequalities and smallest witnesses are all read off it.

/// Where an integer polynomial is negative, zero and positive on a range of integers.
///
/// Found by recursion on the forward difference `p(x + 1) - p(x)`, whose degree is one lower:
/// where the difference keeps its sign the polynomial is monotone over the integers, so the
/// boundaries between its own signs are found by bisection. Exact, without real numbers.
struct SignSequence {
  /// A longest run of integers with one sign.
  struct Run {
    let range: ClosedRange<Int>
    /// -1, 0 or 1.
    let sign: Int
  }

  private(set) var runs: [Run] = []

  /// Fails on degrees above 32 and when a coefficient of a difference overflows.
  init?(coefficients: [Int128], in range: ClosedRange<Int>) {
    var coefficients = coefficients
    while coefficients.count > 1, coefficients.last == 0 { coefficients.removeLast() }
    if coefficients.count <= 2 {
      guard let runs = SignSequence.linearRuns(coefficients, in: range) else { return nil }
      self.runs = runs
      return
    }
    guard coefficients.count <= 33,
      let runs = SignSequence.runs(of: coefficients, in: range)
    else { return nil }
    self.runs = runs
  }

  /// The integers at which the polynomial is zero, ascending, at most `limit` of them.
  func zeros(limit: Int) -> [Int] {
    var result: [Int] = []
    for run in runs where run.sign == 0 {
      result.append(contentsOf: run.range.prefix(limit - result.count))
    }
    return result
  }

  /// The runs of `c0 + c1·x` by division instead of bisection.
  private static func linearRuns(
    _ coefficients: [Int128], in range: ClosedRange<Int>
  ) -> [Run]? {
    let constant = coefficients.first ?? 0
    guard coefficients.count == 2, coefficients[1] != 0 else {
      return [Run(range: range, sign: Int(constant.signum()))]
    }
    let slope = coefficients[1]
    // The last integer at which the value still has the sign of -slope or is zero.
    guard let opposite = constant.negatedChecked,
      let last = opposite.floorQuotient(by: slope),
      let first = opposite.ceilingQuotient(by: slope)
    else { return nil }
    let sign = Int(slope.signum())
    var result: [Run] = []
    func append(_ low: Int128, _ high: Int128, _ sign: Int) {
      let start = max(low, Int128(range.lowerBound))
      let end = min(high, Int128(range.upperBound))
      if start <= end { result.append(Run(range: Int(start)...Int(end), sign: sign)) }
    }
    if first == last {
      append(.min, first.addingChecked(-1) ?? .min, -sign)
      append(first, first, 0)
      append(first.addingChecked(1) ?? .max, .max, sign)
    } else {
      append(.min, last, -sign)
      append(first, .max, sign)
    }
    return result
  }

  private static func runs(of coefficients: [Int128], in range: ClosedRange<Int>) -> [Run]? {
    guard coefficients.count > 1, range.lowerBound < range.upperBound else {
      guard let sign = sign(of: coefficients, at: range.lowerBound) else { return nil }
      return [Run(range: range, sign: sign)]
    }
    guard let difference = forwardDifference(of: coefficients),
      let slopes = runs(of: difference, in: range.lowerBound...(range.upperBound - 1))
    else { return nil }
    var result: [Run] = []
    func append(_ range: ClosedRange<Int>, _ sign: Int) {
      guard let last = result.last, last.sign == sign else {
        result.append(Run(range: range, sign: sign))
        return
      }
      result[result.count - 1] = Run(
        range: last.range.lowerBound...range.upperBound, sign: sign)
    }
    for (index, slope) in slopes.enumerated() {
      // A slope at x joins x and x + 1, so the last run also covers the end of the range.
      let end = index == slopes.count - 1 ? range.upperBound : slope.range.upperBound
      var start = slope.range.lowerBound
      while start <= end {
        guard let sign = sign(of: coefficients, at: start) else { return nil }
        // The sign can only change one way on a monotone stretch: bisect for its last integer.
        var low = start
        var high = end
        while low < high {
          // Rounded up, and computed wide: the ends may be all of `Int` apart.
          let middle = Int((Int128(low) + Int128(high) + 1) >> 1)
          guard let there = SignSequence.sign(of: coefficients, at: middle) else { return nil }
          if there == sign { low = middle } else { high = middle - 1 }
        }
        append(start...low, sign)
        if low == end { break }
        start = low + 1
      }
    }
    return result
  }

  /// The exact sign at a point by Horner's rule, without large numbers: once the partial value
  /// exceeds every coefficient and |x| >= 2, no later coefficient can turn its sign around.
  static func sign(of coefficients: [Int128], at point: Int) -> Int? {
    var value: Int128 = 0
    for index in coefficients.indices.reversed() {
      let coefficient = coefficients[index]
      if let next = value.multipliedChecked(by: Int128(point))?.addingChecked(coefficient) {
        value = next
        continue
      }
      guard point.magnitude >= 2,
        value.magnitude > coefficients.lazy.map(\.magnitude).max() ?? 0
      else { return nil }
      // `index + 1` more factors of the point decide the sign.
      let flips = point < 0 && !(index + 1).isMultiple(of: 2)
      return (value.signum() < 0) != flips ? -1 : 1
    }
    return Int(value.signum())
  }

  /// The coefficients of `p(x + 1) - p(x)`; nil on overflow.
  private static func forwardDifference(of coefficients: [Int128]) -> [Int128]? {
    var result = [Int128](repeating: 0, count: coefficients.count - 1)
    for (power, coefficient) in coefficients.enumerated().dropFirst() {
      var binomial: Int128 = 1
      for lower in 0..<power {
        guard let product = binomial.multipliedChecked(by: coefficient),
          let sum = result[lower].addingChecked(product)
        else { return nil }
        result[lower] = sum
        binomial = binomial * Int128(power - lower) / Int128(lower + 1)
      }
    }
    return result
  }
}
