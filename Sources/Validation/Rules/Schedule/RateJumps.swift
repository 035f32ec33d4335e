// RateJumps: one phase hands over to the next at another rate.
// Leaps that a schedule is made of, such as stairs and restarts, are no joints.
import Diagnostics

/// The rate jumps where one phase ends and the next begins.
///
/// A warm-up that ends at the peak and a decay that counts from step 0 do not meet; a jump upwards
/// undoes what warm-up was for.
///
/// - Example: warmup 100 steps, then linear from 3e-4 under a peak of 6e-4
/// - Remedy: Begin each phase at the rate where the one before it ends.
/// - Catalogue: T11
enum RateJumps: Rule {
  static let id = "rate-jumps"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    refuted("jumps", in: subject)
  }
}
