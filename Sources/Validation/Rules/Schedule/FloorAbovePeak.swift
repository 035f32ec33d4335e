// FloorAbovePeak: a decay that ends higher than it begins.
// Apart from rates below zero, which the optimiser's own bounds speak of.
import Diagnostics
import Language

/// A decay ends at a rate above the peak, or below zero.
///
/// Then it is no decay; a floor is written as a rate, and not as a share of the peak.
///
/// - Example: cosine to 0.1 under a peak of 6e-4
/// - Remedy: Give the floor as a rate: a tenth of 6e-4 is 6e-5.
/// - Catalogue: T05
enum FloorAbovePeak: Rule {
  static let id = "floor-above-peak"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, let peak = plan.peak, peak > 0 else { return [] }
    return plan.schedule.compactMap { phase in
      guard let floor = phase.to, phase.kind != "warmup", floor > peak || floor < 0 else {
        return nil
      }
      return finding(
        "the rate ends at \(RateText.rate(floor)), the peak is \(RateText.rate(peak))",
        at: place(of: phase, in: subject),
        facts: [
          floor >= 0.05 && floor <= 1
            ? "\(RateText.rate(floor)) of the peak would be \(RateText.rate(floor * peak))"
            : "a tenth of the peak is \(RateText.rate(peak / 10))"
        ],
        notes: [
          Note(
            message: "the peak is planned here",
            range: subject.optimizerArgument("rate")?.range ?? plan.optimizer?.range)
        ])
    }
  }

  /// The rate as it is written.
  private static func place(of phase: PlannedPhase, in subject: RuleSubject) -> SourceRange {
    for case .schedule(let phases, _, _)? in subject.train?.members ?? [] {
      if let written = phases.first(where: { $0.range == phase.range })?.to { return written.range }
    }
    return phase.range
  }
}
