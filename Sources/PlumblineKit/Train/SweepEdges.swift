// SweepEdges: axes of a study whose best value is its lowest or its highest.
// Apart from the rule about rates, which finished logs show by themselves; of other axes only a study knows.
import Analysis
import Diagnostics
import Validation

/// What the best runs of a study say of its axes.
enum SweepEdges {
  /// Axes whose ends mean nothing, and the rate, which has a rule of its own.
  private static let left: Set<String> = ["rate", "seed", "steps", "accumulate"]

  /// A remark for each axis of three or more numbers that is best at an end.
  ///
  /// Values are compared by their best runs, as rates are; a value without a whole run counts as bad.
  static func findings(
    _ axes: [SweepAxis], _ runs: [(point: SweepPoint, score: Double?)]
  ) -> [Diagnostic] {
    axes.compactMap { axis in
      let numbers = axis.values.compactMap { text in Double(text.filter { $0 != "_" }) }
      guard !left.contains(axis.name), numbers.count == axis.values.count, numbers.count >= 3 else {
        return nil
      }
      var scores = [Double](repeating: .infinity, count: numbers.count)
      for run in runs {
        guard let score = run.score, score.isFinite,
          let value = run.point.choices.first(where: { $0.name == axis.name })?.value,
          let index = axis.values.firstIndex(of: value)
        else { continue }
        scores[index] = min(scores[index], score)
      }
      let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
      guard let low = order.first, let high = order.last,
        let best = order.min(by: { scores[$0] < scores[$1] }), scores[best].isFinite,
        best == low || best == high,
        // Values that all come to one loss say nothing of where better ones are.
        order.contains(where: { scores[$0] > scores[best] })
      else { return nil }
      return Diagnostic(
        id: "best-value-at-edge", severity: .note,
        message: "the best `\(axis.name)`, \(axis.values[best]), is the"
          + " \(best == low ? "lowest" : "highest") of \(numbers.count) that were tried",
        facts: order.map { index in
          let score = scores[index]
          return .line(
            "\(axis.name) \(axis.values[index]): "
              + (score.isFinite ? RateText.rate(score) : "no whole run"))
        })
    }
  }
}
