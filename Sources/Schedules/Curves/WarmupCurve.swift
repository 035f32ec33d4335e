// WarmupCurve: a rise to the peak, in the shapes and by the step counts that tools use.
// Apart from linear transitions because tools disagree about its first and last step.

/// A rise from a rate to the peak.
package struct WarmupCurve: RateCurve {
  /// How progress becomes a share of the rise.
  package enum Shape: String, Hashable, Sendable, CaseIterable {
    case linear
    case cosine
    /// `1 - sqrt(1 - progress)`
    case root = "1-sqrt"
    /// `log(step) / log(length)`, DeepSpeed's
    case logarithmic = "log"
  }

  /// Which step counts as how much progress.
  package enum Count: Hashable, Sendable {
    /// `i / n`: the first step has the starting rate, the peak comes at step `n`.
    case fromZero
    /// `(i + 1) / n`: the peak comes at step `n - 1`.
    case fromOne
    /// `(i + 1) / (n + 1)`: neither the starting rate nor the peak within the warm-up.
    case between
    /// `(i - 1) / n`, and `log(i) / log(n)`: read before the scheduler's first step.
    case late
  }

  package var start: Double
  package var peak: Double
  package var length: Int
  package var shape: Shape
  package var count: Count

  package init(
    from start: Double, to peak: Double, over length: Int, shape: Shape = .linear,
    count: Count = .fromZero
  ) {
    self.start = start
    self.peak = peak
    self.length = length
    self.shape = shape
    self.count = count
  }

  /// The steps for which the curve is in force.
  package var duration: Int { count == .late ? Mathematics.sum(length, 1) : length }

  package func rate(at step: Int) -> Double {
    guard step < duration else { return peak }
    let progress: Double
    switch count {
    case .fromZero: progress = Mathematics.ratio(step, length)
    case .fromOne: progress = Mathematics.ratio(step + 1, length)
    case .between: progress = Double(step + 1) / (Double(length) + 1)
    case .late:
      if shape == .logarithmic {
        guard step > 0 else { return start }
        let share = 1 / Mathematics.logarithm(Double(max(2, length)))
        return start + (peak - start) * (share * Mathematics.logarithm(Double(step)))
      }
      progress = Mathematics.ratio(max(step - 1, 0), max(2, length))
    }
    return start + (peak - start) * share(progress)
  }

  private func share(_ progress: Double) -> Double {
    switch shape {
    case .linear: progress
    case .cosine: 0.5 * (1.0 - Mathematics.cosine(.pi * progress))
    case .root: 1.0 - (1.0 - progress).squareRoot()
    case .logarithmic:
      // From 0 to 1 over the same steps: log(1 + progress · (n - 1)) / log(n).
      length < 2
        ? progress
        : Mathematics.logarithm(1 + progress * Double(length - 1))
          / Mathematics.logarithm(Double(length))
    }
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    RatePiece.list(
      [
        RatePiece(0..<max(duration, 0), RatePiece.trend(from: start, to: peak), "warmup"),
        RatePiece(max(duration, 0)..<Int.max, .constant, "peak"),
      ], until: horizon)
  }
}
