// Vector+Exponential: e to the x, and its inverse, in every lane.
// Polynomials alone: a table would need a gather, and the C library works lane by lane.

extension Vector {
  /// Adding it leaves the nearest integer in the low bits of the significand.
  @inline(__always) static var rounder: Vector { all(12_582_912) }

  /// e to the `x`: relative error at most 1.5e-7; results below 2⁻¹²⁵ become zero.
  ///
  /// - Source: Cody and Waite's reduction with the polynomial of Moshier's Cephes (`expf`).
  @inline(__always) static func exponential(_ x: Vector) -> Vector {
    // The limits come first so that NaN passes; beyond them the result is zero or infinite anyway.
    let bounded = smaller(all(88.73), larger(all(-87.3), x))
    let shifted = fma(bounded, all(1.442_695_04), rounder)
    let whole = shifted - rounder
    let rest = fma(whole, all(2.121_944_40e-4), fma(whole, all(-0.693_359_375), bounded))
    var sum = fma(all(1.987_569_15e-4), rest, all(1.398_199_950_7e-3))
    sum = fma(sum, rest, all(8.333_451_907_3e-3))
    sum = fma(sum, rest, all(4.166_579_589_4e-2))
    sum = fma(sum, rest, all(1.666_666_545_9e-1))
    sum = fma(sum, rest, all(5.000_000_120_1e-1))
    let fraction = fma(sum, rest * rest, rest)
    // Twice the fraction and half the power, because 2¹²⁸ does not fit.
    let power = Vector(bits: (shifted.bits &+ Integers(repeating: 126)) &<< 23)
    return fma(fraction, all(2), all(2)) * power
  }

  /// The natural logarithm: at most 2 ulps; -∞ at zero, NaN below.
  ///
  /// - Source: the polynomial of Moshier's Cephes (`logf`).
  @inline(__always) static func logarithm(_ x: Vector) -> Vector {
    // Numbers below the normal ones are scaled first.
    let tiny = x .< all(.leastNormalMagnitude)
    let scaled = x.replacing(with: x * all(8_388_608), where: tiny)
    let offset = all(0).replacing(with: all(-23), where: tiny)
    let root = Integers(repeating: 0x3F35_04F3)
    let excess = scaled.bits &- root
    let exponent = excess & Integers(repeating: -0x80_0000)
    let mantissa = Vector(bits: scaled.bits &- exponent) - all(1)
    let rounderBits = Integers(repeating: 0x4B40_0000)
    let power = (Vector(bits: rounderBits &+ (exponent &>> 23)) - rounder) + offset
    let square = mantissa * mantissa
    var sum = fma(all(7.037_683_629_2e-2), mantissa, all(-1.151_461_031_0e-1))
    sum = fma(sum, mantissa, all(1.167_699_874_0e-1))
    sum = fma(sum, mantissa, all(-1.242_014_084_6e-1))
    sum = fma(sum, mantissa, all(1.424_932_278_7e-1))
    sum = fma(sum, mantissa, all(-1.666_805_766_5e-1))
    sum = fma(sum, mantissa, all(2.000_071_476_5e-1))
    sum = fma(sum, mantissa, all(-2.499_999_399_3e-1))
    sum = fma(sum, mantissa, all(3.333_333_117_4e-1))
    var rest = sum * mantissa * square
    rest = fma(power, all(-2.121_944_40e-4), rest)
    rest = fma(all(-0.5), square, rest)
    var result = fma(power, all(0.693_359_375), mantissa + rest)
    result = result.replacing(with: x, where: .!(x .< all(.infinity)))
    result = result.replacing(with: all(.nan), where: x .< all(0))
    return result.replacing(with: all(-.infinity), where: x .== all(0))
  }
}
