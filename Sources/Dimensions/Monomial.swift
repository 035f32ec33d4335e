// Monomial and Term: a product of atoms, and that product with its integer coefficient.
// Apart from Polynomial because the monomial order decides every normal form and every printout.

/// One atom raised to a positive power.
struct Factor: Hashable, Sendable {
  let atom: Atom
  let exponent: Int
}

/// A product of distinct atoms in canonical order; the empty product is one.
struct Monomial: Hashable, Sendable {
  let factors: [Factor]
  let degree: Int

  static let one = Monomial(factors: [])

  init(factors: [Factor]) {
    self.factors = factors
    degree = factors.reduce(0) { $0 + $1.exponent }
  }

  init(_ atom: Atom, power: Int = 1) {
    factors = [Factor(atom: atom, exponent: power)]
    degree = power
  }

  var isOne: Bool { factors.isEmpty }

  /// The atom when the monomial is just that atom, to the first power.
  var soleAtom: Atom? {
    degree == 1 ? factors.first?.atom : nil
  }

  func exponent(of atom: Atom) -> Int {
    factors.first { $0.atom == atom }?.exponent ?? 0
  }

  static func * (left: Monomial, right: Monomial) -> Monomial {
    if left.isOne { return right }
    if right.isOne { return left }
    return left.combined(with: right) { $0 + $1 }
  }

  /// The quotient, or nil when some atom of `divisor` is missing here.
  func divided(by divisor: Monomial) -> Monomial? {
    if divisor.isOne { return self }
    guard divisor.degree <= degree else { return nil }
    let quotient = combined(with: divisor) { $0 - $1 }
    return quotient.factors.contains { $0.exponent < 0 } ? nil : quotient
  }

  /// The largest monomial that divides both.
  func common(with other: Monomial) -> Monomial {
    if isOne || other.isOne { return .one }
    return combined(with: other) { min($0, $1) }
  }

  /// Graded lexicographic order: higher degree first, then earlier atoms first.
  ///
  /// Multiplying both sides by the same monomial keeps it, so products stay sorted.
  func place(against other: Monomial) -> Placement {
    if degree != other.degree { return degree > other.degree ? .before : .after }
    for (own, theirs) in zip(factors, other.factors) {
      let placement = own.atom.place(against: theirs.atom)
      if placement != .same { return placement }
      if own.exponent != theirs.exponent {
        return own.exponent > theirs.exponent ? .before : .after
      }
    }
    return Placement(of: factors.count, against: other.factors.count)
  }

  private func combined(
    with other: Monomial, exponents combine: (Int, Int) -> Int
  ) -> Monomial {
    var result: [Factor] = []
    result.reserveCapacity(factors.count + other.factors.count)
    var left = 0
    var right = 0
    func append(_ atom: Atom, _ exponent: Int) {
      if exponent != 0 { result.append(Factor(atom: atom, exponent: exponent)) }
    }
    while left < factors.count, right < other.factors.count {
      let own = factors[left]
      let theirs = other.factors[right]
      switch own.atom.place(against: theirs.atom) {
      case .before:
        append(own.atom, combine(own.exponent, 0))
        left += 1
      case .after:
        append(theirs.atom, combine(0, theirs.exponent))
        right += 1
      case .same:
        append(own.atom, combine(own.exponent, theirs.exponent))
        left += 1
        right += 1
      }
    }
    for factor in factors[left...] { append(factor.atom, combine(factor.exponent, 0)) }
    for factor in other.factors[right...] { append(factor.atom, combine(0, factor.exponent)) }
    return Monomial(factors: result)
  }
}

/// A monomial with a coefficient that is not zero.
struct Term: Hashable, Sendable {
  let coefficient: Int128
  let monomial: Monomial

  init(_ coefficient: Int128, _ monomial: Monomial) {
    self.coefficient = coefficient
    self.monomial = monomial
  }

  /// The product, or nil when the coefficient overflows.
  func times(_ other: Term) -> Term? {
    let (product, overflow) = coefficient.multipliedReportingOverflow(by: other.coefficient)
    return overflow ? nil : Term(product, monomial * other.monomial)
  }
}
