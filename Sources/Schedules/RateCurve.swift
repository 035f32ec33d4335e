// RateCurve: a learning rate as a function of the step, and the pieces that prove things about it.
// The protocol that every schedule of this room conforms to, one schedule a file.

/// A learning rate as a function of the step, counted from zero.
///
/// `rate(at: i)` is in force for update `i`, read before the optimiser moves.
package protocol RateCurve: Hashable, Sendable {
  /// The rate at a step of at least 0; NaN where the schedule has none.
  func rate(at step: Int) -> Double

  /// The rates of steps `0 ..< count`, for rules that follow from one step to the next.
  func rates(_ count: Int) -> [Double]

  /// Stretches that cover `0 ..< horizon` in each of which the rate moves one way only.
  ///
  /// - Returns: `nil` where no closed form tells, or where there are too many to list.
  func pieces(until horizon: Int) -> [RatePiece]?

  /// The last step that has a rate; `nil` when every step has one.
  var lastStep: Int? { get }

  /// The momentum of SGD, or Adam's first beta, at a step; `nil` where the schedule leaves it alone.
  func momentum(at step: Int) -> Double?
}

extension RateCurve {
  package func rates(_ count: Int) -> [Double] { (0..<max(count, 0)).map { rate(at: $0) } }
  package var lastStep: Int? { nil }
  package func momentum(at step: Int) -> Double? { nil }
}

/// Which way a rate moves.
package enum RateTrend: String, Hashable, Sendable {
  case constant
  case rising
  case falling
}

/// A stretch of steps over which a rate moves one way: what is true at both ends bounds it.
package struct RatePiece: Hashable, Sendable {
  package var steps: Range<Int>
  package var trend: RateTrend
  /// What the stretch is, for reports: `warmup`, `cosine`.
  package var name: String
  /// Whether a leap at its first step is the rule of the schedule, as in a staircase.
  package var leapsByDesign: Bool

  package init(
    _ steps: Range<Int>, _ trend: RateTrend, _ name: String, leapsByDesign: Bool = false
  ) {
    self.steps = steps
    self.trend = trend
    self.name = name
    self.leapsByDesign = leapsByDesign
  }

  /// More pieces than this are not listed: a rate is then evaluated step by step.
  package static var limit: Int { 20_000 }

  /// How a rate moves between two values.
  package static func trend(from start: Double, to end: Double) -> RateTrend {
    start == end ? .constant : start < end ? .rising : .falling
  }

  /// The pieces cut off at a horizon, without empty ones.
  package static func list(_ pieces: [RatePiece], until horizon: Int) -> [RatePiece] {
    pieces.compactMap { piece in
      let steps = piece.steps.clamped(to: 0..<max(horizon, 0))
      guard !steps.isEmpty else { return nil }
      var cut = piece
      cut.steps = steps
      return cut
    }
  }

  /// A transition over `0 ..< length` and what follows it, cut off at a horizon.
  package static func transition(
    _ name: String, _ length: Int, from start: Double, to end: Double, until horizon: Int
  ) -> [RatePiece] {
    list(
      [
        RatePiece(0..<max(length, 0), trend(from: start, to: end), name),
        RatePiece(max(length, 0)..<Int.max, .constant, "floor"),
      ], until: horizon)
  }
}
