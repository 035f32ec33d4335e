// RateDiffersFromPlan: the rates that a run logged are not those of its schedule.
// Apart from mistakes of the schedule itself, which need no run.
import Diagnostics

/// The logged learning rates are not those of the planned schedule.
///
/// Mostly the schedule was never attached, is stepped once for each micro-batch or process, or has
/// another horizon after a resume. A log may count steps from one, or name the rate of the next
/// update; either is accepted when it explains every line. Rates are compared to the digits that
/// the log prints.
///
/// - Example: a cosine was planned, and every line of the log says 6e-4
/// - Remedy: Attach the planned schedule, step it once an update, or plan what was run.
/// - Catalogue: T08, T12, T25
enum RateDiffersFromPlan: ReviewRule {
  static let id = "rate-differs-from-plan"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    guard let planned = subject.plan.rate else { return [] }
    return subject.logs.compactMap { log in
      let entries = log.entries.filter { $0.rate != nil }
      guard !entries.isEmpty,
        case let comparison = Comparison(planned: planned, precision: log.precision),
        ![0, -1, 1].contains(where: { comparison.matches(entries, shift: $0) }),
        let first = entries.first(where: { comparison.differs($0, shift: 0) })
      else { return nil }
      let different = entries.count { comparison.differs($0, shift: 0) }
      return finding(
        "the rate at step \(first.step) is \(RateText.rate(first.rate ?? 0)), the plan's is"
          + " \(RateText.rate(planned(first.step)))",
        at: first.place,
        facts: ["\(different) of \(entries.count) logged rates of \(log.name) differ"]
          + comparison.explanations(entries))
    }
  }
}

/// Logged rates beside those of a plan.
private struct Comparison {
  let planned: (Int) -> Double
  let precision: RatePrecision

  func matches(_ entries: [RunLog.Entry], shift: Int) -> Bool {
    entries.allSatisfy { !differs($0, shift: shift) }
  }

  func differs(_ entry: RunLog.Entry, shift: Int) -> Bool {
    let (step, overflow) = entry.step.addingReportingOverflow(shift)
    return overflow || !isClose(entry, planned(max(step, 0)))
  }

  private func isClose(_ entry: RunLog.Entry, _ planned: Double) -> Bool {
    guard let rate = entry.rate else { return true }
    return (rate - planned).magnitude
      <= precision.slack(max(rate.magnitude, planned.magnitude))
  }

  /// What would explain all the lines.
  func explanations(_ entries: [RunLog.Entry]) -> [String] {
    let rates = entries.compactMap(\.rate)
    if entries.count > 2, Set(rates).count == 1 {
      return ["the logged rate never changes: no schedule was attached"]
    }
    for factor in [2, 3, 4, 8, 16, 32, 64] {
      let isFaster = entries.allSatisfy { entry in
        let (step, overflow) = entry.step.multipliedReportingOverflow(by: factor)
        return !overflow && isClose(entry, planned(step))
      }
      if isFaster { return ["it fits a schedule that is stepped \(factor) times an update"] }
    }
    let ratios = entries.compactMap { entry -> Double? in
      let plan = planned(entry.step)
      return plan > 0 ? (entry.rate ?? 0) / plan : nil
    }
    if ratios.count > 2, let low = ratios.min(), let high = ratios.max(),
      high - low < 2 * precision.slack(high)
    {
      let mean = ratios.reduce(0, +) / Double(ratios.count)
      return ["every rate is \(RateText.rate(mean, digits: 3)) times the plan's: another peak"]
    }
    return []
  }
}
