// Dimension division: floor quotient and remainder, simplified as far as the algebra carries.
// Apart from the ring operations because every rule here needs its own argument for soundness.

extension Dimension {
  /// The quotient rounded towards negative infinity.
  ///
  /// Division by the constant zero is ``undefined``. A symbolic divisor is taken to be nonzero:
  /// `(S·T).floorDivided(by: S)` is `T`, and the result agrees with the division wherever the
  /// division is defined.
  package func floorDivided(by divisor: Dimension) -> Dimension {
    if case .constant(let top) = storage, case .constant(let bottom) = divisor.storage {
      if bottom == 0 { return .undefined }
      return top.floorQuotient(by: bottom).map(Dimension.init(wide:)) ?? .overflow
    }
    if let poison = Dimension.poison(self, divisor) { return poison }
    guard let leading = divisor.terms.first else { return .undefined }
    if divisor == 1 { return self }
    if leading.coefficient < 0 { return (-self).floorDivided(by: -divisor) }

    let (quotient, remainder) = reduced(by: divisor)
    if remainder == 0 { return quotient }
    if divisor.wideConstant != nil, remainder.wideConstant != nil { return quotient }
    if let (numerator, denominator) = remainder.cancelled(against: divisor) {
      return quotient + numerator.floorDivided(by: denominator)
    }
    if let outer = remainder.unnestingFloor(over: divisor) { return quotient + outer }
    // A remainder lies between zero and its divisor, whatever the sign of the divisor.
    if case .modulo(_, let inner) = remainder.atom, inner == divisor { return quotient }
    return quotient + Dimension(atom: .floor(remainder, by: divisor))
  }

  /// The remainder with the sign of the divisor: `a == (a / b)·b + a mod b`.
  ///
  /// A constant zero divisor gives ``undefined``; a symbolic divisor is taken to be nonzero.
  package func modulo(_ divisor: Dimension) -> Dimension {
    if case .constant(let top) = storage, case .constant(let bottom) = divisor.storage {
      return top.floorRemainder(by: bottom).map(Dimension.init(wide:)) ?? .undefined
    }
    if let poison = Dimension.poison(self, divisor) { return poison }
    guard let leading = divisor.terms.first else { return .undefined }
    if leading.coefficient < 0 { return -((-self).modulo(-divisor)) }

    let plain = droppingRemainders(modulo: divisor)
    let remainder = plain.reduced(by: divisor).remainder
    if remainder == 0 { return 0 }
    if divisor.wideConstant != nil, remainder.wideConstant != nil { return remainder }
    if let (scale, numerator, denominator, rest) = remainder.scaledDown(with: divisor) {
      return scale * numerator.modulo(denominator) + rest
    }
    if case .modulo(_, let inner) = remainder.atom, let small = inner.wideConstant,
      let large = divisor.wideConstant, small > 0, small <= large
    {
      return remainder
    }
    return Dimension(atom: .modulo(remainder, by: divisor))
  }

  /// The quotient rounded towards positive infinity, as in the number of blocks that cover `self`.
  package func ceilingDivided(by divisor: Dimension) -> Dimension {
    if let constant = divisor.wideConstant, constant > 0 {
      return (self + divisor - 1).floorDivided(by: divisor)
    }
    return -((-self).floorDivided(by: divisor))
  }
}

extension Dimension {
  /// Splits `self` into `quotient·divisor + remainder`, an identity between integers.
  ///
  /// Polynomial division under the monomial order, with coefficients divided as integers: no
  /// term of the remainder is a multiple of the divisor's leading monomial with a coefficient
  /// outside `0 ..< leading`. For one divisor that remainder is unique, so equal classes meet
  /// in one normal form. The divisor's leading coefficient must be positive.
  fileprivate func reduced(by divisor: Dimension) -> (quotient: Dimension, remainder: Dimension) {
    let giveUp = (Dimension.zero, self)
    guard let leading = divisor.terms.first else { return giveUp }
    var rest = terms
    var next = 0
    var quotient: [Term] = []
    var remainder: [Term] = []
    var budget = 4_096 + terms.count
    while next < rest.count {
      let term = rest[next]
      next += 1
      guard let monomial = term.monomial.divided(by: leading.monomial),
        let ratio = term.coefficient.floorQuotient(by: leading.coefficient), ratio != 0
      else {
        remainder.append(term)
        continue
      }
      // |ratio · leading| stays within |term| + leading, so only extreme values give up.
      guard let taken = ratio.multipliedChecked(by: leading.coefficient),
        let minusTaken = taken.negatedChecked, let minusRatio = ratio.negatedChecked,
        let left = term.coefficient.addingChecked(minusTaken)
      else { return giveUp }
      quotient.append(Term(ratio, monomial))
      if left != 0 { remainder.append(Term(left, term.monomial)) }
      if divisor.terms.count == 1 { continue }
      budget -= 1
      guard budget > 0,
        let product = Polynomial.product(
          Array(divisor.terms.dropFirst()), Term(minusRatio, monomial)),
        let sum = Polynomial.sum(Array(rest[next...]), product),
        sum.count <= Polynomial.maximumTerms
      else { return giveUp }
      rest = sum
      next = 0
    }
    let wrapped = (Dimension(canonical: quotient), Dimension(canonical: remainder))
    return wrapped.0.isDefined && wrapped.1.isDefined ? wrapped : giveUp
  }

  /// Cancels what a fraction has above and below the line; nil when there is nothing to cancel.
  ///
  /// A common monomial is cancelled as nonzero. With a constant divisor the constant term may
  /// be rounded down: `floor((g·p + k) / (g·c)) = floor((p + floor(k / g)) / c)`.
  fileprivate func cancelled(
    against divisor: Dimension
  ) -> (numerator: Dimension, denominator: Dimension)? {
    let monomial = commonMonomial.common(with: divisor.commonMonomial)
    let content = commonContent(with: divisor)
    if monomial.isOne && content == 1 { return nil }
    guard let numerator = divided(monomial, content), let below = divisor.divided(monomial, content)
    else { return nil }
    return (numerator, below)
  }

  /// `g·m·p + k` as `(g·m, p', divisor', k')` with `self mod divisor = g·m·(p' mod divisor') + k'`.
  fileprivate func scaledDown(
    with divisor: Dimension
  ) -> (scale: Dimension, numerator: Dimension, denominator: Dimension, rest: Dimension)? {
    let monomial = commonMonomial.common(with: divisor.commonMonomial)
    let content = commonContent(with: divisor)
    if monomial.isOne && content == 1 { return nil }
    guard let numerator = divided(monomial, content),
      let below = divisor.divided(monomial, content),
      let rest = monomial.isOne ? constantTerm.floorRemainder(by: content) : 0
    else { return nil }
    let scale = Dimension(canonical: [Term(content, monomial)])
    return (scale, numerator, below, Dimension(wide: rest))
  }

  /// The largest monomial that divides every term.
  var commonMonomial: Monomial {
    guard let first = terms.first else { return .one }
    return terms.dropFirst().reduce(first.monomial) { $0.common(with: $1.monomial) }
  }

  /// The greatest integer by which both can be divided without changing the quotient's floor.
  private func commonContent(with divisor: Dimension) -> Int128 {
    // Rounding the constant term down is sound under a positive constant divisor only.
    let own = divisor.wideConstant == nil ? terms : terms.filter { !$0.monomial.isOne }
    var content: UInt128 = 0
    for term in divisor.terms + own {
      content = Int128.greatestCommonDivisor(content, term.coefficient.magnitude)
      if content == 1 { return 1 }
    }
    return Int128(exactly: content) ?? 1
  }

  /// Divides every term, rounding the constant one down; nil when the result is not a dimension.
  private func divided(_ monomial: Monomial, _ content: Int128) -> Dimension? {
    var result: [Term] = []
    for term in terms {
      guard let quotient = term.monomial.divided(by: monomial),
        let coefficient = term.coefficient.floorQuotient(by: content)
      else { return nil }
      if coefficient != 0 { result.append(Term(coefficient, quotient)) }
    }
    return Dimension(canonical: result)
  }

  /// `floor((floor(a / b) + p) / c) = floor((a + b·p) / (b·c))` for positive constants `b`, `c`,
  /// and for any `b` when `p` is zero.
  fileprivate func unnestingFloor(over divisor: Dimension) -> Dimension? {
    guard let outer = divisor.wideConstant, outer > 0 else { return nil }
    if case .floor(let numerator, let inner) = atom {
      return numerator.floorDivided(by: inner * divisor)
    }
    for term in terms where term.coefficient == 1 {
      guard case .floor(let numerator, let inner) = term.monomial.soleAtom,
        let bottom = inner.wideConstant, bottom > 0
      else { continue }
      let rest = self - Dimension(canonical: [term])
      let widened = (numerator + rest * inner).floorDivided(by: inner * divisor)
      return widened.isDefined ? widened : nil
    }
    return nil
  }

  /// Replaces `x mod b` by `x` where `b` is a multiple of the divisor: both are congruent.
  fileprivate func droppingRemainders(modulo divisor: Dimension) -> Dimension {
    let plain = rewritingAtoms { atom in
      guard case .modulo(let numerator, let inner) = atom,
        inner == divisor || inner.reduced(by: divisor).remainder == 0
      else { return nil }
      return numerator
    }
    return plain.isDefined ? plain : self
  }
}
