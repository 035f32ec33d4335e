// WarmUpTooLong: warm-up takes more than a tenth of the run.
// A warm-up that never ends is another mistake, told with the schedule.
import Diagnostics
import Language

/// Warm-up takes more than a tenth of the run.
///
/// Warm-up is for getting past the first unstable steps; the tuning playbook caps it at 10 % of the
/// steps, because what is spent there is missing at the full rate. The run's length is `steps`,
/// else what the data gives, else the end of the schedule. A tenth is rounded up to a whole step.
///
/// - Example: schedule warmup 3_000 steps, then cosine to 6e-5 at step 20_000
/// - Remedy: Shorten the warm-up to a tenth of the run, lengthen the run, or lower the peak.
/// - Catalogue: T18
enum WarmUpTooLong: Rule {
  static let id = "warm-up-too-long"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, !plan.faults.contains("schedule"),
      let phase = plan.schedule.first, let end = length(of: phase),
      let steps = subject.plannedSteps
    else { return [] }
    let most = (steps.count / 10).rounded(.up)
    // A warm-up that reaches the end is no matter of shares.
    guard Double(end) > most, Double(end) < steps.count else { return [] }
    let share = Double(end) / steps.count * 100
    let cap = subject.grouped(most)
    return [
      finding(
        "warm-up takes \(subject.grouped(end)) of \(subject.grouped(steps.count)) steps,"
          + " expected at most \(cap)",
        at: phase.range, label: "\((share * 10).rounded() / 10) % of the run",
        facts: [steps.derivation, "a tenth of the run is \(cap) steps"],
        fixes: shortened(to: most, subject))
    ]
  }

  /// The steps of warm-up: the phase's own, or those that a tool's schedule is told.
  private static func length(of phase: PlannedPhase) -> Int? {
    if phase.kind == "warmup" { return phase.end }
    let names = [
      "num_warmup_steps", "warmup_iters", "lr_warmup_steps", "warmup_steps", "warmup_num_steps",
    ]
    return names.lazy.compactMap { phase.arguments[$0] }.first.flatMap { Int(exactly: $0) }
  }

  private static func shortened(to most: Double, _ subject: RuleSubject) -> [FixIt] {
    guard let steps = Int(exactly: most), steps >= 1 else { return [] }
    for case .schedule(let phases, _, _)? in subject.train?.members ?? [] {
      guard let length = phases.first?.length, phases.first?.kind.text == "warmup" else { continue }
      return [
        FixIt(
          message: "warm up for a tenth of the run (changes the training)",
          edits: [Edit(range: length.range, replacement: subject.grouped(steps))], effect: .model)
      ]
    }
    return []
  }
}
