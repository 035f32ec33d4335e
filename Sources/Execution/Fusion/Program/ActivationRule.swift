// ActivationRule: GELU, its tanh form and SiLU, spelled with powers, tanh, erf or a sigmoid.
// All spellings have one normal form: a polynomial in the element and in one bend of it.
import IR
import Kernels
import Operations

/// Recognises the activations that are operations.
struct ActivationRule: ProgramRule {
  func match(_ operation: any Operation, at index: Int, in view: RegionView) -> FusionMatch? {
    guard operation is Multiply || operation is Divide || operation is Add || operation is Subtract
    else { return nil }
    let node = view.function.nodes[index]
    if operation is Divide, let match = quotient(node, index, view) { return match }
    let form = ElementwiseForm(of: node.results[0], in: view)
    // x·bend, or x/2 + x·bend/2.
    for product in form.terms.keys where product.count == 2 {
      guard product.values.allSatisfy({ $0 == 1 }) else { continue }
      for (x, bend) in [product.map(\.key), product.map(\.key).reversed()].map({ ($0[0], $0[1]) }) {
        if let match = match(form, x: x, bend: bend, index, view) { return match }
      }
    }
    return nil
  }

  private func match(
    _ form: ElementwiseForm, x: ValueID, bend: ValueID, _ index: Int, _ view: RegionView
  ) -> FusionMatch? {
    let isWhole = form.isClose(to: [[x: 1, bend: 1]: 1])
    let isHalf = form.isClose(to: [[x: 1]: 0.5, [x: 1, bend: 1]: 0.5])
    guard isWhole || isHalf, view.haveSameType(x, bend) else { return nil }
    let nodes = form.nodes.union([view.producer(of: bend)])
    if isWhole {
      guard let (inner, between) = logistic(bend, view, leaving: x) else { return nil }
      let all = nodes.union(inner.nodes).union(between)
      if inner.isClose(to: [[x: 1]: 1]) { return fuse(.silu, x, all, index, view) }
      // (1 + tanh(z)) / 2 is the logistic function of 2 z.
      return isTanhArgument(inner, x, factor: 2) ? fuse(.geluTanh, x, all, index, view) : nil
    }
    guard let (operation, operands) = view.operation(of: bend) else { return nil }
    let inner = ElementwiseForm(of: operands[0], in: view, leaving: [x])
    let all = nodes.union(inner.nodes)
    if operation is Tanh, isTanhArgument(inner, x, factor: 1) {
      return fuse(.geluTanh, x, all, index, view)
    }
    if operation is Erf, inner.isClose(to: [[x: 1]: 0.5.squareRoot()]) {
      return fuse(.gelu, x, all, index, view)
    }
    return nil
  }

  /// `x / (1 + exp(-x))`.
  private func quotient(_ node: Node, _ index: Int, _ view: RegionView) -> FusionMatch? {
    let x = node.operands[0]
    guard let (inner, nodes) = logistic(divisor: node.operands[1], view, leaving: x),
      inner.isClose(to: [[x: 1]: 1])
    else { return nil }
    return fuse(.silu, x, nodes.union(inner.nodes), index, view)
  }

  private func isTanhArgument(
    _ form: ElementwiseForm, _ x: ValueID, factor: Double
  ) -> Bool {
    let scale = factor * StandardKernels.geluScale
    return form.isClose(to: [[x: 1]: scale, [x: 3]: scale * StandardKernels.geluCubic])
  }

  /// What a logistic function is taken of, and the nodes that it is spelled with.
  private func logistic(
    _ value: ValueID, _ view: RegionView, leaving x: ValueID
  ) -> (ElementwiseForm, Set<Int>)? {
    guard let (operation, operands) = view.operation(of: value) else { return nil }
    switch operation {
    case is Sigmoid: return (ElementwiseForm(of: operands[0], in: view, leaving: [x]), [])
    case is Reciprocal: return logistic(divisor: operands[0], view, leaving: x)
    case is Divide where view.constant(operands[0]) == 1:
      return logistic(divisor: operands[1], view, leaving: x)
    default: return nil
    }
  }

  /// `z` of `1 + exp(-z)`.
  private func logistic(
    divisor: ValueID, _ view: RegionView, leaving x: ValueID
  ) -> (ElementwiseForm, Set<Int>)? {
    let form = ElementwiseForm(of: divisor, in: view, leaving: [x])
    guard form.terms.count == 2, form.constant == 1,
      let power = form.terms.keys.first(where: { !$0.isEmpty })?.keys.first,
      form.isClose(to: [[:]: 1, [power: 1]: 1]),
      let operand = view.operands(of: power, Exp.self)?.first
    else { return nil }
    // The exponent has the other sign; a value with a sign before it is taken apart in any case.
    let exponent = ElementwiseForm(of: operand, in: view, leaving: [x])
    return (exponent.negated, form.nodes.union([view.producer(of: power)]))
  }

  private func fuse(
    _ kind: FusionKind, _ x: ValueID, _ nodes: Set<Int>, _ index: Int, _ view: RegionView
  ) -> FusionMatch? {
    let interior = nodes.subtracting([index])
    guard view.haveSameType(x, view.function.nodes[index].results[0]),
      view.isClosed(interior, under: index)
    else { return nil }
    let operation: any Operation =
      switch kind {
      case .gelu: Gelu()
      case .geluTanh: GeluTanh()
      default: Silu()
      }
    var fragment = Fragment(view, reading: [x])
    guard let result = try? fragment.emit(operation, [fragment[x]]) else { return nil }
    fragment.results = [result]
    return FusionMatch(kind: kind, anchor: index, interior: interior, fragment: fragment)
  }
}
