// Interval: a range of integers that may be open on either side, with its arithmetic.
// Apart from Box because bounds that overflow simply become open, which keeps every rule sound.

/// The integers from `lower` to `upper`; nil leaves that side open.
struct Interval: Hashable, Sendable {
  var lower: Int128?
  var upper: Int128?

  static let everything = Interval(lower: nil, upper: nil)

  init(lower: Int128?, upper: Int128?) {
    self.lower = lower
    self.upper = upper
  }

  init(_ value: Int128) {
    self.init(lower: value, upper: value)
  }

  var isEmpty: Bool {
    guard let lower, let upper else { return false }
    return lower > upper
  }

  static func + (left: Interval, right: Interval) -> Interval {
    func sum(_ own: Int128?, _ other: Int128?) -> Int128? {
      guard let own, let other else { return nil }
      return own.addingChecked(other)
    }
    return Interval(
      lower: sum(left.lower, right.lower), upper: sum(left.upper, right.upper))
  }

  static func * (left: Interval, right: Interval) -> Interval {
    if left == Interval(0) || right == Interval(0) { return Interval(0) }
    if let low = left.lower, let other = right.lower, low >= 0, other >= 0 {
      // The common case: both are sizes, so the ends multiply in order.
      let high = left.upper.flatMap { own in right.upper.flatMap { own.multipliedChecked(by: $0) } }
      return Interval(lower: low.multipliedChecked(by: other) ?? .max, upper: high)
    }
    let (low, high) = (End.lower(left), End.upper(left))
    let (otherLow, otherHigh) = (End.lower(right), End.upper(right))
    let ends = (
      End.product(low, otherLow), End.product(low, otherHigh), End.product(high, otherLow),
      End.product(high, otherHigh)
    )
    return Interval(lower: End.least(ends), upper: End.greatest(ends))
  }

  func scaled(by factor: Int128) -> Interval { self * Interval(factor) }

  func raised(to exponent: Int) -> Interval {
    guard exponent > 1 else { return self }
    // Exponents in models are tiny; past this nothing is claimed about the size.
    guard exponent <= 64 else {
      return Interval(
        lower: exponent.isMultiple(of: 2) || (lower ?? -1) >= 0 ? 0 : nil, upper: nil)
    }
    var result = self
    for _ in 1..<exponent { result = result * self }
    if exponent.isMultiple(of: 2) { result.lower = max(result.lower ?? 0, 0) }
    return result
  }

  /// The values of `floor(self / divisor)` for a divisor that is at least one.
  func floorDivided(by divisor: Interval) -> Interval {
    guard let smallest = divisor.lower, smallest >= 1 else { return .everything }
    // Dividing by more moves a quotient towards zero, and never past -1 or 0.
    func quotient(_ value: Int128?, towardsZero: Bool) -> Int128? {
      guard let value else { return nil }
      let far = value.floorQuotient(by: smallest)
      let near = divisor.upper.map { value.floorQuotient(by: $0) } ?? (value < 0 ? -1 : 0)
      return towardsZero ? near : far
    }
    return Interval(
      lower: quotient(lower, towardsZero: (lower ?? 0) >= 0),
      upper: quotient(upper, towardsZero: (upper ?? 0) < 0))
  }

  /// The values of `self mod divisor` for a divisor that is at least one.
  func modulo(_ divisor: Interval) -> Interval {
    guard let smallest = divisor.lower, smallest >= 1 else { return .everything }
    if let lower, let upper, lower >= 0, upper < smallest { return self }
    var largest = divisor.upper.flatMap { $0.addingChecked(-1) }
    // A dividend that is not negative is never exceeded by its remainder.
    if let lower, lower >= 0, let upper { largest = min(largest ?? upper, upper) }
    return Interval(lower: 0, upper: largest)
  }

  func minimum(_ other: Interval) -> Interval {
    var upper: Int128?
    for bound in [self.upper, other.upper] {
      if let bound { upper = min(upper ?? bound, bound) }
    }
    guard let own = lower, let theirs = other.lower else {
      return Interval(lower: nil, upper: upper)
    }
    return Interval(lower: min(own, theirs), upper: upper)
  }

  var negated: Interval { scaled(by: -1) }

  func intersection(_ other: Interval) -> Interval {
    var result = self
    if let bound = other.lower { result.lower = max(result.lower ?? bound, bound) }
    if let bound = other.upper { result.upper = min(result.upper ?? bound, bound) }
    return result
  }

  /// The part that fits `Int` with room for a step either way; nil when that part is empty.
  var searchRange: ClosedRange<Int>? {
    let limit = Int128(1) << 61
    let low = max(lower ?? -limit, -limit)
    let high = min(upper ?? limit, limit)
    return low <= high ? Int(low)...Int(high) : nil
  }
}

/// One end of an interval, for products in which infinities have signs.
private enum End {
  case finite(Int128)
  /// -1 or 1.
  case infinite(Int)

  static func lower(_ interval: Interval) -> End {
    interval.lower.map(End.finite) ?? .infinite(-1)
  }

  static func upper(_ interval: Interval) -> End {
    interval.upper.map(End.finite) ?? .infinite(1)
  }

  private var sign: Int {
    switch self {
    case .finite(let value): Int(value.signum())
    case .infinite(let sign): sign
    }
  }

  static func product(_ left: End, _ right: End) -> End {
    let sign = left.sign * right.sign
    if sign == 0 { return .finite(0) }
    if case .finite(let own) = left, case .finite(let other) = right,
      let product = own.multipliedChecked(by: other)
    {
      return .finite(product)
    }
    return .infinite(sign)
  }

  typealias Four = (End, End, End, End)

  static func least(_ ends: Four) -> Int128? {
    extreme(ends, open: -1) { min($0, $1) }
  }

  static func greatest(_ ends: Four) -> Int128? {
    extreme(ends, open: 1) { max($0, $1) }
  }

  /// The extreme end, or nil where it is infinite.
  ///
  /// When all four are infinite the other way, by overflow, that is open too: weaker, and sound.
  private static func extreme(
    _ ends: Four, open: Int, _ choose: (Int128, Int128) -> Int128
  ) -> Int128? {
    var result: Int128?
    /// Returns whether the end is infinite in the direction asked for.
    func meets(_ end: End) -> Bool {
      switch end {
      case .finite(let value):
        result = result.map { choose($0, value) } ?? value
        return false
      case .infinite(let sign): return sign == open
      }
    }
    if meets(ends.0) || meets(ends.1) || meets(ends.2) || meets(ends.3) { return nil }
    return result
  }
}
