// ScheduleAudit: what is true of a schedule over a whole run, proved or refuted.
// By the ends of pieces where closed forms give them, else by the rate of every single step.
import Schedules

/// One statement about a run.
package struct ScheduleClaim: Hashable, Sendable {
  /// Whether it is so.
  package enum Verdict: String, Hashable, Sendable {
    case proved
    case refuted
    case undecided
    /// Neither good nor bad.
    case stated
  }

  /// `reaches-peak`, for machines.
  package var about: String
  package var verdict: Verdict
  package var text: String
  /// The step that shows it.
  package var step: Int?
}

/// The statements about one schedule over one run.
package struct ScheduleAudit: Hashable, Sendable {
  /// What the statements rest on.
  package enum Evidence: Hashable, Sendable {
    case pieces(Int)
    case everyStep(Int)
    case none
  }

  /// Longer runs without closed forms are not evaluated.
  package static var longestEvaluation: Int { 2_000_000 }

  package let schedule: Schedule
  /// The updates of the run.
  package let steps: Int
  package let evidence: Evidence
  package private(set) var claims: [ScheduleClaim] = []

  let pieces: [RatePiece]
  let values: [Double]?

  /// - Parameters:
  ///   - schedule: the schedule.
  ///   - steps: how many updates the run has, at least 1.
  ///   - evaluates: whether to look at every step even where closed forms would do.
  package init(_ schedule: Schedule, steps: Int, evaluates: Bool = false) {
    self.schedule = schedule
    self.steps = max(steps, 1)
    // Where a schedule stops having rates, a run stops too.
    let known = min(self.steps, schedule.lastStep.map { Mathematics.sum($0, 1) } ?? .max)
    if !evaluates, let pieces = schedule.pieces(until: known), !pieces.isEmpty {
      self.pieces = pieces
      values = nil
      evidence = .pieces(pieces.count)
    } else if known <= Self.longestEvaluation {
      let rates = schedule.rates(known)
      pieces = Self.runs(of: rates)
      values = rates
      evidence = .everyStep(known)
    } else {
      pieces = []
      values = nil
      evidence = .none
    }
    guard !pieces.isEmpty else {
      claims = [
        ScheduleClaim(
          about: "undecided", verdict: .undecided,
          text: "no closed form, and \(self.steps) steps are too many to evaluate")
      ]
      return
    }
    claims = [
      domain(known), peakClaim, floorClaim, riseClaim, zeroClaim, jumpClaim, stairClaim,
      warmupClaim, beyond,
    ].compactMap { $0 }
  }

  /// The rate of a step, from what was evaluated if it was.
  func rate(_ step: Int) -> Double {
    if let values, values.indices.contains(step) { return values[step] }
    return schedule.rate(at: step)
  }

  /// Runs of steps in which evaluated rates move one way.
  private static func runs(of rates: [Double]) -> [RatePiece] {
    guard !rates.isEmpty else { return [] }
    var pieces: [RatePiece] = []
    var lower = 0
    var trend: RateTrend?
    for step in rates.indices.dropFirst() {
      let next = RatePiece.trend(from: rates[step - 1], to: rates[step])
      if let known = trend, known != next {
        pieces.append(RatePiece(lower..<step, known, known.rawValue))
        lower = step
        // A single step between two runs belongs to the one that follows.
        trend = nil
      } else {
        trend = next
      }
    }
    pieces.append(RatePiece(lower..<rates.count, trend ?? .constant, "rest"))
    return pieces
  }

  // MARK: Extremes

  /// The highest rate of the run.
  package var highest: Double {
    pieces.map { max(rate($0.steps.lowerBound), rate($0.steps.upperBound - 1)) }.max() ?? 0
  }

  /// The lowest rate of the run.
  package var lowest: Double {
    pieces.map { min(rate($0.steps.lowerBound), rate($0.steps.upperBound - 1)) }.min() ?? 0
  }

  /// The first step with the highest rate.
  package var highestStep: Int {
    let bound = highest - highest.magnitude * 1e-12
    for piece in pieces {
      if rate(piece.steps.lowerBound) >= bound { return piece.steps.lowerBound }
      if rate(piece.steps.upperBound - 1) >= bound { return piece.steps.upperBound - 1 }
    }
    return 0
  }

  var last: Int { (pieces.last?.steps.upperBound ?? 1) - 1 }
}

extension ScheduleAudit {
  /// Every claim that does not hold.
  package var refuted: [ScheduleClaim] { claims.filter { $0.verdict == .refuted } }

  /// `proved by 3 pieces`, `evaluated at every one of 100 steps`.
  package var evidenceText: String {
    switch evidence {
    case .pieces(1): "proved from the closed form: 1 piece, monotone"
    case .pieces(let count): "proved from the closed forms: \(count) pieces, each monotone"
    case .everyStep(let count): "no closed form: evaluated at every one of \(count) steps"
    case .none: "neither proved nor evaluated"
    }
  }
}
