// WitnessSearch: looks for the smallest point at which the assumptions hold and a claim fails.
// Apart from Prover because it only ever proposes; every witness is checked by evaluation.

/// A bounded, deterministic search over the free symbols.
struct WitnessSearch {
  private let prover: Prover
  /// The claim over free symbols, and as it was stated; nil looks for any satisfying point.
  private let claim: Constraint?
  private let stated: Constraint?
  private let symbols: [Symbol]
  private let claimSymbols: [Symbol]
  private let otherSymbols: [Symbol]
  /// The symbols of each constraint of the knowledge.
  private let constraintSymbols: [Set<Symbol>]
  private var budget = 0

  /// Beyond this many symbols no search is made.
  private static let maximumSymbols = 64

  /// The interesting numbers: constants of the claim and the assumptions, and their neighbours.
  private let landmarks: [Int]

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

// One symbol at a time.
extension WitnessSearch {
  /// Values to try first for a symbol about which nothing else is fixed.
  private func candidates(for symbol: Symbol) -> [Int] {
    let interval = prover.knowledge.box[symbol]
    guard let range = interval.searchRange else { return [] }
    let start =
      interval.lower == nil ? min(max(1, range.lowerBound), range.upperBound) : range.lowerBound
    var result: [Int] = []
    func append(_ value: Int) {
      if range.contains(value), !result.contains(value) { result.append(value) }
    }
    for offset in 0..<4 { append(start + offset) }
    if interval.upper != nil {
      append(range.upperBound)
      append(range.upperBound - 1)
    }
    for prime in [5, 7, 11, 13] { append(prime) }
    for landmark in landmarks.prefix(48) { append(landmark) }
    for power in 3..<11 { append(1 << power) }
    append(0)
    append(-1)
    return result
  }

  /// Values of the pivot at which the claim may fail, smallest first.
  private func violations(of pivot: Symbol, with values: [Symbol: Int]) -> [Int] {
    guard let claim else { return [] }
    let ranges = allowedRanges(for: pivot, with: values)
    if let failing = runs(of: claim, in: pivot, at: values, over: ranges, holding: false) {
      return points(in: failing, each: 8, for: pivot)
    }
    var point = values
    func fails(_ value: Int) -> Bool {
      point[pivot] = value
      return claim.evaluate(point) == false
    }
    let failing = points(in: ranges, each: 64, for: pivot).filter(fails).prefix(16)
    let far = gallop(pivot, ranges, fails)
    return ordered(Set(failing + far), for: pivot)
  }

  /// Finds where a claim first fails by doubling and bisecting, as if it failed from there on.
  private func gallop(
    _ pivot: Symbol, _ ranges: [ClosedRange<Int>], _ fails: (Int) -> Bool
  ) -> [Int] {
    guard let first = ranges.first, let last = ranges.last else { return [] }
    let range = first.lowerBound...last.upperBound
    var good =
      prover.knowledge.box[pivot].lower == nil ? max(0, range.lowerBound) : range.lowerBound
    var step = 1
    while step < 1 << 40 {
      let value = min(good + step, range.upperBound)
      if fails(value) {
        var bad = value
        while bad - good > 1 {
          let middle = good + (bad - good) / 2
          if fails(middle) { bad = middle } else { good = middle }
        }
        return [bad]
      }
      if value == range.upperBound { return [] }
      good = value
      step *= 2
    }
    return []
  }

  /// Values that no assumption excludes once the given ones are fixed, smallest first.
  private func allowed(for symbol: Symbol, with values: [Symbol: Int]) -> [Int] {
    var known = Set(values.keys)
    known.insert(symbol)
    // What is polynomial in the symbol is in the ranges already.
    let constraints = prover.knowledge.constraints.enumerated().filter { index, constraint in
      let symbols = constraintSymbols[index]
      return symbols.contains(symbol) && symbols.isSubset(of: known)
        && !constraint.isPolynomial(in: symbol)
    }.map(\.element)
    let ranges = allowedRanges(for: symbol, with: values)
    let tried = points(in: ranges, each: constraints.isEmpty ? 4 : 64, for: symbol)
    if constraints.isEmpty { return tried }
    var point = values
    return tried.filter { value in
      point[symbol] = value
      return constraints.allSatisfy { $0.evaluate(point) == true }
    }
  }

  /// The ranges of a symbol that satisfy every polynomial constraint on it and fixed symbols.
  private func allowedRanges(
    for symbol: Symbol, with values: [Symbol: Int]
  ) -> [ClosedRange<Int>] {
    guard let start = prover.knowledge.box[symbol].searchRange else { return [] }
    var ranges = [start]
    for (index, constraint) in prover.knowledge.constraints.enumerated() {
      guard constraintSymbols[index].contains(symbol),
        let next = runs(of: constraint, in: symbol, at: values, over: ranges, holding: true)
      else { continue }
      ranges = next
      if ranges.isEmpty { return [] }
    }
    return ranges
  }

  /// Where a polynomial constraint in one symbol holds or fails; nil when it is not polynomial.
  private func runs(
    of constraint: Constraint, in symbol: Symbol, at values: [Symbol: Int],
    over ranges: [ClosedRange<Int>], holding: Bool
  ) -> [ClosedRange<Int>]? {
    if case .divisible = constraint { return nil }
    let (left, right) = constraint.sides
    guard let first = ranges.first, let last = ranges.last,
      let own = left.coefficients(in: symbol, at: values),
      let other = right.coefficients(in: symbol, at: values),
      let coefficients = WitnessSearch.difference(own, other),
      let signs = SignSequence(
        coefficients: coefficients, in: first.lowerBound...last.upperBound)
    else { return nil }
    let wanted = signs.runs.filter { run in
      switch constraint {
      case .atLeast: (run.sign >= 0) == holding
      case .equal: (run.sign == 0) == holding
      case .notEqual, .divisible: (run.sign != 0) == holding
      }
    }
    var result: [ClosedRange<Int>] = []
    for range in ranges {
      for run in wanted where run.range.overlaps(range) {
        result.append(run.range.clamped(to: range))
      }
    }
    return result
  }

  private static func difference(_ left: [Int128], _ right: [Int128]) -> [Int128]? {
    var result = left
    while result.count < right.count { result.append(0) }
    for (index, value) in right.enumerated() {
      let (difference, overflow) = result[index].subtractingReportingOverflow(value)
      if overflow { return nil }
      result[index] = difference
    }
    return result
  }

  /// The first values of the ranges: natural numbers from one upwards first where nothing bounds
  /// the symbol from below.
  private func points(
    in ranges: [ClosedRange<Int>], each count: Int, for symbol: Symbol
  ) -> [Int] {
    let isBounded = prover.knowledge.box[symbol].lower != nil
    var result: Set<Int> = []
    for range in ranges.prefix(8) {
      let start = isBounded || range.upperBound < 1 ? range.lowerBound : max(1, range.lowerBound)
      let length = min(count - 1, range.upperBound - start)
      result.formUnion(start...(start + length))
      result.insert(range.upperBound)
      if range.contains(0) { result.insert(0) }
      if !isBounded, range.contains(-1) { result.insert(-1) }
      for landmark in landmarks.prefix(48) where range.contains(landmark) {
        result.insert(landmark)
      }
    }
    return ordered(result, for: symbol)
  }

  /// Ascending from a lower bound; without one, natural numbers before zero and negative ones.
  private func ordered(_ values: Set<Int>, for symbol: Symbol) -> [Int] {
    if prover.knowledge.box[symbol].lower != nil { return values.sorted() }
    return values.sorted { ($0 < 1 ? 1 : 0, abs($0)) < ($1 < 1 ? 1 : 0, abs($1)) }
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

extension Constraint {
  /// Whether a search can solve the constraint for the symbol instead of trying values.
  fileprivate func isPolynomial(in symbol: Symbol) -> Bool {
    if case .divisible = self { return false }
    return [sides.0, sides.1].allSatisfy { side in
      side.atoms.allSatisfy { $0 == .symbol(symbol) || !$0.contains(symbol) }
    }
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
