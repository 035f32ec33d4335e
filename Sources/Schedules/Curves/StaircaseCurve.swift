// StaircaseCurve: a rate multiplied by a factor at milestones or after every so many steps.
// Both are powers of one factor; only the count of the factors differs.

/// `base · gamma^count`.
package struct StaircaseCurve: RateCurve {
  /// Where the stairs are.
  package enum Stairs: Hashable, Sendable {
    case every(Int)
    /// Sorted; one that is listed twice counts twice.
    case milestones([Int])
  }

  package var base: Double
  package var stairs: Stairs
  package var gamma: Double

  package init(_ base: Double, _ stairs: Stairs, gamma: Double) {
    self.base = base
    self.gamma = gamma
    if case .milestones(let steps) = stairs {
      self.stairs = .milestones(steps.sorted())
    } else {
      self.stairs = stairs
    }
  }

  package func rate(at step: Int) -> Double {
    base * Mathematics.power(gamma, Double(count(at: step)))
  }

  private func count(at step: Int) -> Int {
    switch stairs {
    case .every(let length): max(step, 0) / max(length, 1)
    case .milestones(let steps): steps.prefix { $0 <= step }.count
    }
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    var edges: [Int] = [0]
    switch stairs {
    case .every(let length):
      guard horizon / max(length, 1) < RatePiece.limit else { return nil }
      edges += stride(from: max(length, 1), to: max(horizon, 1), by: max(length, 1))
    case .milestones(let steps):
      guard steps.count < RatePiece.limit else { return nil }
      for step in steps where step > edges[edges.count - 1] && step < horizon {
        edges.append(step)
      }
    }
    return RatePiece.list(
      edges.indices.map { index in
        let upper = index + 1 < edges.count ? edges[index + 1] : Int.max
        return RatePiece(
          edges[index]..<upper, .constant, "stair \(index)", leapsByDesign: index > 0)
      }, until: horizon)
  }
}
