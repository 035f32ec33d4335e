// Dimension solving: the coefficients in one symbol, and the integers at which a value is zero.
// Apart because a failed count is explained by solving it for each field of the configuration.

extension Dimension {
  /// The coefficients of the powers of a symbol, lowest first; nil when the symbol occurs inside
  /// floor, mod, min or max, and when the dimension is not defined.
  package func coefficients(in symbol: Symbol) -> [Dimension]? {
    guard isDefined else { return nil }
    let atom = Atom.symbol(symbol)
    var lists: [[Term]] = [[]]
    for term in terms {
      for factor in term.monomial.factors where factor.atom != atom {
        if factor.atom.contains(symbol) { return nil }
      }
      let power = term.monomial.exponent(of: atom)
      let own = power == 0 ? Monomial.one : Monomial(atom, power: power)
      guard let rest = term.monomial.divided(by: own) else { return nil }
      while lists.count <= power { lists.append([]) }
      // Dividing terms of one power by that power keeps their order.
      lists[power].append(Term(term.coefficient, rest))
    }
    return lists.map { Dimension(canonical: $0) }
  }

  /// Every integer in `range` at which the dimension is zero, ascending, with the other symbols
  /// fixed.
  ///
  /// Exact for polynomials of degree up to 32. Where the symbol occurs inside an atom, the range
  /// is searched value by value, at most ``searchLimit`` of them from its lower end.
  package func integerRoots(
    of symbol: Symbol, range: ClosedRange<Int>, others: [Symbol: Int] = [:]
  ) -> [Int] {
    var fixed = others
    fixed[symbol] = nil
    let own = substituting(fixed.mapValues { Dimension($0) })
    guard own.isDefined, own.symbols.isSubset(of: [symbol]) else { return [] }
    if let coefficients = own.coefficients(in: symbol)?.compactMap(\.wideConstant),
      let signs = SignSequence(coefficients: coefficients, in: range)
    {
      return signs.zeros(limit: Dimension.searchLimit)
    }
    var roots: [Int] = []
    for value in range.prefix(Dimension.searchLimit) where own.evaluate([symbol: value]) == 0 {
      roots.append(value)
    }
    return roots
  }

  /// The most values that a search by trial looks at.
  package static var searchLimit: Int { 65_536 }
}
