// Polynomial: the sorted terms behind a dimension that is not constant, and their raw arithmetic.
// Apart from Dimension because only here can an operation fail; Dimension turns failure to poison.

/// Terms in canonical order, without zeros or duplicates, at least one of them not constant.
struct Polynomial: Hashable, Sendable {
  let terms: [Term]
  /// How deeply floor, mod, min and max are nested.
  let depth: Int32
  /// How many terms and factors it takes to write everything out.
  let size: Int32

  /// Above any of these a dimension becomes `overflow`: no honest model comes near them, and
  /// they bound the time, memory and stack that hostile input can ask for.
  static let maximumTerms = 10_000
  static let maximumProducts = 250_000
  static let maximumDegree = 4_096
  static let maximumDepth = 48
  static let maximumSize = 60_000
  static let maximumOperands = 64

  /// Wraps canonical terms; nil when they exceed a limit.
  init?(canonical terms: [Term]) {
    guard terms.count <= Polynomial.maximumTerms else { return nil }
    var depth = 0
    var size = 0
    for term in terms {
      guard term.monomial.degree <= Polynomial.maximumDegree else { return nil }
      size += 1
      for factor in term.monomial.factors {
        if case .symbol = factor.atom {
          size += 1
        } else {
          depth = max(depth, factor.atom.depth)
          size += factor.atom.size
        }
      }
      guard size <= Polynomial.maximumSize, depth <= Polynomial.maximumDepth else { return nil }
    }
    self.terms = terms
    self.depth = Int32(depth)
    self.size = Int32(size)
  }

  static func == (left: Polynomial, right: Polynomial) -> Bool {
    left.size == right.size && left.depth == right.depth && left.terms == right.terms
  }

  /// The sum of two canonical lists; nil on overflow.
  ///
  /// Linear in the number of terms.
  static func sum(_ left: [Term], _ right: [Term]) -> [Term]? {
    var result: [Term] = []
    result.reserveCapacity(left.count + right.count)
    var leftIndex = 0
    var rightIndex = 0
    while leftIndex < left.count, rightIndex < right.count {
      let own = left[leftIndex]
      let theirs = right[rightIndex]
      switch own.monomial.place(against: theirs.monomial) {
      case .before:
        result.append(own)
        leftIndex += 1
      case .after:
        result.append(theirs)
        rightIndex += 1
      case .same:
        guard let total = own.coefficient.addingChecked(theirs.coefficient) else { return nil }
        if total != 0 { result.append(Term(total, own.monomial)) }
        leftIndex += 1
        rightIndex += 1
      }
    }
    result.append(contentsOf: left[leftIndex...])
    result.append(contentsOf: right[rightIndex...])
    return result
  }

  /// The product with one term, which keeps the order; nil on overflow.
  static func product(_ terms: [Term], _ factor: Term) -> [Term]? {
    var result: [Term] = []
    result.reserveCapacity(terms.count)
    for term in terms {
      guard let product = term.times(factor) else { return nil }
      result.append(product)
    }
    return result
  }

  /// The product of two canonical lists; nil on overflow or when it grows too large.
  static func product(_ left: [Term], _ right: [Term]) -> [Term]? {
    if let factor = right.first, right.count == 1 { return product(left, factor) }
    if let factor = left.first, left.count == 1 { return product(right, factor) }
    guard left.count * right.count <= maximumProducts else { return nil }
    let (few, many) = left.count < right.count ? (left, right) : (right, left)
    var partial: [[Term]] = []
    for factor in few {
      guard let product = product(many, factor) else { return nil }
      partial.append(product)
    }
    return sum(of: partial)
  }

  /// The sum of many lists, by pairwise merging; nil on overflow.
  static func sum(of lists: [[Term]]) -> [Term]? {
    var lists = lists
    while lists.count > 1 {
      var merged: [[Term]] = []
      for index in stride(from: 0, to: lists.count, by: 2) {
        if index + 1 == lists.count {
          merged.append(lists[index])
        } else {
          guard let sum = sum(lists[index], lists[index + 1]) else { return nil }
          merged.append(sum)
        }
      }
      lists = merged
    }
    return lists.first ?? []
  }
}
