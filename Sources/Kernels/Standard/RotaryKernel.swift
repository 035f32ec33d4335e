// RotaryKernel: rotary position embedding, pairs of features turned by an angle of the position.
// Su et al. 2021, arXiv 2104.09864; pairs are halves apart (Llama) or neighbours (GPT-J).

extension StandardKernels {
  /// Turns pair `j` of each row by `position · base^(-2j/d)`; the other way if `inverse`.
  ///
  /// - Shapes: `x [..., T, d]`, `positions` broadcasting to `[..., T]` → `[..., T, d]`
  package static func rotary<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, positions: NDArray<Scalar>, base: Double, interleaved: Bool,
    inverse: Bool
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard let width = x.extents.last, width.isMultiple(of: 2) else {
      throw KernelFault("rotary needs rows of even length, found extents \(x.extents)")
    }
    let leading = Array(x.extents.dropLast())
    _ = try positions.checkedIndices()
    let places = try Layout.broadcast(positions, to: leading).checkedIndices()
    var elements = try x.checkedReals()
    turnRows(&elements, places, width, base, interleaved, inverse)
    return NDArray(extents: x.extents, real: elements)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func turnRows<Scalar: KernelScalar>(
    _ elements: inout [Scalar], _ places: [Int32], _ width: Int, _ base: Double,
    _ interleaved: Bool, _ inverse: Bool
  ) {
    let half = width / 2
    // In double precision: an error of a frequency is multiplied by the position.
    let frequencies = (0..<half).map { pair in
      Scalar(Double.exponential(Double(pair) * (-2 * Double.logarithm(base) / Double(width))))
    }
    for (row, place) in places.enumerated() {
      for pair in 0..<half {
        let angle = Scalar(place) * frequencies[pair]
        let cosine = Scalar.cosine(angle)
        let sine = inverse ? -Scalar.sine(angle) : Scalar.sine(angle)
        let first = row * width + (interleaved ? 2 * pair : pair)
        let second = first + (interleaved ? 1 : half)
        let (a, b) = (elements[first], elements[second])
        elements[first] = a * cosine - b * sine
        elements[second] = b * cosine + a * sine
      }
    }
  }
}
