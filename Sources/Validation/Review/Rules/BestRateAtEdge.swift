// BestRateAtEdge: the best rate of a study is its lowest or its highest.
// Needs several runs; what one run says of its rate, other rules say.
import Diagnostics

/// The best run of a study has the lowest or the highest rate that was tried.
///
/// Then better rates may lie beyond, and the study did not find the best one. Runs are compared by
/// their best validation loss, else by the mean of their last losses; three rates are needed, and a
/// run whose loss is not finite counts as bad.
///
/// - Example: of 1e-4, 3e-4 and 1e-3 the last is best
/// - Remedy: Extend the sweep beyond that end.
/// - Catalogue: T20
enum BestRateAtEdge: ReviewRule {
  static let id = "best-rate-at-edge"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    var scores: [Double: (score: Double, log: RunLog)] = [:]
    for log in subject.logs {
      guard let peak = log.peak else { continue }
      let isLost = log.entries.contains { $0.loss?.isFinite == false }
      let score = isLost ? .infinity : log.score ?? .infinity
      if score < scores[peak]?.score ?? .infinity || scores[peak] == nil {
        scores[peak] = (score, log)
      }
    }
    let rates = scores.keys.sorted()
    guard rates.count >= 3, let low = rates.first, let high = rates.last,
      let best = rates.min(by: {
        (scores[$0]?.score ?? .infinity) < (scores[$1]?.score ?? .infinity)
      }),
      best == low || best == high, let winner = scores[best], winner.score.isFinite
    else { return [] }
    return [
      finding(
        "the best rate, \(RateText.rate(best)), is the \(best == low ? "lowest" : "highest")"
          + " of \(rates.count) that were tried",
        at: winner.log.entries.first?.place,
        facts: rates.map { rate in
          let score = scores[rate]?.score ?? .infinity
          return "rate \(RateText.rate(rate)): \(score.isFinite ? RateText.rate(score) : "lost")"
        })
    ]
  }
}
