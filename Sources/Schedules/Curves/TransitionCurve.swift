// TransitionCurve: from one rate to another over a number of steps, as linear, cosine, polynomial,
// square-root and geometric decays do. One family, because they differ in one formula alone.

/// A move from one rate to another.
package struct TransitionCurve: RateCurve {
  /// How progress becomes a share of the way that is left.
  package enum Shape: Hashable, Sendable {
    case linear
    /// Linear as `1 - progress`, whose rounding some tools have.
    case complement
    /// Waves of a cosine; 0.5 goes down once.
    case cosine(cycles: Double)
    case polynomial(power: Double)
    /// `1 - sqrt(progress)`
    case root
    /// The same factor at every step.
    case geometric
    /// `2 · 0.5^progress - 1`, Megatron's
    case halving
  }

  /// What happens after the last step.
  package enum Ending: Hashable, Sendable {
    /// The rate stays where it arrived.
    case hold
    /// The formula goes on, never below the bound.
    case proceed(atLeast: Double)
  }

  package var shape: Shape
  package var start: Double
  package var end: Double
  package var length: Int
  package var ending: Ending

  package init(
    _ shape: Shape, from start: Double, to end: Double, over length: Int, ending: Ending = .hold
  ) {
    self.shape = shape
    self.start = start
    self.end = end
    self.length = length
    self.ending = ending
  }

  package func rate(at step: Int) -> Double {
    if step >= length {
      switch ending {
      case .hold: return finalRate
      case .proceed(let bound): return max(bound, value(at: step))
      }
    }
    return value(at: step)
  }

  /// The rate at which the transition arrives.
  package var finalRate: Double {
    if case .cosine(let cycles) = shape, cycles != 0.5 { return value(at: length) }
    return end
  }

  private func value(at step: Int) -> Double {
    guard length > 0 else { return end }
    let progress = Double(step) / Double(length)
    switch shape {
    case .linear:
      return end + (start - end) * (Double(length) - Double(step)) / Double(length)
    case .complement: return end + (start - end) * (1.0 - progress)
    case .cosine(let cycles):
      let angle = .pi * cycles * 2.0 * progress
      return end + (start - end) * (0.5 * (1.0 + Mathematics.cosine(angle)))
    case .polynomial(let power):
      return end + (start - end) * Mathematics.power(max(1 - progress, 0), power)
    case .root: return end + (start - end) * (1 - progress.squareRoot())
    case .geometric: return start * Mathematics.power(end / start, progress)
    case .halving:
      return end + (start - end) * (2 * Mathematics.power(0.5, progress) - 1)
    }
  }

  private var name: String {
    switch shape {
    case .linear, .complement: "linear"
    case .cosine: "cosine"
    case .polynomial: "polynomial"
    case .root: "sqrt"
    case .geometric: "exponential"
    case .halving: "halving"
    }
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    guard length > 0 else {
      return RatePiece.list([RatePiece(0..<Int.max, .constant, "floor")], until: horizon)
    }
    if case .cosine(let cycles) = shape { return waves(cycles, until: horizon) }
    if case .proceed(let bound) = ending {
      // Each of these shapes goes on the way it went, until it meets the bound.
      let trend = RatePiece.trend(from: start, to: end)
      if trend == .falling, bound >= end {
        return RatePiece.transition(name, length, from: start, to: end, until: horizon)
      }
      return RatePiece.list([RatePiece(0..<Int.max, trend, name)], until: horizon)
    }
    return RatePiece.transition(name, length, from: start, to: end, until: horizon)
  }

  /// Half waves, each of which moves one way.
  private func waves(_ cycles: Double, until horizon: Int) -> [RatePiece]? {
    let half = cycles == 0 ? .infinity : Double(length) / (2 * cycles.magnitude)
    let last = ending == .hold ? min(length, horizon) : horizon
    guard half >= 1, Double(last) / half < Double(RatePiece.limit) else { return nil }
    var pieces: [RatePiece] = []
    var lower = 0
    var index = 0
    while lower < last {
      let bound = (half * Double(index + 1)).rounded(.up)
      let upper = bound < Double(last) ? max(Int(bound), lower) : last
      let falls = (index % 2 == 0) == (start >= end)
      if upper > lower {
        // The crest of a wave may lie between two steps; the sign at its ends decides.
        let trend: RateTrend = start == end ? .constant : falls ? .falling : .rising
        pieces.append(RatePiece(lower..<upper, trend, name))
      }
      lower = upper
      index += 1
    }
    if last < horizon { pieces.append(RatePiece(last..<horizon, .constant, "floor")) }
    return pieces
  }
}
