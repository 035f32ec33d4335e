// Knowledge: assumptions worked out once, so that many claims can be tried against them.
// Apart from Prover because case splits build new knowledge while the assumptions stay.

/// What follows from a list of constraints: substitutions, bounds and inequalities.
struct Knowledge: Sendable {
  /// Symbols that an equation determines, in terms of free symbols only.
  private(set) var replacements: [Symbol: Dimension] = [:]
  /// The constraints with those substitutions made.
  private(set) var constraints: [Constraint] = []
  /// Dimensions that are at least zero, with every atom that is not a symbol abstracted.
  private(set) var facts: [Dimension] = []
  /// Dimensions that are not zero.
  private(set) var nonzero: [Dimension] = []
  private(set) var box = Box()
  /// The symbols that stand for floor divisions, minima and maxima in `facts`.
  private(set) var abstractions: [Atom: Symbol] = [:]
  /// Whether the constraints were seen to exclude one another.
  private(set) var isContradictory = false
  private var freshCount: Int

  /// More constraints than this are kept as they are, without being worked into one another.
  private static let maximumFacts = 128

  /// `freshCount` continues the numbering of invented symbols that occur in the constraints.
  init(_ constraints: [Constraint], freshCount: Int = 0) {
    self.freshCount = freshCount
    let usable = constraints.filter { $0.sides.0.isDefined && $0.sides.1.isDefined }
    var remaining: [Dimension] = []
    for constraint in usable.prefix(Knowledge.maximumFacts) {
      switch constraint {
      case .equal(let left, let right): eliminate(left - right, &remaining)
      case .divisible(let dividend, by: let divisor):
        nonzero.append(divisor)
        eliminate(dividend - divisor * Dimension(freshSymbol()), &remaining)
      case .atLeast, .notEqual: break
      }
    }
    self.constraints = usable.map { $0.substituting(replacements) }
    nonzero = nonzero.map(substituting)
    for equation in remaining.map(substituting) {
      assume(equation)
      assume(-equation)
    }
    for constraint in usable.prefix(Knowledge.maximumFacts) {
      switch constraint {
      case .atLeast(let left, let right): assume(substituting(left - right))
      case .notEqual(let left, let right): nonzero.append(substituting(left - right))
      case .equal, .divisible: break
      }
    }
    propagate()
  }

  func substituting(_ dimension: Dimension) -> Dimension {
    dimension.substituting(replacements)
  }

  /// The next number for an invented symbol, for knowledge built on top of this.
  var nextFresh: Int { freshCount }

  mutating func freshSymbol() -> Symbol {
    freshCount += 1
    // No name in a model starts with a number sign.
    return Symbol("#\(freshCount)")
  }
}

// Equations.
extension Knowledge {
  /// Solves `equation == 0` for a symbol where that needs no division; keeps it otherwise.
  private mutating func eliminate(_ equation: Dimension, _ remaining: inout [Dimension]) {
    let own = substituting(equation)
    guard own.isDefined else { return }
    if let constant = own.wideConstant {
      if constant != 0 { isContradictory = true }
      return
    }
    let reduced = own.dividedByContent()
    if reduced * own.contentOfVariables != own {
      // The content divides every term but the constant one: no integer solves that.
      isContradictory = true
      return
    }
    guard let (symbol, value) = reduced.solved() else {
      remaining.append(reduced)
      return
    }
    let updated = replacements.mapValues { $0.substituting([symbol: value]) }
    guard updated.values.allSatisfy(\.isDefined) else {
      remaining.append(reduced)
      return
    }
    replacements = updated
    replacements[symbol] = value
  }
}

// Inequalities.
extension Knowledge {
  /// Adds `fact >= 0`.
  mutating func assume(_ fact: Dimension) {
    let own = abstract(fact)
    guard own.isDefined else { return }
    record(own)
  }

  private mutating func record(_ fact: Dimension) {
    let own = fact.dividedByContent()
    if let constant = own.wideConstant {
      if constant < 0 { isContradictory = true }
      return
    }
    if own.terms.count <= 2, let first = own.terms.first, let atom = first.monomial.soleAtom,
      case .symbol(let symbol) = atom, own.terms.dropFirst().allSatisfy({ $0.monomial.isOne }),
      let limit = own.constantTerm.multipliedChecked(by: -first.coefficient.signum())
    {
      // Dividing by the content left ±1 in front of the symbol.
      box.narrow(
        symbol,
        to: first.coefficient > 0
          ? Interval(lower: limit, upper: nil) : Interval(lower: nil, upper: limit))
      return
    }
    if facts.count < Knowledge.maximumFacts, !facts.contains(own) { facts.append(own) }
  }

  /// Draws bounds on single symbols from the facts, a few rounds, and notices contradictions.
  mutating func propagate() {
    for _ in 0..<6 {
      var changed = false
      for fact in facts {
        if let upper = box.range(of: fact).upper, upper < 0 { isContradictory = true }
        for symbol in fact.symbols.sorted() {
          if let interval = impliedInterval(of: symbol, by: fact) {
            changed = box.narrow(symbol, to: interval) || changed
          }
        }
      }
      for dimension in nonzero where dimension.isDefined {
        let range = box.range(of: abstract(dimension))
        if range == Interval(0) { isContradictory = true }
        let count = facts.count
        let before = box
        if range.lower == 0 { assume(dimension - 1) }
        if range.upper == 0 { assume(-dimension - 1) }
        changed = changed || facts.count != count || box != before
      }
      if box.isEmpty { isContradictory = true }
      if !changed || isContradictory { return }
    }
  }

  /// What `factor·symbol + rest >= 0` says about the symbol, given the bounds of the others.
  private func impliedInterval(of symbol: Symbol, by fact: Dimension) -> Interval? {
    guard let coefficients = fact.coefficients(in: symbol), coefficients.count == 2 else {
      return nil
    }
    guard let most = box.range(of: coefficients[0]).upper else { return nil }
    let factor = box.range(of: coefficients[1])
    if let low = factor.lower, low >= 0, let need = most.negatedChecked, need > 0 || low > 0 {
      // factor · symbol >= need
      let divisor = need > 0 ? factor.upper : low
      return Interval(
        lower: divisor.flatMap { need.ceilingQuotient(by: $0) } ?? (need > 0 ? 1 : nil),
        upper: nil)
    }
    if let high = factor.upper, high <= 0, most < 0 || high < 0 {
      // |factor| · symbol <= most
      let divisor = most < 0 ? factor.lower : high
      return Interval(
        lower: nil,
        upper: divisor.flatMap(\.negatedChecked).flatMap { most.floorQuotient(by: $0) }
          ?? (most < 0 ? -1 : nil))
    }
    return nil
  }
}

// Abstraction.
extension Knowledge {
  /// Replaces each floor, minimum and maximum by a symbol with facts about it, and each
  /// remainder by its definition, so that only polynomials are left.
  mutating func abstract(_ dimension: Dimension) -> Dimension {
    guard dimension.depth > 0 else { return dimension }
    return dimension.rewritingAtoms { atom in
      switch atom {
      case .symbol: return nil
      case .modulo(let numerator, let divisor):
        let quotient = abstract(numerator.floorDivided(by: divisor))
        return abstract(numerator) - abstract(divisor) * quotient
      case .floor, .minimum, .maximum: return Dimension(symbol(for: atom))
      }
    }
  }

  private mutating func symbol(for atom: Atom) -> Symbol {
    if let known = abstractions[atom] { return known }
    let symbol = freshSymbol()
    let value = Dimension(symbol)
    abstractions[atom] = symbol
    box.narrow(symbol, to: box.directRange(of: Dimension(atom: atom)))
    let operands = atom.operands.map { abstract($0) }
    switch atom {
    case .symbol, .modulo: break
    case .floor(_, let divisor):
      guard let least = box.range(of: divisor).lower, least >= 1 else { break }
      record(operands[0] - operands[1] * value)
      record(operands[1] * value + operands[1] - 1 - operands[0])
      // Dividing moves towards zero, which the two facts say only with a product of bounds.
      let range = box.range(of: operands[0])
      if let low = range.lower, low >= 0 { record(operands[0] - value) }
      if let high = range.upper, high < 0 { record(value - operands[0]) }
    case .minimum: for operand in operands { record(operand - value) }
    case .maximum: for operand in operands { record(value - operand) }
    }
    return symbol
  }

  /// The knowledge for each operand that a minimum or maximum may be equal to, together with
  /// that operand; the abstracted symbol is replaced everywhere.
  func cases(of atom: Atom) -> [(knowledge: Knowledge, value: Dimension)] {
    guard let symbol = abstractions[atom] else { return [] }
    var copy = self
    let operands = atom.operands.map { copy.abstract($0) }
    var largest = false
    if case .maximum = atom { largest = true }
    return operands.map { chosen in
      var branch = copy
      branch.facts = []
      for fact in copy.facts { branch.record(fact.substituting([symbol: chosen])) }
      for other in operands where other != chosen {
        branch.record(largest ? chosen - other : other - chosen)
      }
      branch.propagate()
      return (branch, chosen)
    }
  }
}

extension Dimension {
  /// The content of the terms that are not constant, as a dimension.
  fileprivate var contentOfVariables: Dimension {
    var content: UInt128 = 0
    for term in terms where !term.monomial.isOne {
      content = Int128.greatestCommonDivisor(content, term.coefficient.magnitude)
    }
    return Int128(exactly: content).map(Dimension.init(wide:)) ?? 1
  }

  /// A symbol with coefficient 1 or -1 that occurs nowhere else, and its value where the
  /// dimension is zero.
  ///
  /// Symbols of the model go before invented ones, later names first.
  fileprivate func solved() -> (Symbol, Dimension)? {
    let candidates = terms.filter { $0.coefficient.magnitude == 1 }.compactMap { term in
      if case .symbol(let symbol) = term.monomial.soleAtom { return (symbol, term.coefficient) }
      return nil
    }
    let ordered = candidates.sorted { left, right in
      let (own, other) = (left.0.name.hasPrefix("#"), right.0.name.hasPrefix("#"))
      return own == other ? left.0 > right.0 : other
    }
    for (symbol, coefficient) in ordered {
      let term = Dimension(symbol) * Dimension(wide: coefficient)
      let rest = self - term
      if rest.contains(symbol) { continue }
      let value = coefficient > 0 ? -rest : rest
      if value.isDefined { return (symbol, value) }
    }
    return nil
  }
}
