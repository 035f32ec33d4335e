// Vector+Activations: GELU, its tanh form and SiLU with their derivatives, in every lane.
// Elementwise kernels and the epilogues of matrix products apply the same functions.

extension Vector {
  /// `x` times the normal distribution at `x`.
  @inline(__always) static func gelu(_ x: Vector) -> Vector { x * normalDistribution(x) }

  /// The derivative of ``gelu(_:)``.
  @inline(__always) static func geluSlope(_ x: Vector) -> Vector {
    let density = exponential(x * x * all(-0.5)) * all(0.398_942_280_401_432_677_940)
    return fma(x, density, normalDistribution(x))
  }

  /// `x · (1 + tanh(u)) / 2` with u = √(2/π)·(x + 0.044715·x³), which is x times the logistic
  /// function of 2·u.
  @inline(__always) static func geluTanh(_ x: Vector) -> Vector {
    x * sigmoid(geluArgument(x))
  }

  /// The derivative of ``geluTanh(_:)``.
  @inline(__always) static func geluTanhSlope(_ x: Vector) -> Vector {
    let (share, rest) = shares(geluArgument(x))
    let inner = fma(all(0.214_064_448_817_800_78), x * x, all(1.595_769_121_605_730_7))
    return fma(x * share * rest, inner, share)
  }

  /// `x` times the logistic function of `x`.
  @inline(__always) static func silu(_ x: Vector) -> Vector { x * sigmoid(x) }

  /// The derivative of ``silu(_:)``.
  @inline(__always) static func siluSlope(_ x: Vector) -> Vector {
    let (share, rest) = shares(x)
    return fma(x * share, rest, share)
  }

  /// The logistic function, and one minus it without cancellation.
  @inline(__always) private static func shares(_ x: Vector) -> (Vector, Vector) {
    // Bounded, so that infinity meets no zero; NaN passes.
    let power = smaller(all(1e38), exponential(-x))
    let share = all(1) / (all(1) + power)
    return (share, power * share)
  }

  /// 2·√(2/π)·(x + 0.044715·x³).
  @inline(__always) private static func geluArgument(_ x: Vector) -> Vector {
    x * fma(all(0.071_354_816_272_600_26), x * x, all(1.595_769_121_605_730_7))
  }
}
