// Assumptions: what is known about the symbols before anything is proved.
// Apart from the prover because scopes collect them one `dim` and one `require` at a time.

/// Constraints that every assignment of interest satisfies.
package struct Assumptions: Hashable, Sendable {
  package private(set) var constraints: [Constraint] = []

  package static var none: Assumptions { Assumptions() }

  package init(_ constraints: [Constraint] = []) {
    for constraint in constraints { add(constraint) }
  }

  /// Adds a constraint unless it is already there.
  package mutating func add(_ constraint: Constraint) {
    if !constraints.contains(constraint) { constraints.append(constraint) }
  }

  package mutating func add(contentsOf others: Assumptions) {
    for constraint in others.constraints { add(constraint) }
  }

  package var symbols: Set<Symbol> {
    constraints.reduce(into: []) { $0.formUnion($1.symbols) }
  }

  /// The range that the constraints leave to a symbol; nil where there is no bound.
  package func bounds(of symbol: Symbol) -> (lower: Int?, upper: Int?) {
    let bounds = Prover(assuming: self).range(of: Dimension(symbol))
    return (
      bounds.lower.flatMap { Int(exactly: $0) }, bounds.upper.flatMap { Int(exactly: $0) }
    )
  }

  /// Whether every constraint holds at a point; false also where one has no value.
  package func hold(at values: [Symbol: Int]) -> Bool {
    constraints.allSatisfy { $0.evaluate(values) == true }
  }
}
