// UnaryKernels: one number in, one number out, over a whole array.
// The reference twins of the fused loops; the switch stands outside the loop so that it vectorises.

/// The functions of one real number.
package enum UnaryFunction: String, Hashable, Sendable, CaseIterable {
  case negate, exp, log, sqrt, reciprocal, sin, cos, tanh, erf, relu, sigmoid, absolute
}

extension Elementwise {
  /// Applies a function to each element.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func apply<Scalar: KernelScalar>(
    _ function: UnaryFunction, to x: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    let elements = try x.checkedReals()
    let result: [Scalar] =
      switch function {
      case .negate: map(elements) { -$0 }
      case .exp: map(elements) { Scalar.exponential($0) }
      case .log: map(elements) { Scalar.logarithm($0) }
      case .sqrt: map(elements) { $0.squareRoot() }
      case .reciprocal: map(elements) { 1 / $0 }
      case .sin: map(elements) { Scalar.sine($0) }
      case .cos: map(elements) { Scalar.cosine($0) }
      case .tanh: map(elements) { Scalar.hyperbolicTangent($0) }
      case .erf: map(elements) { Scalar.errorFunction($0) }
      // Written so that NaN passes through.
      case .relu: map(elements) { $0 < 0 ? 0 : $0 }
      case .sigmoid: map(elements) { 1 / (1 + Scalar.exponential(-$0)) }
      case .absolute: map(elements) { $0.magnitude }
      }
    return NDArray(extents: x.extents, real: result)
  }
}

@inline(__always)
private func map<Scalar: KernelScalar>(
  _ elements: [Scalar], _ function: (Scalar) -> Scalar
) -> [Scalar] {
  let count = elements.count
  return elements.withUnsafeBufferPointer { source in
    Array(unsafeUninitializedCapacity: count) { target, initialized in
      for index in 0..<count {
        target.initializeElement(at: index, to: function(source[index]))
      }
      initialized = count
    }
  }
}
