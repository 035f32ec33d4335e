// Floor division, remainder and greatest common divisor on Int128, none of which traps.
// Apart because constants, polynomials and the prover must round in exactly the same way.

extension Int128 {
  /// The quotient rounded towards negative infinity; nil for a zero divisor or on overflow.
  func floorQuotient(by divisor: Int128) -> Int128? {
    if divisor == 0 || (divisor == -1 && self == .min) { return nil }
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
  }

  /// The quotient rounded towards positive infinity; nil for a zero divisor or on overflow.
  func ceilingQuotient(by divisor: Int128) -> Int128? {
    if divisor == 0 || (divisor == -1 && self == .min) { return nil }
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder != 0 && (remainder < 0) == (divisor < 0) ? quotient + 1 : quotient
  }

  /// The remainder with the sign of the divisor, so that `a == (a / b) * b + a mod b`.
  func floorRemainder(by divisor: Int128) -> Int128? {
    if divisor == 0 { return nil }
    if divisor == -1 { return 0 }
    let remainder = self % divisor
    return remainder != 0 && (remainder < 0) != (divisor < 0) ? remainder + divisor : remainder
  }

  /// The greatest common divisor of the magnitudes; `UInt128` so that the minimum has one too.
  static func greatestCommonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
    var (larger, smaller) = (left, right)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
  }

  func addingChecked(_ other: Int128) -> Int128? {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? nil : sum
  }

  var negatedChecked: Int128? { self == .min ? nil : -self }

  func multipliedChecked(by other: Int128) -> Int128? {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : product
  }

  /// The power by repeated squaring; nil on overflow.
  func raisedChecked(to exponent: Int) -> Int128? {
    if self == 0 || self == 1 { return exponent == 0 ? 1 : self }
    if self == -1 { return exponent.isMultiple(of: 2) ? 1 : -1 }
    // Any other base overflows long before this exponent.
    guard exponent < 128 else { return nil }
    var result: Int128 = 1
    for _ in 0..<exponent {
      guard let next = result.multipliedChecked(by: self) else { return nil }
      result = next
    }
    return result
  }
}
