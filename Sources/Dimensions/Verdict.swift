// Verdict: what the prover can say about a claim.
// Apart from the prover because checkers switch over it far from where it was reached.

/// Proved, refuted by an example, or open for the lack of an assumption.
package enum Verdict: Hashable, Sendable {
  /// Every assignment that satisfies the assumptions satisfies the claim. When no assignment
  /// satisfies the assumptions, that is every claim.
  case proved
  /// The witness satisfies every assumption and makes the claim false.
  case refuted(Witness)
  /// Neither was found; with `missing` assumed as well, the claim would be proved.
  case unknown(missing: Constraint)

  package var isProved: Bool { self == .proved }

  package var witness: Witness? {
    if case .refuted(let witness) = self { return witness }
    return nil
  }
}
