// OneCycleCurve: up to the peak, down again and on to the floor, once.
// PyTorch's OneCycleLR, whose phases end between two steps; it has no rate after its last one.

/// One rise and one fall, or a rise and two falls.
package struct OneCycleCurve: RateCurve {
  /// A phase: its last step, which may lie between two, and the rate there.
  package struct Phase: Hashable, Sendable {
    package var end: Double
    package var rate: Double
  }

  package var start: Double
  package var phases: [Phase]
  package var isCosine: Bool
  /// The number of steps, after which PyTorch raises an error; `nil` stays at the last rate.
  package var totalSteps: Int?
  /// The momentum at the start and at the end of each phase; none when it is left alone.
  package var momenta: [Double] = []

  package init(
    from start: Double, _ phases: [Phase], isCosine: Bool, totalSteps: Int? = nil
  ) {
    self.start = start
    self.phases = phases
    self.isCosine = isCosine
    self.totalSteps = totalSteps
  }

  package var lastStep: Int? { totalSteps }

  package func rate(at step: Int) -> Double {
    if let totalSteps, step > totalSteps { return .nan }
    var (begin, rate) = (0.0, start)
    for (index, phase) in phases.enumerated() {
      if Double(step) <= phase.end || (index == phases.count - 1 && totalSteps != nil) {
        let progress = (Double(step) - begin) / (phase.end - begin)
        guard isCosine else { return (phase.rate - rate) * progress + rate }
        let wave = Mathematics.cosine(.pi * progress) + 1
        return phase.rate + (rate - phase.rate) / 2.0 * wave
      }
      (begin, rate) = (phase.end, phase.rate)
    }
    return rate
  }

  package func momentum(at step: Int) -> Double? {
    guard let first = momenta.first, momenta.count == phases.count + 1 else { return nil }
    // It moves as the rate does, between values of its own.
    var other = self
    other.start = first
    for index in phases.indices { other.phases[index].rate = momenta[index + 1] }
    return other.rate(at: step)
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    var pieces: [RatePiece] = []
    var (lower, rate) = (0, start)
    for phase in phases {
      // Steps up to the end of a phase belong to it.
      let upper = phase.end >= Double(horizon) ? horizon : max(Int(phase.end.rounded(.down)) + 1, 0)
      let trend = RatePiece.trend(from: rate, to: phase.rate)
      let name = trend == .rising ? "rise" : "fall"
      if upper > lower { pieces.append(RatePiece(lower..<upper, trend, name)) }
      lower = max(upper, lower)
      rate = phase.rate
    }
    pieces.append(RatePiece(lower..<max(horizon, lower), .constant, "end"))
    // The step at the number of steps lies a little beyond the last phase, on the same curve.
    if let totalSteps, horizon > totalSteps { return nil }
    return RatePiece.list(pieces, until: horizon)
  }
}
