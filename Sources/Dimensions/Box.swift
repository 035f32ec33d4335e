// Box: an interval for every symbol, and the intervals of dimensions that follow from it.
// Apart from Knowledge because this is the cheap test that settles nearly every claim.

/// Bounds on symbols taken one by one.
struct Box: Hashable, Sendable {
  private(set) var intervals: [Symbol: Interval] = [:]
  /// Whether some symbol has no value left.
  private(set) var isEmpty = false

  subscript(symbol: Symbol) -> Interval { intervals[symbol] ?? .everything }

  /// Narrows the interval of a symbol; returns whether that changed anything.
  @discardableResult
  mutating func narrow(_ symbol: Symbol, to interval: Interval) -> Bool {
    let old = self[symbol]
    let new = old.intersection(interval)
    guard new != old else { return false }
    intervals[symbol] = new
    if new.isEmpty { isEmpty = true }
    return true
  }

  /// The range of a dimension term by term, without looking at how the terms depend on one
  /// another.
  func directRange(of dimension: Dimension) -> Interval {
    guard dimension.isDefined else { return .everything }
    if let constant = dimension.wideConstant { return Interval(constant) }
    var total = Interval(0)
    for term in dimension.terms {
      var product = Interval(term.coefficient)
      for factor in term.monomial.factors {
        product = product * range(of: factor.atom).raised(to: factor.exponent)
      }
      total = total + product
      if total == .everything { return total }
    }
    return total
  }

  /// Whether the bounds alone show that a dimension is never less than `limit`.
  func isAtLeast(_ limit: Int128, _ dimension: Dimension) -> Bool {
    if let lower = directRange(of: dimension).lower, lower >= limit { return true }
    guard dimension.terms.contains(where: { $0.monomial.degree > 1 }) else { return false }
    return range(of: dimension).lower.map { $0 >= limit } ?? false
  }

  /// The range of a dimension, also after moving each bounded symbol to start at zero.
  ///
  /// With `x = lower + x'` a polynomial whose coefficients come out without minus signs is seen
  /// to be at least its constant term, however its terms depend on one another.
  func range(of dimension: Dimension) -> Interval {
    let direct = directRange(of: dimension)
    guard dimension.terms.contains(where: { $0.monomial.degree > 1 }) else { return direct }
    var shifts: [Symbol: Dimension] = [:]
    var shifted = Box()
    for case .symbol(let symbol) in dimension.atoms {
      let interval = self[symbol]
      let width = interval.lower?.negatedChecked.flatMap { interval.upper?.addingChecked($0) }
      if let low = interval.lower {
        shifts[symbol] = Dimension(wide: low) + Dimension(symbol)
        shifted.intervals[symbol] = Interval(lower: 0, upper: width)
      } else if let high = interval.upper {
        shifts[symbol] = Dimension(wide: high) - Dimension(symbol)
        shifted.intervals[symbol] = Interval(lower: 0, upper: nil)
      }
    }
    // An atom would be shifted too; its own range is already as good as it gets.
    guard dimension.depth == 0, !shifts.isEmpty else { return direct }
    let moved = dimension.substituting(shifts)
    return moved.isDefined ? direct.intersection(shifted.directRange(of: moved)) : direct
  }

  /// The bounds on the symbols of a dimension, each as something that is at least zero.
  func facts(about dimension: Dimension) -> [Dimension] {
    dimension.symbols.sorted().flatMap { symbol in
      [
        self[symbol].lower.map { Dimension(symbol) - Dimension(wide: $0) },
        self[symbol].upper.map { Dimension(wide: $0) - Dimension(symbol) },
      ].compactMap(\.self)
    }
  }

  private func range(of atom: Atom) -> Interval {
    switch atom {
    case .symbol(let symbol): return self[symbol]
    case .floor(let numerator, let divisor):
      return range(of: numerator).floorDivided(by: range(of: divisor))
    case .modulo(let numerator, let divisor):
      return range(of: numerator).modulo(range(of: divisor))
    case .minimum(let operands):
      return operands.dropFirst().reduce(range(of: operands[0])) {
        $0.minimum(range(of: $1))
      }
    case .maximum(let operands):
      return operands.dropFirst().reduce(range(of: operands[0]).negated) {
        $0.minimum(range(of: $1).negated)
      }.negated
    }
  }
}
