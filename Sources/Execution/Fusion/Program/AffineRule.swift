// AffineRule: a product with a weight, and the addition of a bias to it, as one linear layer.
// Weights of more than two axes count too: heads and their width are the columns of one matrix.
import Dimensions
import IR
import Operations

/// Recognises `einsum` with a weight, and a vector that is added to a linear layer's result.
struct AffineRule: ProgramRule {
  func match(_ operation: any Operation, at index: Int, in view: RegionView) -> FusionMatch? {
    if operation is Add { return biased(index, view) }
    guard operation is Einsum, let product = Product(index, in: view) else { return nil }
    var fragment = Fragment(view, reading: [product.x, product.weight])
    guard let result = try? product.emit(&fragment, bias: nil) else { return nil }
    fragment.results = [result]
    return FusionMatch(kind: .affine, anchor: index, interior: [], fragment: fragment)
  }

  private func biased(_ index: Int, _ view: RegionView) -> FusionMatch? {
    let operands = view.function.nodes[index].operands
    for (sum, bias) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      guard view.isReadOnce(sum), view.rank(of: sum) > 0,
        view.isVector(bias, alongLastAxisOf: sum),
        let (operation, inner) = view.operation(of: sum)
      else { continue }
      let producer = view.producer(of: sum)
      var emitted: Fragment?
      if let affine = operation as? Affine, inner.count == 2 {
        var fragment = Fragment(view, reading: inner + [bias])
        let all = (inner + [bias]).map { fragment[$0] }
        if let result = try? fragment.emit(affine, all) {
          fragment.results = [result]
          emitted = fragment
        }
      } else if operation is Einsum, let product = Product(producer, in: view), product.isPlain {
        var fragment = Fragment(view, reading: [product.x, product.weight, bias])
        if let result = try? product.emit(&fragment, bias: fragment[bias]) {
          fragment.results = [result]
          emitted = fragment
        }
      } else {
        continue
      }
      guard let fragment = emitted else { continue }
      return FusionMatch(kind: .affine, anchor: index, interior: [producer], fragment: fragment)
    }
    return nil
  }

  /// A contraction of rows with a weight.
  private struct Product {
    private(set) var x: ValueID
    private(set) var weight: ValueID
    /// The axes of x, of the weight and of the result.
    private let own: [AxisLabel]
    private let stored: [AxisLabel]
    private let made: [AxisLabel]
    private let contracted: [AxisLabel]
    private let columns: [AxisLabel]
    private let sizes: [AxisLabel: Dimension]

    /// Whether the result is rows followed by columns, so that a vector can be added to it.
    var isPlain: Bool { columns.count == 1 && made.last == columns[0] }

    /// Reads a node; `nil` when its meaning is another than rows times a matrix.
    init?(_ index: Int, in view: RegionView) {
      let node = view.function.nodes[index]
      guard case .operation(let operation) = node.kind, let einsum = operation as? Einsum,
        node.operands.count == 2,
        let explicit = try? ExplicitPattern(
          einsum.pattern, shapes: node.operands.map { view.type(of: $0) }),
        let place = [1, 0].first(where: { view.isParameter(view.trace(node.operands[$0]).source) })
      else { return nil }
      var names: [PatternAxis: AxisLabel] = [:]
      func labels(_ items: [PatternItem]) -> [AxisLabel] {
        items.map { item in
          let label = names[item.axis] ?? AxisLabel(index: names.count)
          names[item.axis] = label
          return label
        }
      }
      x = node.operands[1 - place]
      var own = labels(explicit.inputs[1 - place])
      var stored = labels(explicit.inputs[place])
      let made = labels(explicit.output)
      var sizes: [AxisLabel: Dimension] = [:]
      for (label, size) in zip(own, view.type(of: x).shape) { sizes[label] = size }
      for (label, size) in zip(stored, view.type(of: node.operands[place]).shape) {
        sizes[label] = size
      }
      // A weight that was only turned is read as it is stored.
      let trace = view.trace(node.operands[place])
      weight = node.operands[place]
      if trace.isPermutation, trace.axes.count == view.rank(of: trace.source) {
        weight = trace.source
        let turned = stored
        for (label, axis) in zip(turned, trace.axes) { if let axis { stored[axis] = label } }
      }
      let turned = view.trace(x)
      if turned.isPermutation, turned.axes.count == view.rank(of: turned.source) {
        x = turned.source
        let before = own
        for (label, axis) in zip(before, turned.axes) { if let axis { own[axis] = label } }
      }
      let contracted = stored.filter { own.contains($0) && !made.contains($0) }
      let columns = stored.filter { !own.contains($0) && made.contains($0) }
      let rows = own.filter { !contracted.contains($0) }
      guard !contracted.isEmpty, !columns.isEmpty,
        contracted.count + columns.count == stored.count,
        rows.allSatisfy({ made.contains($0) }), Set(made) == Set(rows + columns),
        stored == contracted + columns || stored == columns + contracted
      else { return nil }
      (self.own, self.stored, self.made, self.sizes) = (own, stored, made, sizes)
      (self.contracted, self.columns) = (contracted, columns)
    }

    func emit(_ fragment: inout Fragment, bias: ValueID?) throws(Fault) -> ValueID {
      let isTransposed = stored == contracted + columns
      let rows = made.filter { !columns.contains($0) }
      func group(_ labels: [AxisLabel]) -> [PatternAxis] {
        labels.count == 1 ? [labels[0].axis] : [.group(labels.map(\.axis))]
      }
      func rearranged(
        _ value: ValueID, _ before: [PatternAxis], _ after: [PatternAxis]
      ) throws(Fault) -> ValueID {
        if before == after { return value }
        let pattern = Pattern(inputs: [before], output: after)
        var needed: [String: Dimension] = [:]
        for case .group(let items) in before {
          for label in columns where items.contains(label.axis) {
            needed[label.name] = sizes[label]
          }
        }
        return try fragment.emit(Rearrange(pattern, sizes: needed), [value])
      }
      let plain = rows.map(\.axis)
      let left = try rearranged(fragment[x], own.map(\.axis), plain + group(contracted))
      let (inner, outer) = (group(contracted), group(columns))
      let matrix = try rearranged(
        fragment[weight], stored.map(\.axis), isTransposed ? inner + outer : outer + inner)
      let product = try fragment.emit(
        Affine(transposed: isTransposed), [left, matrix] + (bias.map { [$0] } ?? []))
      return try rearranged(product, plain + outer, made.map(\.axis))
    }
  }
}
