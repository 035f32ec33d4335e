// LearningRates: a learning-rate schedule for a Swift program, from the line a model file has.
// Apart from Plumbline, because a schedule needs no model.
import Language
import Schedules
import Validation

/// The learning rate of every update of a run.
///
/// ```swift
/// let rates = try LearningRates("warmup 200 steps, then cosine to 2e-5 at step 10_000", peak: 2e-4)
/// rates.rate(at: 100)  // 1e-4
/// ```
public struct LearningRates: Sendable {
  private let schedule: Schedule

  /// Why a schedule can't be made.
  public struct Refusal: Error, Sendable, CustomStringConvertible {
    /// What is wrong, one line for each finding.
    public let description: String
  }

  /// Reads a schedule as the `schedule` line of a `train` section says it.
  ///
  /// - Parameters:
  ///   - text: one line: phases, or a schedule of PyTorch, transformers or another tool.
  ///   - peak: the rate of the optimiser.
  /// - Throws: ``Refusal`` with everything that is wrong with the text.
  public init(_ text: String, peak: Double) throws(Refusal) {
    schedule = try LearningRates.plan(text, peak: peak).schedule
  }

  /// The plan of a text, with the schedule that it leads to.
  package static func plan(
    _ text: String, peak: Double
  ) throws(Refusal) -> (plan: TrainingPlan, schedule: Schedule) {
    guard !text.contains(where: \.isNewline) else {
      throw Refusal(description: "a schedule is one line")
    }
    guard peak.isFinite, peak >= 0 else {
      throw Refusal(description: "the peak must be a number of at least 0, found \(peak)")
    }
    let loaded = Workspace.load(
      path: "schedule",
      text: """
        model rates {
          param weight: [1]

          forward(x: [1]) -> [1] {
            return x * weight
          }
        }

        train rates {
          optimizer adamw(rate: \(peak))
          schedule  \(text)
        }
        """)
    let errors = loaded.diagnostics.filter { $0.severity == .error }.map(\.message)
    guard errors.isEmpty, let plan = loaded.model?.plan, let schedule = plan.rates else {
      throw Refusal(
        description: errors.isEmpty ? "no schedule" : errors.joined(separator: "\n"))
    }
    return (plan, schedule)
  }

  /// The rate in force for an update, counted from zero; NaN where the schedule has none.
  public func rate(at step: Int) -> Double { schedule.rate(at: step) }

  /// The rates of the updates `0 ..< count`.
  public func rates(_ count: Int) -> [Double] { schedule.rates(max(count, 0)) }

  /// What is true of a run of so many updates, one sentence a line, each proved or refuted.
  public func report(steps: Int) -> String {
    ScheduleAudit(schedule, steps: steps).claims
      .map { "\($0.verdict.rawValue): \($0.text)\n" }.joined()
  }
}
