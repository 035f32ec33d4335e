// OptimiserKernels: one update of AdamW, norms, and the scaling and summing of gradients.
// Plain loops over whole arrays; they know lengths, and neither names nor schedules.

/// The numbers of one AdamW step, as PyTorch's single-tensor form computes them.
package struct AdamWCoefficients: Hashable, Sendable {
  /// One minus rate times decay, applied to the weight first.
  package var shrink: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// The rate divided by 1 − β₁ᵗ.
  package var stepSize: Double
  /// The root of 1 − β₂ᵗ.
  package var correction: Double

  /// - Parameters:
  ///   - rate: the learning rate of this step.
  ///   - beta1: the decay of the first moment.
  ///   - beta2: the decay of the second moment.
  ///   - epsilon: added to the root of the corrected second moment.
  ///   - decay: the decoupled weight decay.
  ///   - step: the number of this step, counted from one.
  package init(
    rate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double, step: Int
  ) {
    shrink = 1 - rate * decay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    let t = Double(step)
    stepSize = rate / (1 - Double.power(beta1, t))
    correction = (1 - Double.power(beta2, t)).squareRoot()
  }
}

/// Loops of the optimiser.
package enum OptimiserKernels {
  /// Updates a weight and its two moments in place.
  ///
  /// - Source: Loshchilov and Hutter 2019, arXiv:1711.05101; the order of the arithmetic is that
  ///   of `_single_tensor_adamw` in PyTorch, so that f32 results agree to the last bits.
  /// - Throws: ``KernelFault`` when the four lengths differ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func adamW<Scalar: KernelScalar>(
    weight: inout [Scalar], first: inout [Scalar], second: inout [Scalar], gradient: [Scalar],
    _ coefficients: AdamWCoefficients
  ) throws(KernelFault) {
    let count = weight.count
    guard first.count == count, second.count == count, gradient.count == count else {
      throw KernelFault(
        "a weight of \(count) elements meets moments of \(first.count) and \(second.count) and "
          + "a gradient of \(gradient.count)")
    }
    let shrink = Scalar(coefficients.shrink)
    let beta2 = Scalar(coefficients.beta2)
    let weight1 = Scalar(1 - coefficients.beta1)
    let weight2 = Scalar(1 - coefficients.beta2)
    let epsilon = Scalar(coefficients.epsilon)
    let step = Scalar(-coefficients.stepSize)
    let correction = Scalar(coefficients.correction)
    // `lerp` starts from the nearer end.
    let forward = 1 - coefficients.beta1 < 0.5
    gradient.withUnsafeBufferPointer { g in
      weight.withUnsafeMutableBufferPointer { p in
        first.withUnsafeMutableBufferPointer { m in
          second.withUnsafeMutableBufferPointer { v in
            for i in 0..<count {
              let shrunk = p[i] * shrink
              let difference = g[i] - m[i]
              m[i] = forward ? m[i] + weight1 * difference : g[i] - difference * (1 - weight1)
              v[i] = v[i] * beta2 + weight2 * g[i] * g[i]
              let denominator = v[i].squareRoot() / correction + epsilon
              p[i] = shrunk + step * m[i] / denominator
            }
          }
        }
      }
    }
  }

  /// The Euclidean norm of one array, accumulated in double precision.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func norm<Scalar: KernelScalar>(_ elements: [Scalar]) -> Scalar {
    // Four chains, because one waits for each addition; their order is fixed.
    var sums = SIMD4<Double>.zero
    elements.withUnsafeBufferPointer { x in
      var i = 0
      while i + 4 <= x.count {
        let four = SIMD4(Double(x[i]), Double(x[i + 1]), Double(x[i + 2]), Double(x[i + 3]))
        sums += four * four
        i += 4
      }
      while i < x.count {
        sums[0] += Double(x[i]) * Double(x[i])
        i += 1
      }
    }
    return Scalar(sums.sum().squareRoot())
  }

  /// Multiplies every element by a factor.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func scale<Scalar: KernelScalar>(_ elements: inout [Scalar], by factor: Scalar) {
    elements.withUnsafeMutableBufferPointer { x in
      for i in 0..<x.count { x[i] *= factor }
    }
  }

  /// Adds `factor` times an array to a sum.
  ///
  /// - Throws: ``KernelFault`` when the lengths differ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func add<Scalar: KernelScalar>(
    _ elements: [Scalar], times factor: Scalar, to sum: inout [Scalar]
  ) throws(KernelFault) {
    guard elements.count == sum.count else {
      throw KernelFault("\(elements.count) elements are added to a sum of \(sum.count)")
    }
    elements.withUnsafeBufferPointer { x in
      sum.withUnsafeMutableBufferPointer { y in
        for i in 0..<x.count { y[i] += factor * x[i] }
      }
    }
  }
}

extension NDArray {
  /// Changes the elements of a real array in place, without a copy when nobody else holds them.
  ///
  /// - Throws: ``KernelFault`` for another kind of array, and what `body` throws.
  package mutating func withMutableReals(
    _ body: (inout [Scalar]) throws(KernelFault) -> Void
  ) throws(KernelFault) {
    guard case .real(var elements) = payload else {
      throw KernelFault("a real array is needed, found one of \(payload.kind)")
    }
    payload = .real([])
    defer { payload = .real(elements) }
    try body(&elements)
  }
}
