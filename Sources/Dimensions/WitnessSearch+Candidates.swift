// WitnessSearch candidates: the values of one symbol worth trying, the others being fixed.
// Apart from the search because here polynomials are solved, and there points are combined.

extension WitnessSearch {
  /// Values to try first for a symbol about which nothing else is fixed.
  func candidates(for symbol: Symbol) -> [Int] {
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
  func violations(of pivot: Symbol, with values: [Symbol: Int]) -> [Int] {
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
  func allowed(for symbol: Symbol, with values: [Symbol: Int]) -> [Int] {
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

extension Constraint {
  /// Whether a search can solve the constraint for the symbol instead of trying values.
  fileprivate func isPolynomial(in symbol: Symbol) -> Bool {
    if case .divisible = self { return false }
    return [sides.0, sides.1].allSatisfy { side in
      side.atoms.allSatisfy { $0 == .symbol(symbol) || !$0.contains(symbol) }
    }
  }
}
