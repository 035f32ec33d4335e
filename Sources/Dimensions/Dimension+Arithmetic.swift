// Dimension arithmetic: sums, products, powers, minima, maxima, substitution and evaluation.
// Apart from the type so that the constant fast paths can be read in one place.

extension Dimension {
  package static func + (left: Dimension, right: Dimension) -> Dimension {
    if case .constant(let own) = left.storage, case .constant(let other) = right.storage {
      let (sum, overflow) = own.addingReportingOverflow(other)
      return overflow ? .overflow : Dimension(wide: sum)
    }
    if let poison = poison(left, right) { return poison }
    return Dimension(canonical: Polynomial.sum(left.terms, right.terms))
  }

  package static func - (left: Dimension, right: Dimension) -> Dimension {
    if case .constant(let own) = left.storage, case .constant(let other) = right.storage {
      let (difference, overflow) = own.subtractingReportingOverflow(other)
      return overflow ? .overflow : Dimension(wide: difference)
    }
    return left + -right
  }

  package static prefix func - (operand: Dimension) -> Dimension {
    operand * -1
  }

  package static func * (left: Dimension, right: Dimension) -> Dimension {
    if case .constant(let own) = left.storage, case .constant(let other) = right.storage {
      let (product, overflow) = own.multipliedReportingOverflow(by: other)
      return overflow ? .overflow : Dimension(wide: product)
    }
    if let poison = poison(left, right) { return poison }
    return Dimension(canonical: Polynomial.product(left.terms, right.terms))
  }

  package static func += (left: inout Dimension, right: Dimension) { left = left + right }

  package static func -= (left: inout Dimension, right: Dimension) { left = left - right }

  package static func *= (left: inout Dimension, right: Dimension) { left = left * right }

  /// The power; a negative exponent gives ``undefined``, since the result is no integer.
  package func raised(to exponent: Int) -> Dimension {
    guard isDefined else { return self }
    guard exponent >= 0 else { return .undefined }
    if case .constant(let value) = storage {
      return value.raisedChecked(to: exponent).map(Dimension.init(wide:)) ?? .overflow
    }
    guard exponent <= Polynomial.maximumDegree else { return .overflow }
    var result: Dimension = 1
    var square = self
    var remaining = exponent
    while remaining > 0, result.isDefined {
      if !remaining.isMultiple(of: 2) { result = result * square }
      remaining /= 2
      if remaining > 0 { square = square * square }
    }
    return result
  }

  /// The sum of many dimensions, merged pairwise.
  package static func sum(of dimensions: some Sequence<Dimension>) -> Dimension {
    var lists: [[Term]] = []
    var poison: Dimension?
    for dimension in dimensions {
      if !dimension.isDefined { poison = Dimension.poison(poison ?? 0, dimension) }
      lists.append(dimension.terms)
    }
    return poison ?? Dimension(canonical: Polynomial.sum(of: lists))
  }

  /// The product of many dimensions; one for none.
  package static func product(of dimensions: some Sequence<Dimension>) -> Dimension {
    dimensions.reduce(1, *)
  }

  /// What two operands absorb to: undefined before overflow, nil when both are ordinary.
  static func poison(_ left: Dimension, _ right: Dimension) -> Dimension? {
    if left.isDefined && right.isDefined { return nil }
    return left.isUndefined || right.isUndefined ? .undefined : .overflow
  }
}

// Minima and maxima.
extension Dimension {
  package static func minimum(_ left: Dimension, _ right: Dimension) -> Dimension {
    extremum(of: [left, right], largest: false)
  }

  package static func maximum(_ left: Dimension, _ right: Dimension) -> Dimension {
    extremum(of: [left, right], largest: true)
  }

  static func minimum(of operands: [Dimension]) -> Dimension {
    extremum(of: operands, largest: false)
  }

  static func maximum(of operands: [Dimension]) -> Dimension {
    extremum(of: operands, largest: true)
  }

  /// Flattens nested extrema and drops operands that differ from another by a constant.
  private static func extremum(of operands: [Dimension], largest: Bool) -> Dimension {
    var kept: [Dimension] = []
    var poison: Dimension?
    func insert(_ candidate: Dimension) {
      for index in kept.indices {
        guard let difference = (candidate - kept[index]).wideConstant else { continue }
        if (difference > 0) == largest { kept[index] = candidate }
        return
      }
      kept.append(candidate)
    }
    for operand in operands {
      if !operand.isDefined { poison = Dimension.poison(poison ?? 0, operand) }
      switch operand.atom {
      case .minimum(let inner) where !largest: inner.forEach(insert)
      case .maximum(let inner) where largest: inner.forEach(insert)
      default: insert(operand)
      }
      if kept.count > Polynomial.maximumOperands { return .overflow }
    }
    if let poison { return poison }
    if let only = kept.first, kept.count == 1 { return only }
    let sorted = kept.sorted { $0.place(against: $1) == .before }
    return Dimension(atom: largest ? .maximum(sorted) : .minimum(sorted))
  }
}

// Substitution and evaluation.
extension Dimension {
  /// Replaces symbols by dimensions, all at once, and simplifies again.
  package func substituting(_ replacements: [Symbol: Dimension]) -> Dimension {
    guard case .polynomial = storage, !replacements.isEmpty else { return self }
    return rewritingAtoms { atom in
      if case .symbol(let symbol) = atom { return replacements[symbol] }
      return atom.rebuilt { $0.substituting(replacements) }
    }
  }

  /// Replaces outer atoms by dimensions; an atom for which `rewrite` gives nil stays.
  func rewritingAtoms(_ rewrite: (Atom) -> Dimension?) -> Dimension {
    guard case .polynomial(let polynomial) = storage else { return self }
    var known: [Atom: Dimension] = [:]
    var changed = false
    for atom in atoms {
      guard let replacement = rewrite(atom), replacement.atom != atom else { continue }
      known[atom] = replacement
      changed = true
    }
    guard changed else { return self }
    return Dimension.sum(
      of: polynomial.terms.map { term in
        var product = Dimension(wide: term.coefficient)
        for factor in term.monomial.factors {
          let base = known[factor.atom] ?? Dimension(atom: factor.atom)
          product *= base.raised(to: factor.exponent)
        }
        return product
      })
  }

  /// The value at a point; nil when a symbol is missing, on overflow and on division by zero.
  package func evaluate(_ values: [Symbol: Int]) -> Int128? {
    switch storage {
    case .constant(let value): return value
    case .overflow, .undefined: return nil
    case .polynomial(let polynomial):
      var total: Int128 = 0
      for term in polynomial.terms {
        var product = term.coefficient
        for factor in term.monomial.factors {
          guard let base = factor.atom.evaluate(values),
            let power = base.raisedChecked(to: factor.exponent),
            let next = product.multipliedChecked(by: power)
          else { return nil }
          product = next
        }
        guard let next = total.addingChecked(product) else { return nil }
        total = next
      }
      return total
    }
  }
}
