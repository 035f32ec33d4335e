// CyclicCurve: a triangle between two rates, for ever; its crests may shrink.
// The formula is PyTorch's CyclicLR, from Smith 2017, arXiv:1506.01186.

/// A triangular wave.
package struct CyclicCurve: RateCurve {
  /// What becomes of the crests.
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    case triangular
    /// Halved after every cycle.
    case halving = "triangular2"
    /// Multiplied by gamma at every step.
    case exponential = "exp_range"
  }

  package var floor: Double
  package var peak: Double
  package var up: Int
  package var down: Int
  package var mode: Mode
  package var gamma: Double
  /// The momentum at the floor of the rate and at its peak; `nil` when it is left alone.
  package var momenta: Momenta?

  /// Where a momentum moves against the rate.
  package struct Momenta: Hashable, Sendable {
    package var atFloor: Double
    package var atPeak: Double
  }

  package init(
    from floor: Double, to peak: Double, up: Int, down: Int, mode: Mode = .triangular,
    gamma: Double = 1
  ) {
    self.floor = floor
    self.peak = peak
    self.up = max(up, 1)
    self.down = max(down, 1)
    self.mode = mode
    self.gamma = gamma
  }

  private var total: Int { Mathematics.sum(up, down) }

  package func rate(at step: Int) -> Double {
    let size = Double(up) + Double(down)
    let ratio = Double(up) / size
    let cycle = (1 + Double(step) / size).rounded(.down)
    let x = 1.0 + Double(step) / size - cycle
    let scale = x <= ratio ? x / ratio : (x - 1) / (ratio - 1)
    let height = (peak - floor) * scale
    switch mode {
    case .triangular: return floor + height
    case .halving: return floor + height * (1 / Mathematics.power(2, cycle - 1))
    case .exponential: return floor + height * Mathematics.power(gamma, Double(step))
    }
  }

  package func momentum(at step: Int) -> Double? {
    guard let momenta else { return nil }
    var other = self
    (other.floor, other.peak) = (momenta.atFloor, momenta.atPeak)
    return other.rate(at: step)
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    // With crests that shrink at every step, a rise may end before its crest.
    guard mode != .exponential || gamma == 1, horizon / total < RatePiece.limit / 2 else {
      return nil
    }
    var pieces: [RatePiece] = []
    var start = 0
    while start < horizon {
      let crest = Mathematics.sum(start, up)
      let end = Mathematics.sum(crest, down)
      pieces.append(RatePiece(start..<crest, RatePiece.trend(from: floor, to: peak), "rise"))
      pieces.append(RatePiece(crest..<end, RatePiece.trend(from: peak, to: floor), "fall"))
      start = end
    }
    return RatePiece.list(pieces, until: horizon)
  }
}
