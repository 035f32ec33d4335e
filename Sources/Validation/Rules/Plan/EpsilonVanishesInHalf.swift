// EpsilonVanishesInHalf: the optimiser's epsilon is 0 in the type of the weights.
// Apart from a zero that was written, which is wrong in every type.
import Diagnostics
import IR
import Language

/// The optimiser's epsilon rounds to 0 in f16, the type of the weights that it updates.
///
/// Half of the smallest f16 is 2.98e-8. AdamW divides by √v + epsilon, and where every gradient
/// vanished that is 0 / 0. An optimiser that keeps its moments in f32 does not have the problem.
///
/// - Example: adamw(epsilon: 1e-8) for a model of dtype f16
/// - Remedy: Use an epsilon of 1e-4 to 1e-6, or allow it if the optimiser computes in f32.
/// - Catalogue: N04
enum EpsilonVanishesInHalf: Rule {
  static let id = "epsilon-vanishes-in-half"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let optimizer = subject.plan?.optimizer, subject.trainedElements.contains(.f16),
      optimizer.name != "sgd", optimizer.epsilon > 0, optimizer.epsilon < 2.98e-8
    else { return [] }
    return [
      finding(
        "epsilon is \(optimizer.epsilon), which is 0 in f16",
        at: subject.optimizerArgument("epsilon")?.range ?? optimizer.range,
        facts: ["the smallest f16 is 5.96e-8, and what is below half of it becomes 0"])
    ]
  }
}
