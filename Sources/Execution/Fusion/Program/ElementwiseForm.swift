// ElementwiseForm: a value as a polynomial in other values of its shape.
// One normal form for the many orders in which people write sums and products.
import IR
import Operations

/// Powers of values, and the sum of them with coefficients.
struct ElementwiseForm: Hashable {
  /// For each product of powers, its coefficient; the empty product is the constant.
  private(set) var terms: [[ValueID: Int]: Double]
  /// The nodes that were taken apart.
  private(set) var nodes: Set<Int> = []

  /// Beyond these sizes a value is left whole: no pattern has as many.
  private static let (mostTerms, highestDegree, mostNodes) = (8, 6, 24)

  /// Takes a value apart.
  ///
  /// What others read too is left whole, because it has to be computed anyway.
  ///
  /// - Parameters:
  ///   - value: what is taken apart, also when it is read more than once.
  ///   - view: the region.
  ///   - whole: values that are left whole.
  init(of value: ValueID, in view: RegionView, leaving whole: Set<ValueID> = []) {
    self.init(terms: [:])
    var budget = ElementwiseForm.mostNodes
    self = ElementwiseForm.expand(value, view, whole, root: value, &budget)
  }

  private init(terms: [[ValueID: Int]: Double], nodes: Set<Int> = []) {
    self.terms = terms
    self.nodes = nodes
  }

  /// The coefficient of the constant.
  var constant: Double { self[[:]] }

  /// The form with the other sign.
  var negated: ElementwiseForm {
    ElementwiseForm(terms: terms.mapValues { -$0 }, nodes: nodes)
  }

  subscript(_ product: [ValueID: Int]) -> Double { terms[product] ?? 0 }

  /// Whether there is nothing but these coefficients, to single precision.
  func isClose(to expected: [[ValueID: Int]: Double]) -> Bool {
    terms.count == expected.count
      && expected.allSatisfy { product, coefficient in self[product].isClose(to: coefficient) }
  }

  private static func atom(_ value: ValueID) -> ElementwiseForm {
    ElementwiseForm(terms: [[value: 1]: 1])
  }

  private static func expand(
    _ value: ValueID, _ view: RegionView, _ whole: Set<ValueID>, root: ValueID,
    _ budget: inout Int
  ) -> ElementwiseForm {
    if let constant = view.constant(value) {
      return ElementwiseForm(terms: constant == 0 ? [:] : [[:]: constant])
    }
    guard !whole.contains(value), value == root || view.isReadOnce(value), budget > 0,
      let (operation, operands) = view.operation(of: value),
      operation is Add || operation is Subtract || operation is Multiply || operation is Divide
        || operation is Negate || operation is Power,
      operands.allSatisfy({ view.constant($0) != nil || view.haveSameType($0, value) })
    else { return atom(value) }
    budget -= 1
    let left = expand(operands[0], view, whole, root: root, &budget)
    let right =
      operands.count > 1 ? expand(operands[1], view, whole, root: root, &budget) : left
    let terms: [[ValueID: Int]: Double]?
    switch operation {
    case is Add: terms = sum(left, right, 1)
    case is Subtract: terms = sum(left, right, -1)
    case is Negate: terms = left.terms.mapValues { -$0 }
    case is Multiply: terms = product(left, right)
    case is Divide:
      let divisor = view.constant(operands[1])
      terms = divisor.map { divisor in left.terms.mapValues { $0 / divisor } }
    default: terms = view.constant(operands[1]).flatMap { power(left, $0) }
    }
    guard let terms, terms.count <= mostTerms else { return atom(value) }
    let nodes = left.nodes.union(right.nodes).union([view.producer(of: value)])
    return ElementwiseForm(terms: terms, nodes: nodes)
  }

  private static func sum(
    _ left: ElementwiseForm, _ right: ElementwiseForm, _ sign: Double
  ) -> [[ValueID: Int]: Double] {
    var terms = left.terms
    for (product, coefficient) in right.terms {
      terms[product, default: 0] += sign * coefficient
    }
    return terms.filter { $0.value != 0 }
  }

  private static func product(
    _ left: ElementwiseForm, _ right: ElementwiseForm
  ) -> [[ValueID: Int]: Double]? {
    var terms: [[ValueID: Int]: Double] = [:]
    for (first, a) in left.terms {
      for (second, b) in right.terms {
        let powers = first.merging(second, uniquingKeysWith: +)
        guard powers.values.reduce(0, +) <= highestDegree else { return nil }
        terms[powers, default: 0] += a * b
      }
    }
    return terms
  }

  private static func power(
    _ base: ElementwiseForm, _ exponent: Double
  ) -> [[ValueID: Int]: Double]? {
    guard let exponent = Int(exactly: exponent), (1...4).contains(exponent) else { return nil }
    var result = base.terms
    for _ in 1..<exponent {
      guard let next = product(ElementwiseForm(terms: result), base), next.count <= mostTerms
      else { return nil }
      result = next
    }
    return result
  }
}
