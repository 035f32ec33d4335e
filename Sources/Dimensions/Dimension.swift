// Dimension: an integer that may depend on symbols, always held in normal form.
// Arithmetic, division, printing and solving are extensions in files of their own.

/// A polynomial with `Int128` coefficients over symbols, floor divisions, remainders, minima and
/// maxima.
///
/// Values are kept in a canonical form, so `==` compares normal forms. Nothing here traps: a
/// result that does not fit, or grows past every honest model, is ``overflow``, and a division
/// by the constant zero is ``undefined``; both absorb whatever they meet.
package struct Dimension: Hashable, Sendable {
  /// Constants stay out of the heap: almost every dimension of a finished model is one.
  enum Storage: Hashable, Sendable {
    case constant(Int128)
    case polynomial(Polynomial)
    case overflow
    case undefined
  }

  let storage: Storage

  init(storage: Storage) {
    self.storage = storage
  }

  package init(_ value: Int) {
    storage = .constant(Int128(value))
  }

  package init(wide value: Int128) {
    storage = .constant(value)
  }

  package init(_ symbol: Symbol) {
    self.init(atom: .symbol(symbol))
  }

  init(atom: Atom) {
    self.init(canonical: [Term(1, Monomial(atom))])
  }

  /// Wraps canonical terms; `nil` terms or a breach of the limits is an overflow.
  init(canonical terms: [Term]?) {
    guard let terms else {
      storage = .overflow
      return
    }
    guard let first = terms.first else {
      storage = .constant(0)
      return
    }
    if first.monomial.isOne {
      storage = .constant(first.coefficient)
    } else if let polynomial = Polynomial(canonical: terms) {
      storage = .polynomial(polynomial)
    } else {
      storage = .overflow
    }
  }

  /// The value that stands for every result too large to hold.
  package static var overflow: Dimension { Dimension(storage: .overflow) }

  /// The value of a division by the constant zero.
  package static var undefined: Dimension { Dimension(storage: .undefined) }

  package static var zero: Dimension { 0 }

  package static var one: Dimension { 1 }

  package var isOverflow: Bool { storage == .overflow }

  package var isUndefined: Bool { storage == .undefined }

  /// Whether this is an ordinary value: neither an overflow nor undefined.
  package var isDefined: Bool {
    switch storage {
    case .constant, .polynomial: true
    case .overflow, .undefined: false
    }
  }

  /// The value, when it depends on no symbol and fits `Int`.
  package var constant: Int? { wideConstant.flatMap { Int(exactly: $0) } }

  /// The value, when it depends on no symbol.
  package var wideConstant: Int128? {
    if case .constant(let value) = storage { return value }
    return nil
  }

  /// The symbol, when the dimension is just that symbol.
  package var symbol: Symbol? {
    guard case .symbol(let symbol) = atom else { return nil }
    return symbol
  }

  /// The free symbols, also those inside floor, mod, min and max.
  package var symbols: Set<Symbol> {
    var symbols: Set<Symbol> = []
    collectSymbols(into: &symbols)
    return symbols
  }

  package func contains(_ symbol: Symbol) -> Bool {
    terms.contains { $0.monomial.factors.contains { $0.atom.contains(symbol) } }
  }

  func collectSymbols(into symbols: inout Set<Symbol>) {
    guard case .polynomial(let polynomial) = storage else { return }
    for term in polynomial.terms {
      for factor in term.monomial.factors { factor.atom.collectSymbols(into: &symbols) }
    }
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int) {
    self.init(value)
  }
}

// The view that the algorithms share.
extension Dimension {
  /// The canonical terms; none for zero, and none for a value that is not defined.
  var terms: [Term] {
    switch storage {
    case .constant(let value): value == 0 ? [] : [Term(value, .one)]
    case .polynomial(let polynomial): polynomial.terms
    case .overflow, .undefined: []
    }
  }

  /// The atom, when the dimension is one atom and nothing else.
  var atom: Atom? {
    guard case .polynomial(let polynomial) = storage, polynomial.terms.count == 1,
      let term = polynomial.terms.first, term.coefficient == 1
    else { return nil }
    return term.monomial.soleAtom
  }

  /// The coefficient of the constant term.
  var constantTerm: Int128 {
    guard let last = terms.last, last.monomial.isOne else { return 0 }
    return last.coefficient
  }

  /// Every distinct atom outside other atoms, in canonical order of first appearance.
  var atoms: [Atom] {
    var seen: Set<Atom> = []
    var result: [Atom] = []
    for term in terms {
      for factor in term.monomial.factors where seen.insert(factor.atom).inserted {
        result.append(factor.atom)
      }
    }
    return result
  }

  var depth: Int {
    guard case .polynomial(let polynomial) = storage else { return 0 }
    return Int(polynomial.depth)
  }

  var size: Int {
    guard case .polynomial(let polynomial) = storage else { return 1 }
    return Int(polynomial.size)
  }

  /// The canonical order: constants, then polynomials term by term, then what is not defined.
  func place(against other: Dimension) -> Placement {
    Placement(of: kind, against: other.kind).then(
      Placement.lexicographic(terms, other.terms) {
        $0.monomial.place(against: $1.monomial).then(
          Placement(of: $0.coefficient, against: $1.coefficient))
      })
  }

  private var kind: Int {
    switch storage {
    case .constant: 0
    case .polynomial: 1
    case .overflow: 2
    case .undefined: 3
    }
  }
}
