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

  /// The coefficients of the powers of a symbol at a point of the other symbols; nil when the
  /// symbol occurs inside an atom, when another one is missing, and on overflow.
  func coefficients(in symbol: Symbol, at values: [Symbol: Int]) -> [Int128]? {
    guard isDefined else { return nil }
    var result: [Int128] = [0]
    for term in terms {
      var product = term.coefficient
      var power = 0
      for factor in term.monomial.factors {
        if case .symbol(symbol) = factor.atom {
          power = factor.exponent
          continue
        }
        guard !factor.atom.contains(symbol),
          let value = factor.atom.evaluate(values)?.raisedChecked(to: factor.exponent),
          let next = product.multipliedChecked(by: value)
        else { return nil }
        product = next
      }
      while result.count <= power { result.append(0) }
      guard let sum = result[power].addingChecked(product) else { return nil }
      result[power] = sum
    }
    return result
  }

  /// Every integer in `range` at which the dimension is zero, ascending, with the other symbols
  /// fixed.
  ///
  /// Exact for polynomials of degree up to 32. Where the symbol occurs inside an atom, the range
  /// is searched value by value, at most ``searchLimit`` of them from its lower end.
  package func integerRoots(
    of symbol: Symbol, range: ClosedRange<Int>, others: [Symbol: Int] = [:]
  ) -> [Int] {
    if let coefficients = coefficients(in: symbol, at: others),
      let signs = SignSequence(coefficients: coefficients, in: range)
    {
      return signs.zeros(limit: Dimension.searchLimit)
    }
    var point = others
    point[symbol] = nil
    guard symbols.subtracting([symbol]).isSubset(of: point.keys) else { return [] }
    return range.prefix(Dimension.searchLimit).filter { value in
      point[symbol] = value
      return evaluate(point) == 0
    }
  }

  /// The most values that a search by trial looks at.
  package static var searchLimit: Int { 65_536 }
}
