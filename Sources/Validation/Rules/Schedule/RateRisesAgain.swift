// RateRisesAgain: a decayed rate that climbs again before the run ends.
// Cycles and restarts are made to climb and are left alone.
import Diagnostics

/// The rate rises again behind its peak, though the schedule is no cycle.
///
/// The cosine of transformers goes up again beyond its horizon: a run that is longer than the
/// schedule was made for ends at a high rate. Phases that a file joins itself rise because it says
/// so, and stay silent.
///
/// - Example: transformers.cosine(num_training_steps: 800) for 1,000 steps
/// - Remedy: Give the schedule the length of the run.
/// - Catalogue: T03
enum RateRisesAgain: Rule {
  static let id = "rate-rises-again"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    refuted("never-rises", in: subject) { audit in
      let names = audit.schedule.names.map { $0.lowercased() }
      return names.count > 1 && !names.contains { $0.contains("transformers") }
        || names.contains { name in
          ["cycl", "restart", "sequential"].contains { name.contains($0) }
        }
    }
  }
}
