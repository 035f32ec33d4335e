// SoftmaxKernel: softmax along one axis, its logarithm, and its gradient.
// The largest element is subtracted first, so that no exponential overflows.

extension StandardKernels {
  /// `exp(x) / Σ exp(x)` along an axis.
  ///
  /// A row of nothing but -infinity gives NaN, as in PyTorch.
  package static func softmax<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, axis: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    let view = try RowView(x.extents, axis: axis)
    var elements = try x.checkedReals()
    softmaxRows(&elements, view)
    return NDArray(extents: x.extents, real: elements)
  }

  /// `x - log Σ exp(x)` along an axis.
  package static func logSoftmax<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, axis: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    let view = try RowView(x.extents, axis: axis)
    var elements = try x.checkedReals()
    logSoftmaxRows(&elements, view)
    return NDArray(extents: x.extents, real: elements)
  }

  /// `y · (g - Σ g·y)`, from the softmax `y` and the gradient `g` that arrives for it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func softmaxGradient<Scalar: KernelScalar>(
    _ y: NDArray<Scalar>, _ g: NDArray<Scalar>, axis: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    let view = try RowView(y.extents, axis: axis)
    guard y.extents == g.extents else {
      throw KernelFault("a gradient of extents \(g.extents) for a result of \(y.extents)")
    }
    var elements = try y.checkedReals()
    let arriving = try g.checkedReals()
    for row in 0..<view.rows {
      let start = view.start(row)
      var dot: Scalar = 0
      for index in 0..<view.length {
        let place = start &+ index &* view.inner
        dot += elements[place] * arriving[place]
      }
      for index in 0..<view.length {
        let place = start &+ index &* view.inner
        elements[place] *= arriving[place] - dot
      }
    }
    return NDArray(extents: y.extents, real: elements)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func softmaxRows<Scalar: KernelScalar>(_ elements: inout [Scalar], _ view: RowView) {
    elements.withUnsafeMutableBufferPointer { elements in
      for row in 0..<view.rows {
        let start = view.start(row)
        let largest = largestElement(UnsafeBufferPointer(elements), start, view)
        var sum: Scalar = 0
        for index in 0..<view.length {
          let place = start &+ index &* view.inner
          elements[place] = Scalar.exponential(elements[place] - largest)
          sum += elements[place]
        }
        for index in 0..<view.length { elements[start &+ index &* view.inner] /= sum }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func logSoftmaxRows<Scalar: KernelScalar>(
    _ elements: inout [Scalar], _ view: RowView
  ) {
    elements.withUnsafeMutableBufferPointer { elements in
      for row in 0..<view.rows {
        let start = view.start(row)
        let largest = largestElement(UnsafeBufferPointer(elements), start, view)
        var sum: Scalar = 0
        for index in 0..<view.length {
          sum += Scalar.exponential(elements[start &+ index &* view.inner] - largest)
        }
        let logarithm = Scalar.logarithm(sum)
        for index in 0..<view.length {
          let place = start &+ index &* view.inner
          elements[place] = (elements[place] - largest) - logarithm
        }
      }
    }
  }

  @inline(__always)
  private static func largestElement<Scalar: KernelScalar>(
    _ elements: UnsafeBufferPointer<Scalar>, _ start: Int, _ view: RowView
  ) -> Scalar {
    var largest = -Scalar.infinity
    for index in 0..<view.length {
      let element = elements[start &+ index &* view.inner]
      if element > largest { largest = element }
    }
    return largest
  }
}
