// ConstantCurve: one rate for ever.
// Apart like every schedule; it is also what stands where a schedule has nothing to say.

/// The same rate at every step.
package struct ConstantCurve: RateCurve {
  package var value: Double

  package init(_ value: Double) {
    self.value = value
  }

  package func rate(at step: Int) -> Double { value }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    RatePiece.list([RatePiece(0..<Int.max, .constant, "constant")], until: horizon)
  }
}
