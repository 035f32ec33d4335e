// RestartsCurve: cosine annealing that starts again after a period, each longer by a factor.
// The period grows before the position in it is taken, as PyTorch's warm restarts do.

/// `floor + (peak - floor) · (1 + cos(π · position / period)) / 2`.
package struct RestartsCurve: RateCurve {
  package var peak: Double
  package var floor: Double
  package var period: Int
  package var factor: Int

  package init(_ peak: Double, floor: Double, period: Int, factor: Int = 1) {
    self.peak = peak
    self.floor = floor
    self.period = max(period, 1)
    self.factor = max(factor, 1)
  }

  /// The first step of the cycle that holds a step, and the length of the cycle.
  private func cycle(at step: Int) -> (start: Int, length: Int) {
    if factor == 1 { return (step - step % period, period) }
    var (start, length) = (0, period)
    // Lengths grow geometrically, so that there are at most 63 of them.
    while step - start >= length {
      start += length
      length = Mathematics.product(length, factor)
    }
    return (start, length)
  }

  package func rate(at step: Int) -> Double {
    let (start, length) = cycle(at: max(step, 0))
    let angle = Double.pi * Double(max(step, 0) - start) / Double(length)
    return floor + (peak - floor) * (1 + Mathematics.cosine(angle)) / 2
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    guard factor > 1 || horizon / period < RatePiece.limit else { return nil }
    var pieces: [RatePiece] = []
    var lower = 0
    while lower < horizon {
      let upper = Mathematics.sum(lower, cycle(at: lower).length)
      pieces.append(
        RatePiece(
          lower..<upper, RatePiece.trend(from: peak, to: floor), "cycle \(pieces.count)",
          leapsByDesign: lower > 0))
      lower = upper
    }
    return RatePiece.list(pieces, until: horizon)
  }
}
