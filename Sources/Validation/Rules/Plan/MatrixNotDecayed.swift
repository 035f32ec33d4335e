// MatrixNotDecayed: a matrix that weight decay leaves out while it takes in others.
// Tables of embeddings are left out on purpose by many, so they are not looked at.
import Diagnostics
import Language

/// A trained matrix is left out of the decay that the optimiser asks for.
///
/// The optimiser has a decay, and the `decay` line passes over a weight of two or more axes. Mostly
/// the pattern of an exception is wider than meant: `*.weight` takes out every matrix. Tables of
/// embeddings are left out by many and stay silent, and so does a plan with frozen weights, whose
/// trained rest is adapters.
///
/// - Example: decay all except *.weight
/// - Remedy: Narrow the exception, `*.ln_*.weight` for example, or set `decay: 0`.
/// - Catalogue: T23
enum MatrixNotDecayed: Rule {
  static let id = "matrix-not-decayed"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let optimizer = subject.plan?.optimizer, optimizer.decay > 0, subject.trainsEverything,
      let groups = subject.decayGroups, let decay = subject.plan?.decay
    else { return [] }
    let matrices = groups.members.filter { $0.rank >= 2 && !$0.isTable }
    let left = matrices.filter { !$0.isDecayed }
    guard !left.isEmpty else { return [] }
    let (tensors, elements) = DecayGroups.total(left)
    let all = DecayGroups.total(matrices)
    return [
      finding(
        "decay leaves out \(subject.grouped(tensors)) of \(subject.grouped(all.tensors)) matrices",
        at: decay.range,
        facts: DecayGroups.text(left, subject) + [
          "\(subject.grouped(elements)) of \(subject.grouped(all.elements)) elements of matrices"
            + " are not decayed, though the optimiser has decay \(optimizer.decay)"
        ])
    ]
  }
}
