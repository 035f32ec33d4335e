// ActivationKernels: GELU, its tanh form, SiLU, and their derivatives.
// One number in and one out; apart from the unary primitives, which know no constants.

/// The activations that have a kernel of their own.
package enum ActivationFunction: String, Hashable, Sendable, CaseIterable {
  case gelu
  case geluTanh = "gelu_tanh"
  case silu
}

extension StandardKernels {
  /// Applies an activation to each element.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func activate<Scalar: KernelScalar>(
    _ function: ActivationFunction, _ x: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    var elements = try x.checkedReals()
    for index in elements.indices { elements[index] = value(function, elements[index]) }
    return NDArray(extents: x.extents, real: elements)
  }

  /// `g · f'(x)` for each element.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func activationGradient<Scalar: KernelScalar>(
    _ function: ActivationFunction, _ x: NDArray<Scalar>, _ g: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard x.extents == g.extents else {
      throw KernelFault("a gradient of extents \(g.extents) for a result of \(x.extents)")
    }
    let elements = try x.checkedReals()
    var result = try g.checkedReals()
    for index in result.indices { result[index] *= slope(function, elements[index]) }
    return NDArray(extents: x.extents, real: result)
  }

  @inline(__always)
  private static func value<Scalar: KernelScalar>(
    _ function: ActivationFunction, _ x: Scalar
  ) -> Scalar {
    switch function {
    case .gelu: x * normalDistribution(x)
    case .geluTanh: x * ((1 + Scalar.hyperbolicTangent(tanhArgument(x))) / 2)
    case .silu: x * logistic(x)
    }
  }

  @inline(__always)
  private static func slope<Scalar: KernelScalar>(
    _ function: ActivationFunction, _ x: Scalar
  ) -> Scalar {
    switch function {
    case .gelu:
      return normalDistribution(x)
        + x * Scalar.exponential(-(x * x) / 2) * Scalar(0.398942280401432677940)
    case .geluTanh:
      let tangent = Scalar.hyperbolicTangent(tanhArgument(x))
      let inner = Scalar(geluScale) * (1 + 3 * Scalar(geluCubic) * x * x)
      return (1 + tangent) / 2 + x / 2 * (1 - tangent * tangent) * inner
    case .silu:
      let sigmoid = logistic(x)
      return sigmoid * (1 + x * (1 - sigmoid))
    }
  }

  /// The value of √(2 / π).
  package static var geluScale: Double { 0.797884560802865355880 }

  /// The cubic coefficient of the tanh form (Hendrycks and Gimpel 2016, section 2).
  package static var geluCubic: Double { 0.044715 }

  @inline(__always)
  private static func tanhArgument<Scalar: KernelScalar>(_ x: Scalar) -> Scalar {
    Scalar(geluScale) * (x + Scalar(geluCubic) * x * x * x)
  }

  @inline(__always)
  private static func normalDistribution<Scalar: KernelScalar>(_ x: Scalar) -> Scalar {
    (1 + Scalar.errorFunction(x * Scalar(0.707106781186547524401))) / 2
  }

  @inline(__always)
  private static func logistic<Scalar: KernelScalar>(_ x: Scalar) -> Scalar {
    1 / (1 + Scalar.exponential(-x))
  }
}
