// Prover: decides claims about dimensions, in three values.
// The methods behind each kind of claim are extensions in files of their own.

/// Proves claims from assumptions, or refutes them by example.
package struct Prover: Sendable {
  package let assumptions: Assumptions

  package init(assuming assumptions: Assumptions) {
    self.assumptions = assumptions
  }

  package func prove(_ claim: Constraint) -> Verdict {
    switch claim {
    case .equal(let a, let b) where a.isDefined && a == b: return .proved
    default: break
    }
    if claim.symbols.isEmpty, let holds = claim.evaluate([:]) {
      return holds ? .proved : .refuted(Witness(values: [:]))
    }
    return .unknown(missing: claim.simplified)
  }

  package func areEqual(_ left: Dimension, _ right: Dimension) -> Verdict {
    prove(.equal(left, right))
  }

  /// Whether `left >= right`.
  package func isAtLeast(_ left: Dimension, _ right: Dimension) -> Verdict {
    prove(.atLeast(left, right))
  }

  /// Whether `divisor` divides `dividend` without remainder.
  package func divides(_ divisor: Dimension, _ dividend: Dimension) -> Verdict {
    prove(.divisible(dividend, by: divisor))
  }

  /// The least and the greatest value that a dimension can take, as far as they can be bounded.
  package func range(of dimension: Dimension) -> (lower: Int128?, upper: Int128?) {
    (dimension.wideConstant, dimension.wideConstant)
  }
}
