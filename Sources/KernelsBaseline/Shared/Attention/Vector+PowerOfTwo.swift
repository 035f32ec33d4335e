// Vector+PowerOfTwo: two to the power of numbers that are not positive.
// Attention's scores carry the factor 1 / ln 2, so that the exponential needs no reduction by it.

extension Vector {
  /// 2 to the `x`, for `x` up to 127: relative error at most 3e-7; below 2⁻¹²⁶ zero.
  ///
  /// The polynomial has the least relative error of degree five on ±½, 7.5e-8.
  @inline(__always) static func powerOfTwo(_ x: Vector) -> Vector {
    // The limit comes first so that NaN passes.
    let bounded = larger(all(-127), x)
    // The nearest integer, plus the bias of the exponent, lands in the low bits.
    let shifted = bounded + all(12_583_039)
    let rest = bounded - (shifted - all(12_583_039))
    var sum = fma(all(1.327_647_1e-3), rest, all(9.675_541e-3))
    sum = fma(sum, rest, all(5.550_713e-2))
    sum = fma(sum, rest, all(2.402_212e-1))
    sum = fma(sum, rest, all(6.931_469_4e-1))
    sum = fma(sum, rest, all(1.000_000_1))
    return sum * Vector(bits: shifted.bits &<< 23)
  }

  /// The numbers of the lanes, from zero.
  static var ramp: Vector {
    var result = Vector()
    var lane = 0
    while lane < lanes {
      result[lane] = Float(lane)
      lane &+= 1
    }
    return result
  }
}
