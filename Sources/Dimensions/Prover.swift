// Prover: decides claims about dimensions, in three values.
// The methods behind each kind of claim are extensions in files of their own.

/// Proves claims from assumptions, or refutes them by example.
///
/// A proof goes through normal forms, bounds, exact sign analysis in one symbol, combinations of
/// assumptions and case splits, in that order; a refutation through a search for the smallest
/// violation. Both are capped: common claims take microseconds, the worst some milliseconds. Working out the
/// assumptions is the expensive part: make one prover for a scope, not one for a claim.
package struct Prover: Sendable {
  package let assumptions: Assumptions
  let knowledge: Knowledge
  /// The assumptions in their simplest words, to recognise a claim that is one of them.
  private let stated: Set<Constraint>

  package init(assuming assumptions: Assumptions) {
    self.assumptions = assumptions
    knowledge = Knowledge(assumptions.constraints)
    stated = Set(assumptions.constraints.map(\.simplified))
  }

  /// Whether the assumptions were seen to exclude one another, so that every proof is empty.
  package var isContradictory: Bool { knowledge.isContradictory }

  package func prove(_ claim: Constraint) -> Verdict {
    // Nearly every claim compares two equal normal forms; those need no knowledge at all.
    if case .equal(let left, let right) = claim, left.isDefined, left == right { return .proved }
    let (left, right) = claim.sides
    guard left.isDefined, right.isDefined else { return .unknown(missing: claim) }
    if left.wideConstant != nil, right.wideConstant != nil, claim.evaluate([:]) == true {
      return .proved
    }
    let own = claim.mapping(knowledge.substituting)
    guard own.sides.0.isDefined, own.sides.1.isDefined else { return .unknown(missing: claim) }
    return decide(own, stated: claim)
  }

  package func areEqual(_ left: Dimension, _ right: Dimension) -> Verdict {
    prove(.equal(left, right))
  }

  /// Whether `left >= right`.
  package func isAtLeast(_ left: Dimension, _ right: Dimension) -> Verdict {
    prove(.atLeast(left, right))
  }

  /// Whether `divisor` is not zero and divides `dividend` without remainder.
  package func divides(_ divisor: Dimension, _ dividend: Dimension) -> Verdict {
    prove(.divisible(dividend, by: divisor))
  }

  /// The least and the greatest value that a dimension can take, as far as they can be bounded.
  ///
  /// Every value lies between the two; a bound need not be reached.
  package func range(of dimension: Dimension) -> (lower: Int128?, upper: Int128?) {
    let interval = knowledge.box.range(of: knowledge.substituting(dimension))
    return (interval.lower, interval.upper)
  }

  /// An assignment that satisfies every assumption, when the search finds one.
  package func example() -> Witness? {
    var search = WitnessSearch(against: nil, stated: nil, by: self)
    return search.run()
  }

  /// Cheap proof, cheap refutation, expensive proof, expensive refutation.
  private func decide(_ claim: Constraint, stated: Constraint) -> Verdict {
    if holdsAtOnce(claim) || self.stated.contains(stated.simplified) { return .proved }
    var search = WitnessSearch(against: claim, stated: stated, by: self)
    if let witness = search.runBriefly() { return .refuted(witness) }
    // A claim that is false everywhere is not proved by assumptions that exclude one another.
    let isHopeless = claim.symbols.isEmpty && claim.evaluate([:]) == false
    if !isHopeless {
      if isContradictory { return .proved }
      var effort = ProofEffort()
      if holds(claim, effort: &effort) { return .proved }
    }
    if let witness = search.run() { return .refuted(witness) }
    return .unknown(missing: missingAssumption(for: claim, stated: stated))
  }

  /// The weakest assumption in the claim's own words that would prove it.
  private func missingAssumption(for claim: Constraint, stated: Constraint) -> Constraint {
    if case .divisible(let dividend, by: let divisor) = claim, dividend.modulo(divisor) == 0 {
      return .atLeast(stated.sides.1, 1)
    }
    return stated.simplified
  }
}
