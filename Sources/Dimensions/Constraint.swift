// Constraint: a statement about dimensions, used as an assumption and as a claim.
// Apart from the prover because diagnostics print constraints and the language writes them.

/// A comparison between dimensions that holds or fails at every point.
package enum Constraint: Hashable, Sendable {
  /// The first is greater than or equal to the second.
  case atLeast(Dimension, Dimension)
  case equal(Dimension, Dimension)
  case notEqual(Dimension, Dimension)
  /// The divisor is not zero, and divides without remainder.
  case divisible(Dimension, by: Dimension)

  /// The first is less than or equal to the second.
  package static func atMost(_ left: Dimension, _ right: Dimension) -> Constraint {
    .atLeast(right, left)
  }

  /// The first is greater than the second.
  package static func greater(_ left: Dimension, _ right: Dimension) -> Constraint {
    .atLeast(left, right + 1)
  }

  /// The first is less than the second.
  package static func less(_ left: Dimension, _ right: Dimension) -> Constraint {
    .atLeast(right, left + 1)
  }

  /// Both sides, in the order in which they are stored.
  package var sides: (Dimension, Dimension) {
    switch self {
    case .atLeast(let left, let right), .equal(let left, let right),
      .notEqual(let left, let right), .divisible(let left, by: let right):
      (left, right)
    }
  }

  package var symbols: Set<Symbol> {
    sides.0.symbols.union(sides.1.symbols)
  }

  package func substituting(_ replacements: [Symbol: Dimension]) -> Constraint {
    mapping { $0.substituting(replacements) }
  }

  /// Whether the statement holds at a point; nil when a side has no value there.
  package func evaluate(_ values: [Symbol: Int]) -> Bool? {
    guard let left = sides.0.evaluate(values), let right = sides.1.evaluate(values) else {
      return nil
    }
    switch self {
    case .atLeast: return left >= right
    case .equal: return left == right
    case .notEqual: return left != right
    case .divisible: return left.floorRemainder(by: right).map { $0 == 0 }
    }
  }

  func mapping(_ transform: (Dimension) -> Dimension) -> Constraint {
    switch self {
    case .atLeast(let left, let right): .atLeast(transform(left), transform(right))
    case .equal(let left, let right): .equal(transform(left), transform(right))
    case .notEqual(let left, let right): .notEqual(transform(left), transform(right))
    case .divisible(let left, by: let right): .divisible(transform(left), by: transform(right))
    }
  }
}

extension Constraint: CustomStringConvertible {
  package var description: String { formatted(grouped: false) }

  /// The statement as it is written in a model, such as `T <= 1024`.
  package func formatted(grouped: Bool) -> String {
    let (left, right) = (sides.0.formatted(grouped: grouped), sides.1.formatted(grouped: grouped))
    switch self {
    case .atLeast(let greater, _):
      return greater.wideConstant != nil ? "\(right) <= \(left)" : "\(left) >= \(right)"
    case .equal: return "\(left) == \(right)"
    case .notEqual: return "\(left) != \(right)"
    case .divisible(let dividend, by: let divisor):
      let top = dividend.terms.count > 1 ? "(\(left))" : left
      let bottom = divisor.atom == nil && divisor.wideConstant == nil ? "(\(right))" : right
      return "\(top) mod \(bottom) == 0"
    }
  }

  /// The same statement with everything known moved aside, such as `T <= 1024` for
  /// `T - 1 <= 1023`; terms with a minus sign change sides, and common factors are cancelled.
  package var simplified: Constraint {
    guard sides.0.isDefined, sides.1.isDefined else { return self }
    let difference = sides.0 - sides.1
    guard difference.isDefined, difference.wideConstant == nil else { return self }
    switch self {
    case .atLeast:
      let (positive, negative) = difference.dividedByContent().split()
      return .atLeast(positive, negative)
    case .equal, .notEqual:
      var (positive, negative) = difference.dividedByContent(exactly: true).split()
      if let leading = difference.terms.first, leading.coefficient < 0 {
        swap(&positive, &negative)
      }
      return mapping { $0 == sides.0 ? positive : negative }
    case .divisible: return self
    }
  }
}

extension Dimension {
  /// Divides by the content of the terms that are not constant and rounds the constant down,
  /// which keeps the sign of the value: `2·T - 3 >= 0` exactly when `T - 2 >= 0`.
  func dividedByContent(exactly: Bool = false) -> Dimension {
    var content: UInt128 = 0
    for term in terms where exactly || !term.monomial.isOne {
      content = Int128.greatestCommonDivisor(content, term.coefficient.magnitude)
    }
    guard content > 1, let content = Int128(exactly: content) else { return self }
    return floorDivided(by: Dimension(wide: content))
  }

  /// The dimension as a difference of two parts without minus signs.
  func split() -> (positive: Dimension, negative: Dimension) {
    let negative = Dimension(canonical: terms.filter { $0.coefficient < 0 }) * -1
    return (Dimension(canonical: terms.filter { $0.coefficient > 0 }), negative)
  }
}
