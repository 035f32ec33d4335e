// InverseRootCurve: a rate that falls with the square root of the step and never ends.
// Apart from transitions because it has no last step.

/// `base / sqrt((step + timescale) / timescale)`.
package struct InverseRootCurve: RateCurve {
  package var base: Double
  package var timescale: Int

  package init(_ base: Double, timescale: Int) {
    self.base = base
    self.timescale = timescale
  }

  package func rate(at step: Int) -> Double {
    let scale = Double(max(timescale, 1))
    return base * (1 / ((Double(step) + scale) / scale).squareRoot())
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    RatePiece.list(
      [RatePiece(0..<Int.max, base == 0 ? .constant : .falling, "inverse square root")],
      until: horizon)
  }
}
