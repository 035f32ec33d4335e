// OptimizerOutOfRange: a rate, an epsilon or a decay with which AdamW can't learn.
// Apart from the elaborator's checks of betas, because these numbers only matter to a run.
import Diagnostics
import Language

/// A number of the optimiser lies outside what AdamW can learn with.
///
/// A rate of 0 or below changes no weight or climbs the loss. An epsilon of 0 or below divides by
/// zero where the gradient is zero. A negative decay lets weights grow without bound, and a decay
/// that times the rate reaches 1 removes the whole weight in one step (AdamW subtracts
/// `rate · decay · weight`).
///
/// - Example: optimizer adamw(rate: 6e-4, decay: 2_000)
/// - Remedy: Use a positive rate and epsilon (1e-8 is usual), and a decay from 0 to about 0.1.
/// - Catalogue: T24
enum OptimizerOutOfRange: Rule {
  static let id = "optimizer-out-of-range"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let optimizer = subject.plan?.optimizer else { return [] }
    func place(_ label: String) -> SourceRange {
      subject.optimizerArgument(label)?.range ?? optimizer.range
    }
    var found: [Diagnostic] = []
    if optimizer.rate <= 0 {
      found.append(
        finding(
          "the rate is \(optimizer.rate), expected more than 0", at: place("rate"),
          facts: [
            optimizer.rate == 0
              ? "a rate of 0 changes no weight" : "a negative rate climbs the loss"
          ]))
    }
    if optimizer.epsilon <= 0 {
      found.append(
        finding(
          "epsilon is \(optimizer.epsilon), expected more than 0", at: place("epsilon"),
          facts: ["an update divides by √v + epsilon, which is 0 where every gradient was 0"]))
    }
    if optimizer.decay < 0 {
      found.append(
        finding(
          "the decay is \(optimizer.decay), expected at least 0", at: place("decay"),
          facts: ["a negative decay makes every decayed weight grow"]))
    } else if optimizer.rate > 0, optimizer.rate * optimizer.decay >= 1 {
      let share = optimizer.rate * optimizer.decay
      found.append(
        finding(
          "rate × decay is \(share), expected less than 1", at: place("decay"),
          facts: [
            "\(optimizer.rate) × \(optimizer.decay) = \(share)",
            "a step multiplies each decayed weight by 1 - rate × decay, which is not positive",
          ]))
    }
    return found
  }
}
