// WitnessSearch: looks for the smallest point at which the assumptions hold and a claim fails.
// Apart from Prover because it only ever proposes; every witness is checked by evaluation.

/// A bounded, deterministic search over the free symbols.
struct WitnessSearch {
  let prover: Prover
  /// The claim over free symbols, and as it was stated; nil looks for any satisfying point.
  let claim: Constraint?
  private let stated: Constraint?
  private let symbols: [Symbol]
  private let claimSymbols: [Symbol]
  private let otherSymbols: [Symbol]
  /// The symbols of each constraint of the knowledge.
  let constraintSymbols: [Set<Symbol>]
  private var budget = 0

  /// Beyond this many symbols no search is made.
  private static let maximumSymbols = 64

  /// The interesting numbers: constants of the claim and the assumptions, and their neighbours.
  let landmarks: [Int]

  init(against claim: Constraint?, stated: Constraint?, by prover: Prover) {
    self.prover = prover
    self.claim = claim
    self.stated = stated
    let knowledge = prover.knowledge
    var all = prover.assumptions.symbols.union(stated?.symbols ?? [])
    symbols = all.sorted()
    for (symbol, value) in knowledge.replacements {
      all.remove(symbol)
      all.formUnion(value.symbols)
    }
    constraintSymbols = knowledge.constraints.map(\.symbols)
    for symbols in constraintSymbols { all.formUnion(symbols) }
    let own = claim?.symbols ?? []
    claimSymbols = own.sorted()
    otherSymbols = all.subtracting(own).sorted()
    var constants: Set<Int> = []
    for constraint in knowledge.constraints + [claim].compactMap(\.self) {
      for side in [constraint.sides.0, constraint.sides.1] {
        side.collectConstants(into: &constants)
      }
    }
    landmarks = constants.sorted().flatMap { [$0 - 1, $0, $0 + 1] }
  }

  /// A few points, enough for a claim that is false nearly everywhere.
  mutating func runBriefly() -> Witness? {
    budget = 64
    return search(levels: 1)
  }

  mutating func run() -> Witness? {
    budget = 1_000
    return search(levels: 12)
  }

  /// Tries every symbol of the claim as the one to solve for, the others at ever larger values.
  private mutating func search(levels: Int) -> Witness? {
    if claimSymbols.isEmpty {
      return extend([:], by: otherSymbols[...]).map(witness)
    }
    if claimSymbols.count + otherSymbols.count > WitnessSearch.maximumSymbols { return nil }
    for level in 0..<levels {
      var best: [Symbol: Int]?
      for pivot in claimSymbols {
        let others = claimSymbols.filter { $0 != pivot }
        let choices = others.map { candidates(for: $0) }
        visit(choices: choices, total: level) { search, indices in
          var values: [Symbol: Int] = [:]
          for (position, index) in indices.enumerated() {
            values[others[position]] = choices[position][index]
          }
          if let found = search.solve(pivot, with: values),
            best.map({ search.isSmaller(found, than: $0) }) ?? true
          {
            best = found
          }
          return search.budget > 0
        }
        if budget <= 0 { break }
      }
      if let best { return witness(shrunk(best)) }
      if budget <= 0 || claimSymbols.count == 1 { return nil }
    }
    return nil
  }

  /// Calls `body` with every list of indices that adds up to `total`, until it returns false.
  private mutating func visit(
    choices: [[Int]], total: Int, body: (inout WitnessSearch, [Int]) -> Bool
  ) {
    func step(_ search: inout WitnessSearch, _ indices: [Int], _ left: Int) -> Bool {
      let position = indices.count
      if position == choices.count { return left > 0 || body(&search, indices) }
      let isLast = position == choices.count - 1
      for index in (isLast ? left : 0)...left where index < choices[position].count {
        if !step(&search, indices + [index], left - index) { return false }
      }
      return true
    }
    _ = step(&self, [], total)
  }

  /// The smallest value of the pivot that violates the claim, the rest of the claim being fixed.
  private mutating func solve(_ pivot: Symbol, with values: [Symbol: Int]) -> [Symbol: Int]? {
    budget -= 8
    for value in violations(of: pivot, with: values) {
      if budget <= 0 { return nil }
      var point = values
      point[pivot] = value
      if let complete = extend(point, by: otherSymbols[...]) { return complete }
    }
    return nil
  }

  /// Gives the remaining symbols values that the assumptions allow, then checks everything.
  private mutating func extend(
    _ values: [Symbol: Int], by remaining: ArraySlice<Symbol>
  ) -> [Symbol: Int]? {
    guard let symbol = remaining.first else {
      budget -= 1
      return isWitness(values) ? values : nil
    }
    budget -= 2
    for value in allowed(for: symbol, with: values).prefix(8) {
      if budget <= 0 { return nil }
      var next = values
      next[symbol] = value
      if let complete = extend(next, by: remaining.dropFirst()) { return complete }
    }
    return nil
  }
}

// Checking.
extension WitnessSearch {
  /// All symbols of the statement with their values; nil when one cannot be computed.
  private func original(_ values: [Symbol: Int]) -> [Symbol: Int]? {
    var result: [Symbol: Int] = [:]
    for symbol in symbols {
      if let replacement = prover.knowledge.replacements[symbol] {
        guard let value = replacement.evaluate(values).flatMap({ Int(exactly: $0) }) else {
          return nil
        }
        result[symbol] = value
      } else {
        guard let value = values[symbol] else { return nil }
        result[symbol] = value
      }
    }
    return result
  }

  private func isWitness(_ values: [Symbol: Int]) -> Bool {
    guard let point = original(values), prover.assumptions.hold(at: point) else { return false }
    return stated.map { $0.evaluate(point) == false } ?? true
  }

  /// Lowers one symbol after the other as far as the point stays a witness, by bisection.
  private func shrunk(_ values: [Symbol: Int]) -> [Symbol: Int] {
    var result = values
    for symbol in values.keys.sorted() {
      guard let value = result[symbol] else { continue }
      func works(_ candidate: Int) -> Bool {
        var point = result
        point[symbol] = candidate
        return isWitness(point)
      }
      var bad = prover.knowledge.box[symbol].lower.flatMap { Int(exactly: $0) } ?? min(1, value)
      var good = value
      guard bad < good, !works(bad) else {
        result[symbol] = min(bad, good)
        continue
      }
      while good.subtractingReportingOverflow(bad).partialValue > 1 {
        let middle = Int((Int128(bad) + Int128(good)) >> 1)
        if works(middle) { good = middle } else { bad = middle }
      }
      result[symbol] = good
    }
    return result
  }

  private func witness(_ values: [Symbol: Int]) -> Witness {
    Witness(values: original(values) ?? [:])
  }

  /// Smaller in total, then smaller in the first symbol that differs.
  private func isSmaller(_ left: [Symbol: Int], than right: [Symbol: Int]) -> Bool {
    func total(_ values: [Symbol: Int]) -> UInt128 {
      values.values.reduce(0) { $0 + UInt128($1.magnitude) }
    }
    let (own, other) = (total(left), total(right))
    if own != other { return own < other }
    for symbol in left.keys.sorted() {
      if let mine = left[symbol], let theirs = right[symbol], mine != theirs {
        return mine < theirs
      }
    }
    return false
  }
}

extension Dimension {
  /// The constants and coefficients written anywhere in the formula that fit half an `Int`.
  fileprivate func collectConstants(into constants: inout Set<Int>) {
    for term in terms {
      if let value = Int(exactly: term.coefficient), value.magnitude < 1 << 61 {
        constants.insert(value)
        constants.insert(-value)
      }
      for factor in term.monomial.factors {
        for operand in factor.atom.operands { operand.collectConstants(into: &constants) }
      }
    }
  }
}
