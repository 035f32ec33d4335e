// ExponentialCurve: the same factor at every step, for ever.
// Apart from the geometric transition, which knows where it arrives.

/// `base · gamma^step`.
package struct ExponentialCurve: RateCurve {
  package var base: Double
  package var gamma: Double

  package init(_ base: Double, gamma: Double) {
    self.base = base
    self.gamma = gamma
  }

  package func rate(at step: Int) -> Double { base * Mathematics.power(gamma, Double(step)) }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    let trend: RateTrend = gamma == 1 || base == 0 ? .constant : gamma < 1 ? .falling : .rising
    return RatePiece.list([RatePiece(0..<Int.max, trend, "exponential")], until: horizon)
  }
}
