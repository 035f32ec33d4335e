// BatchOverfitting: whether a model can learn one batch by heart, which any healthy one can.
// A wrong mask, a broken loss or a rate without effect shows here within a minute.
import Analysis
import Foundation
import Kernels
import Training

/// Training on the first batch alone.
package struct BatchOverfitting {
  /// The loss before each update.
  package private(set) var losses: [Double] = []
  /// The lowest loss that a model can reach which sees the tokens before each target and nothing else.
  package let floor: Double
  /// Below this the batch counts as learnt.
  package let goal: Double
  package private(set) var isReached = false

  /// Trains until the loss is near the floor or the steps are over.
  ///
  /// - Parameters:
  ///   - session: its weights change.
  ///   - stop: is looked at after each update.
  ///   - observe: is told of each update.
  /// - Throws: ``RunFailure`` when a kernel gives up.
  package init(
    _ session: TrainingSession, stop: StopRequest = StopRequest(),
    observe: (UpdateReport) -> Void = { _ in }
  ) throws(RunFailure) {
    let micro = max(session.plan.accumulate, 1)
    let source = session.source
    let batches = (0..<micro).map { source.batch($0) }
    // The peak of the schedule throughout: a decay is made for a longer run.
    let rate = session.plan.peak ?? session.schedule.peak
    let loop = session.loop(RepeatedBatches(batches)) { _ in rate }
    floor = Self.floor(batches, session.inputs)
    var goal = Double.nan
    do throws(TrainingFault) {
      while losses.count < session.steps, !stop.isAsked {
        let report = try loop.advance()
        losses.append(report.loss)
        observe(report)
        // One part in fifty of the way from the first loss to the floor is left.
        if goal.isNaN { goal = floor + (report.loss - floor) / 50 }
        guard report.isFinite else { break }
        if report.loss <= goal {
          isReached = true
          break
        }
      }
    } catch {
      throw RunFailure(error)
    }
    self.goal = goal
  }

  /// The entropy of each target given the tokens before it in its row, as the batch has them.
  ///
  /// Two rows that begin alike and go on differently can't both be foreseen.
  private static func floor(_ batches: [TrainingBatch<Float>], _ inputs: TrainingInputs?) -> Double
  {
    guard let inputs else { return 0 }
    var counts: [[Int32]: [Int32: Int]] = [:]
    var total = 0
    // Behind eight tokens rows differ, or the batch repeats itself.
    let depth = 8
    for batch in batches {
      guard let tokens = batch.inputs[inputs.tokens]?.indices,
        let targets = batch.inputs[inputs.targets]?.indices
      else { return 0 }
      for row in 0..<inputs.rows {
        let start = row * inputs.block
        for place in 0..<inputs.block {
          let next = inputs.shiftsInside ? place + 1 : place
          guard next < inputs.block else { continue }
          total += 1
          guard place < depth else { continue }
          let before = Array(tokens[start...start + place])
          counts[before, default: [:]][targets[start + next], default: 0] += 1
        }
      }
    }
    let sum = counts.values.reduce(0.0) { sum, followers in
      let all = Double(followers.values.reduce(0, +))
      return followers.values.reduce(sum) { $0 - Double($1) * log(Double($1) / all) }
    }
    return total > 0 ? sum / Double(total) : 0
  }

  /// What is printed at the end.
  package var text: String {
    guard let first = losses.first, let last = losses.last else { return "no update was made\n" }
    func loss(_ value: Double) -> String { Figures.fixed(value, places: 4) }
    let way = "loss \(loss(first)) → \(loss(last)) in \(Figures.grouped(losses.count)) updates"
    let bound =
      floor > 0.0005
      ? "; rows that begin alike leave \(loss(floor)) at least" : ""
    return isReached
      ? "the batch is learnt: \(way)\(bound)\n"
      : "the batch is not learnt: \(way)\(bound)\n"
        + "help: more --steps, another --rate, or a mistake in mask, targets or initialisation\n"
  }
}
