// ProofEffort: the search for a proof that a dimension is never negative.
// Apart from Prover because it recurses over changing knowledge under one budget.

/// What is left to spend on one claim, and the methods that spend it.
struct ProofEffort {
  /// Combinations of facts tried.
  private var combinations = 320
  /// How many of them the goal at hand may use; the first goal leaves some to its cases.
  private var share = 120
  /// Case splits on minima, maxima and remainders.
  private var splits = 64

  /// Whether `dimension >= 0` follows from the knowledge.
  static func nonnegative(
    _ dimension: Dimension, _ knowledge: Knowledge, _ effort: inout ProofEffort
  ) -> Bool {
    guard dimension.isDefined else { return false }
    if knowledge.isContradictory { return true }
    if knowledge.box.isAtLeast(0, dimension) { return true }
    if let signs = knowledge.signs(of: dimension), signs.runs.allSatisfy({ $0.sign >= 0 }) {
      return true
    }
    var known = knowledge
    let polynomial = known.abstract(dimension)
    known.propagate()
    if known.isContradictory { return true }
    if effort.deepen(polynomial, known) { return true }
    effort.share = 40
    return effort.splitExtremum(polynomial, known)
      || effort.splitResidues(dimension, knowledge)
  }

  /// Tries short combinations first, since long ones would use up the budget.
  private mutating func deepen(_ goal: Dimension, _ known: Knowledge) -> Bool {
    let saved = combinations - min(combinations, share)
    combinations -= saved
    defer { combinations = max(combinations, 0) + saved }
    for depth in 1...4 where combinations > 0 {
      if combine(goal, slack: 0, known, depth: depth) { return true }
    }
    return false
  }

  /// Subtracts nonnegative multiples of facts until bounds suffice.
  ///
  /// Shows `goal >= -slack`. A step multiplies the goal by a positive `s`, for which it is
  /// enough to show `s·goal >= -s·slack - (s - 1)`, since the goal is an integer.
  private mutating func combine(
    _ goal: Dimension, slack: Int128, _ known: Knowledge, depth: Int
  ) -> Bool {
    guard goal.isDefined else { return false }
    if let enough = slack.negatedChecked, known.box.isAtLeast(enough, goal) { return true }
    guard depth > 0 else { return false }
    let bounds = goal.terms.contains { $0.monomial.degree > 0 } ? known.box.facts(about: goal) : []
    for term in goal.terms where !term.monomial.isOne && !isHarmless(term, known.box) {
      for (index, fact) in (known.facts + bounds).enumerated() {
        for part in fact.terms
        where !part.monomial.isOne && part.coefficient.signum() == term.coefficient.signum() {
          // Bounds as they are were used in looking at the range; only multiples are new.
          guard let multiplier = term.monomial.divided(by: part.monomial),
            index < known.facts.count || !multiplier.isOne,
            isHarmless(Term(1, multiplier), known.box),
            let common = Int128(
              exactly: Int128.greatestCommonDivisor(
                part.coefficient.magnitude, term.coefficient.magnitude)),
            let scale = Int128(exactly: part.coefficient.magnitude / UInt128(common)),
            let weight = Int128(exactly: term.coefficient.magnitude / UInt128(common)),
            let wider = slack.multipliedChecked(by: scale)?.addingChecked(scale - 1)
          else { continue }
          combinations -= 1
          if combinations < 0 { return false }
          let next =
            goal * Dimension(wide: scale)
            - fact * Dimension(canonical: [Term(weight, multiplier)])
          if combine(next, slack: wider, known, depth: depth - 1) { return true }
        }
      }
    }
    return false
  }

  /// Whether a term is never negative.
  private func isHarmless(_ term: Term, _ box: Box) -> Bool {
    if term.monomial.isOne { return term.coefficient >= 0 }
    guard let lower = box.directRange(of: Dimension(canonical: [term])).lower else {
      return false
    }
    return lower >= 0
  }

  /// Tries each operand of a minimum or maximum in the goal as its value.
  private mutating func splitExtremum(_ goal: Dimension, _ known: Knowledge) -> Bool {
    let symbols = goal.symbols
    // The latest abstraction is the outermost, so its operands are still abstracted.
    let candidates = known.abstractions.filter { atom, symbol in
      switch atom {
      case .minimum, .maximum: symbols.contains(symbol)
      case .symbol, .floor, .modulo: false
      }
    }.sorted { $0.value < $1.value }
    guard let (atom, symbol) = candidates.last else { return false }
    for (branch, value) in known.cases(of: atom) {
      splits -= 1
      if splits < 0 { return false }
      if branch.isContradictory { continue }
      let own = goal.substituting([symbol: value])
      guard deepen(own, branch) || splitExtremum(own, branch) else {
        return false
      }
    }
    return true
  }

  /// Writes a symbol under a constant divisor as `modulus·k + r`, for every `r`, after which its
  /// floor divisions and remainders are polynomials in `k`.
  private mutating func splitResidues(_ dimension: Dimension, _ knowledge: Knowledge) -> Bool {
    var moduli: [Symbol: Int] = [:]
    for atom in dimension.atoms { atom.collectModuli(into: &moduli, times: 1) }
    let usable = moduli.filter { $0.value > 1 && $0.value <= 64 }
    guard let (symbol, modulus) = usable.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
      modulus <= splits
    else { return false }
    var parent = knowledge
    let quotient = Dimension(parent.freshSymbol())
    for remainder in 0..<modulus {
      splits -= 1
      if splits < 0 { return false }
      let value = Dimension(modulus) * quotient + Dimension(remainder)
      let own = dimension.substituting([symbol: value])
      let branch = Knowledge(
        knowledge.constraints.map { $0.substituting([symbol: value]) },
        freshCount: parent.nextFresh)
      guard ProofEffort.nonnegative(branch.substituting(own), branch, &self) else {
        return false
      }
    }
    return true
  }
}

extension Atom {
  /// For each symbol under constant divisors, a modulus that makes all of them divide evenly;
  /// 0 marks one that would be too large.
  func collectModuli(into moduli: inout [Symbol: Int], times factor: Int) {
    func note(_ symbol: Symbol, _ value: Int) {
      let old = moduli[symbol] ?? 1
      let common = Int128.greatestCommonDivisor(UInt128(old), UInt128(value))
      let multiple = common == 0 ? 0 : old / Int(common) * value
      moduli[symbol] = multiple > 4_096 ? 0 : multiple
    }
    switch self {
    case .symbol(let symbol):
      if factor > 1 { note(symbol, factor) }
    case .floor(let numerator, let divisor), .modulo(let numerator, let divisor):
      guard let constant = divisor.constant, constant > 0, constant <= 4_096,
        factor * constant <= 4_096
      else { return }
      for atom in numerator.atoms {
        atom.collectModuli(into: &moduli, times: factor * constant)
      }
    case .minimum(let operands), .maximum(let operands):
      for operand in operands {
        for atom in operand.atoms { atom.collectModuli(into: &moduli, times: factor) }
      }
    }
  }
}
