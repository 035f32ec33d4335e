// Prover claims: each kind of claim reduced to questions about signs.
// Apart from the search for proofs of signs, which knows nothing of claims.

extension Prover {
  /// The cheap tests: normal forms and bounds.
  func holdsAtOnce(_ claim: Constraint) -> Bool {
    let (left, right) = claim.sides
    switch claim {
    case .atLeast:
      return isNonnegativeAtOnce(left - right)
    case .equal:
      let difference = left - right
      return difference == 0 || knowledge.box.range(of: difference) == Interval(0)
    case .notEqual:
      let difference = left - right
      return isNonzeroAtOnce(difference)
    case .divisible:
      let remainder = left.modulo(right)
      return remainder.isDefined && isNonzeroAtOnce(right)
        && knowledge.box.range(of: remainder) == Interval(0)
    }
  }

  /// The full set of methods.
  func holds(_ claim: Constraint, effort: inout ProofEffort) -> Bool {
    let (left, right) = claim.sides
    switch claim {
    case .atLeast:
      return ProofEffort.nonnegative(left - right, knowledge, &effort)
    case .equal:
      let difference = left - right
      var known = knowledge
      if known.abstract(difference) == 0 { return true }
      return ProofEffort.nonnegative(difference, knowledge, &effort)
        && ProofEffort.nonnegative(-difference, knowledge, &effort)
    case .notEqual:
      return isNonzero(left - right, &effort)
    case .divisible:
      let remainder = left.modulo(right)
      guard remainder.isDefined, isNonzero(right, &effort) else { return false }
      if remainder == 0 || left.vanishes(modulo: right) { return true }
      // A remainder has the sign of its divisor, so one side is known already.
      guard let least = knowledge.box.range(of: right).lower, least >= 1 else { return false }
      return ProofEffort.nonnegative(-remainder, knowledge, &effort)
    }
  }

  private func isNonnegativeAtOnce(_ dimension: Dimension) -> Bool {
    if knowledge.box.isAtLeast(0, dimension) { return true }
    guard let signs = knowledge.signs(of: dimension) else { return false }
    return signs.runs.allSatisfy { $0.sign >= 0 }
  }

  private func isNonzeroAtOnce(_ dimension: Dimension) -> Bool {
    guard dimension.isDefined else { return false }
    let range = knowledge.box.range(of: dimension)
    if let lower = range.lower, lower > 0 { return true }
    if let upper = range.upper, upper < 0 { return true }
    if knowledge.nonzero.contains(dimension) || knowledge.nonzero.contains(-dimension) {
      return true
    }
    // 2·T + 4·S is even, so it is not 1.
    let reduced = dimension.dividedByContent()
    if dimension != 0, !dimension.isMultiple(of: reduced) { return true }
    guard let signs = knowledge.signs(of: dimension) else { return false }
    return signs.runs.allSatisfy { $0.sign != 0 }
  }

  private func isNonzero(_ dimension: Dimension, _ effort: inout ProofEffort) -> Bool {
    isNonzeroAtOnce(dimension)
      || ProofEffort.nonnegative(dimension - 1, knowledge, &effort)
      || ProofEffort.nonnegative(-dimension - 1, knowledge, &effort)
  }
}

extension Knowledge {
  /// The signs of a polynomial in one symbol over every value the symbol may have; nil for
  /// anything else.
  ///
  /// An open side is closed where the sign can no longer change: no root is larger than one plus
  /// the largest coefficient.
  func signs(of dimension: Dimension) -> SignSequence? {
    guard dimension.depth == 0, dimension.isDefined else { return nil }
    let symbols = dimension.symbols
    guard let symbol = symbols.first, symbols.count == 1,
      let coefficients = dimension.coefficients(in: symbol)?.compactMap(\.wideConstant),
      let largest = coefficients.map(\.magnitude).max(), largest < 1 << 60
    else { return nil }
    let bound = Int128(largest) + 1
    let interval = box[symbol]
    let low = interval.lower ?? min(-bound, interval.upper ?? 0)
    let high = interval.upper ?? max(bound, interval.lower ?? 0)
    guard low <= high, let start = Int(exactly: low), let end = Int(exactly: high) else {
      return nil
    }
    return SignSequence(coefficients: coefficients, in: start...end)
  }
}

extension Dimension {
  /// Whether a polynomial is a multiple of a small constant at every residue of its symbols.
  fileprivate func vanishes(modulo divisor: Dimension) -> Bool {
    guard depth == 0, let modulus = divisor.constant, (2...4_096).contains(modulus) else {
      return false
    }
    let symbols = symbols.sorted()
    var points = 1
    for _ in symbols {
      points *= modulus
      if points > 4_096 { return false }
    }
    let reduced = modulo(divisor).atom.map { $0.operands.first ?? self } ?? self
    for index in 0..<points {
      var rest = index
      var point: [Symbol: Int] = [:]
      for symbol in symbols {
        point[symbol] = rest % modulus
        rest /= modulus
      }
      guard reduced.evaluate(point)?.floorRemainder(by: Int128(modulus)) == 0 else { return false }
    }
    return true
  }

  /// Whether this is some integer times `other`.
  fileprivate func isMultiple(of other: Dimension) -> Bool {
    guard let own = terms.first, let theirs = other.terms.first,
      let ratio = own.coefficient.floorQuotient(by: theirs.coefficient)
    else { return false }
    return other * Dimension(wide: ratio) == self
  }
}
