// OptimizerOutOfRange: a rate, an epsilon, a decay or a momentum with which an optimiser can't learn.
// Apart from the elaborator's checks of betas, because these numbers only matter to a run.
import Diagnostics
import Language

/// A number of the optimiser lies outside what it can learn with.
///
/// A rate of 0 or below changes no weight or climbs the loss. An epsilon of 0 or below divides by
/// zero where the gradient is zero. A negative decay lets weights grow without bound, and a decay
/// that times the rate reaches 1 removes the whole weight in one step (AdamW and SGD subtract
/// `rate · decay · weight`). A momentum of 1 or more never forgets a gradient. Nesterov's step looks
/// ahead by an undamped momentum, so it needs one.
///
/// - Example: optimizer adamw(rate: 6e-4, decay: 2_000)
/// - Remedy: Use a positive rate and epsilon (1e-8 is usual), a decay from 0 to about 0.1, a
///   momentum from 0 to below 1 (0.9 is usual), and `nesterov` only with a momentum and no dampening.
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
    func says(_ what: String, _ label: String, _ facts: String...) -> Diagnostic {
      finding(what, at: place(label), facts: facts)
    }
    var found: [Diagnostic] = []
    if optimizer.rate <= 0 {
      found.append(
        says(
          "the rate is \(optimizer.rate), expected more than 0", "rate",
          optimizer.rate == 0 ? "a rate of 0 changes no weight" : "a negative rate climbs the loss"
        ))
    }
    if optimizer.epsilon <= 0 {
      found.append(
        says(
          "epsilon is \(optimizer.epsilon), expected more than 0", "epsilon",
          "an update divides by √v + epsilon, which is 0 where every gradient was 0"))
    }
    if optimizer.decay < 0 {
      found.append(
        says(
          "the decay is \(optimizer.decay), expected at least 0", "decay",
          "a negative decay makes every decayed weight grow"))
    } else if optimizer.name != "adam", optimizer.rate > 0, optimizer.rate * optimizer.decay >= 1 {
      let share = optimizer.rate * optimizer.decay
      found.append(
        says(
          "rate × decay is \(share), expected less than 1", "decay",
          "\(optimizer.rate) × \(optimizer.decay) = \(share)",
          "a step multiplies each decayed weight by 1 - rate × decay, which is not positive"))
    }
    if !(0..<1 ~= optimizer.momentum) {
      found.append(
        says(
          "the momentum is \(optimizer.momentum), expected at least 0 and less than 1", "momentum",
          optimizer.momentum < 0
            ? "a negative momentum turns each step against the one before"
            : "a momentum of 1 or more never forgets a gradient, and the steps grow without end"))
    }
    if !(0...1 ~= optimizer.dampening) {
      found.append(
        says(
          "the dampening is \(optimizer.dampening), expected 0 to 1", "dampening",
          "the momentum takes in 1 - dampening of each gradient"))
    }
    if optimizer.nesterov, optimizer.momentum == 0 || optimizer.dampening != 0 {
      let lack = optimizer.momentum == 0 ? "has no momentum" : "dampens its momentum"
      found.append(
        says(
          "`nesterov` needs a momentum without dampening, and this optimiser \(lack)", "nesterov",
          "the step looks ahead by the momentum that the next one would add"))
    }
    return found
  }
}
