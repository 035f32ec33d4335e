// Atom: what a polynomial treats as one indivisible unknown.
// Apart because everything that polynomials cannot express (floor, mod, min, max) lives here.

/// A symbol, or an operation that did not simplify to a polynomial.
enum Atom: Hashable, Sendable {
  case symbol(Symbol)
  indirect case floor(Dimension, by: Dimension)
  indirect case modulo(Dimension, by: Dimension)
  /// At least two operands in canonical order, none of them a minimum itself.
  case minimum([Dimension])
  /// At least two operands in canonical order, none of them a maximum itself.
  case maximum([Dimension])

  /// The dimensions directly inside; empty for a symbol.
  var operands: [Dimension] {
    switch self {
    case .symbol: []
    case .floor(let numerator, let divisor), .modulo(let numerator, let divisor):
      [numerator, divisor]
    case .minimum(let operands), .maximum(let operands): operands
    }
  }

  /// How deeply operations are nested: 0 for a symbol.
  var depth: Int {
    if case .symbol = self { return 0 }
    return 1 + (operands.lazy.map(\.depth).max() ?? 0)
  }

  /// The number of factors it takes to write the atom out.
  var size: Int {
    if case .symbol = self { return 1 }
    return operands.reduce(1) { $0 + $1.size }
  }

  func contains(_ symbol: Symbol) -> Bool {
    if case .symbol(let own) = self { return own == symbol }
    return operands.contains { $0.contains(symbol) }
  }

  func collectSymbols(into symbols: inout Set<Symbol>) {
    if case .symbol(let symbol) = self {
      symbols.insert(symbol)
      return
    }
    for operand in operands { operand.collectSymbols(into: &symbols) }
  }

  /// The same operation on other operands, simplified anew; `self` for a symbol.
  func rebuilt(_ transform: (Dimension) -> Dimension) -> Dimension {
    switch self {
    case .symbol: Dimension(atom: self)
    case .floor(let numerator, let divisor):
      transform(numerator).floorDivided(by: transform(divisor))
    case .modulo(let numerator, let divisor):
      transform(numerator).modulo(transform(divisor))
    case .minimum(let operands): Dimension.minimum(of: operands.map(transform))
    case .maximum(let operands): Dimension.maximum(of: operands.map(transform))
    }
  }

  /// The value at a point; nil when a symbol is missing, on overflow and on division by zero.
  func evaluate(_ values: [Symbol: Int]) -> Int128? {
    switch self {
    case .symbol(let symbol):
      return values[symbol].map { Int128($0) }
    case .floor(let numerator, let divisor):
      guard let top = numerator.evaluate(values), let bottom = divisor.evaluate(values) else {
        return nil
      }
      return top.floorQuotient(by: bottom)
    case .modulo(let numerator, let divisor):
      guard let top = numerator.evaluate(values), let bottom = divisor.evaluate(values) else {
        return nil
      }
      return top.floorRemainder(by: bottom)
    case .minimum(let operands):
      return Atom.evaluateAll(operands, values)?.min()
    case .maximum(let operands):
      return Atom.evaluateAll(operands, values)?.max()
    }
  }

  private static func evaluateAll(_ operands: [Dimension], _ values: [Symbol: Int]) -> [Int128]? {
    var results: [Int128] = []
    for operand in operands {
      guard let value = operand.evaluate(values) else { return nil }
      results.append(value)
    }
    return results
  }
}

// The canonical order: symbols by name, then operations by kind and operands.
extension Atom {
  func place(against other: Atom) -> Placement {
    if case .symbol(let left) = self, case .symbol(let right) = other {
      // Equality of short names is one comparison of words; the order is not.
      return left == right ? .same : (left < right ? .before : .after)
    }
    return Placement(of: kind, against: other.kind).then(
      Placement.lexicographic(operands, other.operands) { $0.place(against: $1) })
  }

  private var kind: Int {
    switch self {
    case .symbol: 0
    case .floor: 1
    case .modulo: 2
    case .minimum: 3
    case .maximum: 4
    }
  }
}
