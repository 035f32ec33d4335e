// RateRange: the rate raised from tiny to too large within one short run, and what the loss says.
// Apart from sweeps: one run of some hundred updates, for a first guess.
import Analysis
import Foundation
import Training
import Validation

/// A rate range test.
///
/// - Source: Smith 2017, arXiv:1506.01186, section 3.3
package struct RateRange {
  /// One update.
  package struct Point: Hashable, Sendable {
    package var rate: Double
    package var loss: Double
    /// The mean of the losses so far, the recent ones counting more.
    package var smooth: Double
  }

  package private(set) var points: [Point] = []
  /// The rate at which the smooth loss falls fastest per factor of the rate; `nil` if it never falls.
  package private(set) var suggestion: Double?
  /// The rate at which the loss had left for good; `nil` if it never did.
  package private(set) var divergence: Double?

  package static let lowest = 1e-7
  package static let highest = 10.0

  /// Trains with a rate that grows at each update.
  ///
  /// - Parameters:
  ///   - session: its weights are worth nothing afterwards.
  ///   - updates: from the lowest rate to the highest.
  ///   - stop: is looked at after each update.
  ///   - observe: is told of each update.
  /// - Throws: ``RunFailure`` when a kernel gives up.
  package init(
    _ session: TrainingSession, updates: Int, stop: StopRequest = StopRequest(),
    observe: (UpdateReport) -> Void = { _ in }
  ) throws(RunFailure) {
    let growth = log(Self.highest / Self.lowest) / Double(max(updates - 1, 1))
    let rate = { @Sendable (step: Int) -> Double in Self.lowest * exp(growth * Double(step)) }
    let loop = session.loop(rate: rate)
    var mean = 0.0
    var best = Double.infinity
    do throws(TrainingFault) {
      while points.count < updates, !stop.isAsked {
        let report = try loop.advance()
        observe(report)
        guard report.isFinite else {
          divergence = report.rate
          break
        }
        // An exponential mean without the bias of its start.
        let weight = 0.95
        mean = weight * mean + (1 - weight) * report.loss
        let smooth = mean / (1 - pow(weight, Double(points.count + 1)))
        points.append(Point(rate: report.rate, loss: report.loss, smooth: smooth))
        best = min(best, smooth)
        if points.count > 10, smooth > 2 * best || report.loss > 4 * best {
          divergence = report.rate
          break
        }
      }
    } catch {
      throw RunFailure(error)
    }
    suggestion = Self.steepest(points)
  }

  /// The middle of the stretch, a tenth of all long, over which the smooth loss falls most.
  static func steepest(_ points: [Point]) -> Double? {
    guard let low = points.indices.min(by: { points[$0].smooth < points[$1].smooth }) else {
      return nil
    }
    let width = max(points.count / 10, 2)
    var best: (fall: Double, index: Int)?
    // Behind its lowest point a loss that falls only comes back.
    for start in points.indices where start + width <= low {
      let fall = points[start].smooth - points[start + width].smooth
      if fall > best?.fall ?? 0 { best = (fall, start + width / 2) }
    }
    return best.map { points[$0.index].rate }
  }

  /// What is printed at the end.
  package var text: String {
    guard let first = points.first, let last = points.last else { return "no update was made\n" }
    var text =
      "\(Figures.grouped(points.count)) updates, rate \(RateText.rate(first.rate)) to"
      + " \(RateText.rate(last.rate)), loss \(Figures.fixed(first.loss, places: 4)) to"
      + " \(Figures.fixed(points.map(\.smooth).min() ?? first.loss, places: 4)) at its lowest\n"
    text +=
      divergence.map { "the loss diverges at a rate of \(RateText.rate($0))\n" }
      ?? "the loss never diverged: the highest rate was too low, or the updates too few\n"
    text +=
      suggestion.map {
        "suggested: --rate \(RateText.rate($0)), where the loss falls fastest\n"
      } ?? "no suggestion: the loss never fell\n"
    return text
  }
}
