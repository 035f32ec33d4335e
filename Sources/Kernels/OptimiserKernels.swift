// OptimiserKernels: one update of Adam and SGD, norms, and the scaling and summing of gradients.
// Plain loops over whole arrays; they know lengths, and neither names nor schedules.

/// Loops of the optimiser.
package enum OptimiserKernels {
  /// Updates a weight and its two moments in place, as Adam and AdamW do.
  ///
  /// - Source: Kingma and Ba 2015, arXiv:1412.6980, and Loshchilov and Hutter 2019,
  ///   arXiv:1711.05101; the order of the arithmetic is that of `_single_tensor_adam` in PyTorch,
  ///   so that f32 results agree to the last bits.
  /// - Throws: ``KernelFault`` when the four lengths differ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func adam<Scalar: KernelScalar>(
    weight: inout [Scalar], first: inout [Scalar], second: inout [Scalar], gradient: [Scalar],
    _ coefficients: UpdateCoefficients
  ) throws(KernelFault) {
    let count = weight.count
    guard first.count == count, second.count == count, gradient.count == count else {
      throw KernelFault(
        "a weight of \(count) elements meets moments of \(first.count) and \(second.count) and "
          + "a gradient of \(gradient.count)")
    }
    let shrink = Scalar(coefficients.shrink)
    let added = Scalar(coefficients.added)
    let isAdded = coefficients.added != 0
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
              let own = isAdded ? g[i] + added * p[i] : g[i]
              let shrunk = p[i] * shrink
              let difference = own - m[i]
              m[i] = forward ? m[i] + weight1 * difference : own - difference * (1 - weight1)
              v[i] = v[i] * beta2 + weight2 * own * own
              let denominator = v[i].squareRoot() / correction + epsilon
              p[i] = shrunk + step * m[i] / denominator
            }
          }
        }
      }
    }
  }

  /// Updates a weight in place by stochastic gradient descent.
  ///
  /// - Parameters:
  ///   - weight: what is moved.
  ///   - direction: the momentum of every element; empty without momentum.
  ///   - gradient: the slope of the loss.
  ///   - coefficients: the numbers of this step.
  /// - Source: Sutskever et al. 2013 (momentum), in the form of `_single_tensor_sgd` in PyTorch.
  /// - Throws: ``KernelFault`` when the lengths differ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func sgd<Scalar: KernelScalar>(
    weight: inout [Scalar], direction: inout [Scalar], gradient: [Scalar],
    _ coefficients: UpdateCoefficients
  ) throws(KernelFault) {
    let count = weight.count
    let hasMomentum = coefficients.momentum != 0
    guard gradient.count == count, direction.count == (hasMomentum ? count : 0) else {
      throw KernelFault(
        "a weight of \(count) elements meets a momentum of \(direction.count) and a gradient of "
          + "\(gradient.count)")
    }
    let added = Scalar(coefficients.added)
    let isAdded = coefficients.added != 0
    let momentum = Scalar(coefficients.momentum)
    let intake = Scalar(coefficients.intake)
    let step = Scalar(-coefficients.stepSize)
    let nesterov = coefficients.nesterov
    gradient.withUnsafeBufferPointer { g in
      weight.withUnsafeMutableBufferPointer { p in
        direction.withUnsafeMutableBufferPointer { m in
          for i in 0..<count {
            var own = isAdded ? g[i] + added * p[i] : g[i]
            if hasMomentum {
              m[i] = m[i] * momentum + intake * own
              own = nesterov ? own + momentum * m[i] : m[i]
            }
            p[i] = p[i] + step * own
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
