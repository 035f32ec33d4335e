// Vector+Sigmoids: tanh, the logistic function, erf and the normal distribution, in every lane.
// They share the exponential; where it would cancel, a polynomial takes over.

extension Vector {
  /// The hyperbolic tangent: at most 3 ulps.
  ///
  /// - Source: the polynomial of Moshier's Cephes (`tanhf`) below 0.625.
  @inline(__always) static func tangent(_ x: Vector) -> Vector {
    let size = x.size
    let square = x * x
    var sum = fma(all(-5.704_988_727_45e-3), square, all(2.063_908_879_54e-2))
    sum = fma(sum, square, all(-5.373_971_555_31e-2))
    sum = fma(sum, square, all(1.333_144_220_36e-1))
    sum = fma(sum, square, all(-3.333_328_194_22e-1))
    let near = fma(sum * square, x, x)
    let far = all(1) - all(2) / (exponential(size + size) + all(1))
    return near.replacing(with: far.signed(as: x), where: size .> all(0.625))
  }

  /// 1 / (1 + e⁻ˣ): at most 3 ulps.
  @inline(__always) static func sigmoid(_ x: Vector) -> Vector {
    all(1) / (all(1) + exponential(-x))
  }

  /// The error function: at most 2 ulps.
  ///
  /// - Source: minimax polynomials of Juffa's public `erff`.
  @inline(__always) static func errorFunction(_ x: Vector) -> Vector {
    let size = x.size
    let far = (all(1) - complement(size)).signed(as: x)
    return errorNearZero(x).replacing(with: far, where: size .> all(0.927_734_375))
  }

  /// The share of the standard normal distribution below `x`; its tail keeps its relative size
  /// down to -5.
  @inline(__always) static func normalDistribution(_ x: Vector) -> Vector {
    let scaled = x * all(0.707_106_781_186_547_524_401)
    let size = scaled.size
    let tail = all(0.5) * complement(size)
    let far = tail.replacing(with: all(1) - tail, where: x .> all(0))
    let near = fma(all(0.5), errorNearZero(scaled), all(0.5))
    return near.replacing(with: far, where: size .> all(0.927_734_375))
  }

  /// 1 - erf for sizes above 0.9.
  @inline(__always) private static func complement(_ size: Vector) -> Vector {
    // Written so that NaN passes; the complement of 10 is zero in single precision.
    let t = smaller(all(10), size)
    let square = t * t
    let low = fma(all(-1.728_534_70e-5), t, all(3.831_971_26e-4))
    let high = fma(all(-3.883_964_38e-3), t, all(2.425_462_19e-2))
    var sum = fma(low, square, high)
    sum = fma(sum, t, all(-1.067_778_77e-1))
    sum = fma(sum, t, all(-6.348_466_87e-1))
    sum = fma(sum, t, all(-1.287_175_12e-1))
    return exponential(fma(sum, t, -t))
  }

  @inline(__always) private static func errorNearZero(_ x: Vector) -> Vector {
    let square = x * x
    var sum = fma(all(-5.967_617_03e-4), square, all(4.991_194_23e-3))
    sum = fma(sum, square, all(-2.676_813_49e-2))
    sum = fma(sum, square, all(1.128_199_25e-1))
    sum = fma(sum, square, all(-3.761_253_36e-1))
    sum = fma(sum, square, all(1.283_791_66e-1))
    return fma(sum, x, x)
  }
}
