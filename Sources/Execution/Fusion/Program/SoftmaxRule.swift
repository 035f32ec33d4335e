// SoftmaxRule: exponentials divided by their sum along one axis.
// Only the form that subtracts the largest element: without it the quotient overflows elsewhere.
import IR
import Operations

/// `exp(x - max(x)) / sum(exp(x - max(x)))`, however the two reductions are put back.
struct SoftmaxRule: ProgramRule {
  func match(_ operation: any Operation, at index: Int, in view: RegionView) -> FusionMatch? {
    let node = view.function.nodes[index]
    if operation is Divide {
      return match(power: node.operands[0], sum: node.operands[1], index, view)
    }
    guard operation is Multiply else { return nil }
    for (power, factor) in [(0, 1), (1, 0)] {
      // The reciprocal may be taken before or after the sum is put back.
      let outer = view.trace(node.operands[factor])
      guard let inner = view.operands(of: outer.source, Reciprocal.self) else { continue }
      if let match = match(
        power: node.operands[power], sum: inner[0], index, view,
        above: outer, [view.producer(of: outer.source)])
      {
        return match
      }
    }
    return nil
  }

  private func match(
    power: ValueID, sum: ValueID, _ index: Int, _ view: RegionView, above: LayoutTrace? = nil,
    _ between: [Int] = []
  ) -> FusionMatch? {
    guard let shifted = view.operands(of: power, Exp.self)?.first,
      let difference = view.operands(of: shifted, Subtract.self)
    else { return nil }
    let x = difference[0]
    let rank = view.rank(of: x)
    let total = view.trace(sum)
    let largest = view.trace(difference[1])
    guard let (sumAxis, summed) = reduction(total.source, Sum.self, view), summed == power,
      let (maxAxis, searched) = reduction(largest.source, Max.self, view), searched == x,
      sumAxis == maxAxis, view.haveSameType(x, power),
      largest.restores(axis: maxAxis, rank: rank)
    else { return nil }
    var restored = total
    if let above {
      restored.axes = above.axes.map { axis in axis.flatMap { total.axes[$0] } }
    }
    guard restored.restores(axis: sumAxis, rank: rank) else { return nil }
    var interior = Set(between + total.nodes + largest.nodes + (above?.nodes ?? []))
    for value in [power, shifted, total.source, largest.source] {
      interior.insert(view.producer(of: value))
    }
    guard view.isClosed(interior, under: index) else { return nil }
    var fragment = Fragment(view, reading: [x])
    guard let result = try? fragment.emit(Softmax(axis: sumAxis, rank: rank), [fragment[x]]) else {
      return nil
    }
    fragment.results = [result]
    return FusionMatch(kind: .softmax, anchor: index, interior: interior, fragment: fragment)
  }

  /// The one axis that a reduction drops, and what it reads.
  private func reduction<Kind: ReductionOperation>(
    _ value: ValueID, _ kind: Kind.Type, _ view: RegionView
  ) -> (axis: Int, operand: ValueID)? {
    guard let (operation, operands) = view.operation(of: value), let own = operation as? Kind,
      let axes = try? own.axes.axes(of: view.type(of: operands[0])), axes.count == 1
    else { return nil }
    return (axes[0], operands[0])
  }
}
