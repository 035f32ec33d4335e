// AttentionRule: values mixed by the softmax of scaled and masked products of queries and keys.
// Finds the parts; what they become is in AttentionFragment.swift.
import Dimensions
import IR
import Operations

/// Recognises attention from its last contraction upwards, whatever the axes are called.
struct AttentionRule: ProgramRule {
  func match(_ operation: any Operation, at index: Int, in view: RegionView) -> FusionMatch? {
    guard operation is Einsum else { return nil }
    for weights in [0, 1] {
      guard let pattern = AttentionPattern(index, weights: weights, in: view),
        view.isClosed(pattern.nodes, under: index),
        let fragment = pattern.fragment(in: view)
      else { continue }
      return FusionMatch(
        kind: .attention, anchor: index, interior: pattern.nodes, fragment: fragment)
    }
    return nil
  }
}

/// The parts of one attention, with one set of labels for all their axes.
struct AttentionPattern {
  private(set) var query: LabelledValue
  private(set) var key: LabelledValue
  private(set) var value: LabelledValue
  private(set) var scores: AttentionScores
  /// The axes of the result.
  private(set) var result: [AxisLabel]
  /// The axes that all parts share, in the order of the weights.
  private(set) var leading: [AxisLabel] = []
  /// Axes along which there are only queries; one of them is that of the queries.
  private(set) var queries: [AxisLabel] = []
  private(set) var keys: AxisLabel
  /// The axis that queries and keys are multiplied along.
  private(set) var width: AxisLabel
  /// The axis that only the values have.
  private(set) var valueWidth: AxisLabel
  private(set) var sizes: [AxisLabel: Dimension] = [:]
  private(set) var nodes: Set<Int> = []

  /// - Parameters:
  ///   - index: the contraction of weights and values.
  ///   - place: which of its operands may be the weights.
  ///   - view: the region.
  init?(_ index: Int, weights place: Int, in view: RegionView) {
    guard let mix = Contraction(index, in: view, labels: [:]),
      let (softmax, axis, above) = AttentionPattern.softmax(mix.operands[place], view),
      let scores = AttentionScores(
        LabelledValue(value: softmax.operand, labels: softmax.labels), in: view)
    else { return nil }
    self.scores = scores
    keys = axis
    value = mix.operands[1 - place]
    result = mix.result
    // The product's own names, read as labels through the axes of its result.
    guard
      let product = Contraction(scores.product.node, in: view, result: scores.product.labels),
      let keyPlace = product.operands.firstIndex(where: { $0.labels.contains(axis) }),
      product.operands.count(where: { $0.labels.contains(axis) }) == 1
    else { return nil }
    key = product.operands[keyPlace]
    query = product.operands[1 - keyPlace]
    let weights = softmax.labels
    let contracted = Set(query.labels).intersection(key.labels).subtracting(product.result)
    let ends = value.labels.filter { !weights.contains($0) }
    guard contracted.count == 1, let width = contracted.first, ends.count == 1,
      let valueWidth = ends.first
    else { return nil }
    self.width = width
    self.valueWidth = valueWidth
    let shared = weights.filter { $0 != axis }
    queries = shared.filter {
      query.labels.contains($0) && !key.labels.contains($0) && !value.labels.contains($0)
    }
    leading = shared
    // Nothing is summed but the two axes, and nothing else is multiplied.
    guard !queries.isEmpty, Set(result) == Set(shared + [valueWidth]),
      Set(query.labels).subtracting([width]).isSubset(of: shared),
      Set(key.labels).subtracting([width, axis]).isSubset(of: shared),
      Set(value.labels).subtracting([valueWidth, axis]).isSubset(of: shared),
      value.labels.contains(axis), Set(product.result) == Set(weights)
    else { return nil }
    for part in [value, key, query] {
      for (label, size) in zip(part.labels, view.type(of: part.value).shape) {
        sizes[label] = size
      }
    }
    guard leading.allSatisfy({ sizes[$0] != nil }) else { return nil }
    nodes = scores.nodes.union(above)
  }

  /// The softmax that makes the weights, its operand with labels, and the nodes down to it.
  private static func softmax(
    _ weights: LabelledValue, _ view: RegionView
  ) -> (softmax: (operand: ValueID, labels: [AxisLabel]), axis: AxisLabel, nodes: Set<Int>)? {
    var current = weights
    var nodes: Set<Int> = []
    while let (operation, operands) = view.operation(of: current.value) {
      nodes.insert(view.producer(of: current.value))
      if operation is Softmax {
        guard let pattern = operation.attributes.pattern,
          let axes = try? BracketAxes(pattern).axes(of: view.type(of: operands[0])),
          axes.count == 1
        else { return nil }
        return ((operands[0], current.labels), current.labels[axes[0]], nodes)
      }
      guard operation is Cast || operation is Rearrange, nodes.count < 8,
        let next = view.permutation(current, below: operands[0])
      else { return nil }
      current = next
    }
    return nil
  }
}

/// An einsum of two operands, with labels for its names.
private struct Contraction {
  private(set) var operands: [LabelledValue] = []
  private(set) var result: [AxisLabel] = []

  /// - Parameters:
  ///   - index: the node.
  ///   - view: the region.
  ///   - known: labels for some of the names; the others get new ones.
  init?(_ index: Int, in view: RegionView, labels known: [PatternAxis: AxisLabel]) {
    let node = view.function.nodes[index]
    guard case .operation(let operation) = node.kind, let einsum = operation as? Einsum,
      node.operands.count == 2,
      let explicit = try? ExplicitPattern(
        einsum.pattern, shapes: node.operands.map { view.type(of: $0) })
    else { return nil }
    var names = known
    var next = (known.values.map(\.index).max() ?? -1) + 1
    func label(_ item: PatternItem) -> AxisLabel {
      if let name = names[item.axis] { return name }
      let name = AxisLabel(index: next)
      next += 1
      names[item.axis] = name
      return name
    }
    for (operand, items) in zip(node.operands, explicit.inputs) {
      operands.append(LabelledValue(value: operand, labels: items.map(label)))
    }
    result = explicit.output.map(label)
  }

  /// Reads a node whose result's axes have labels already.
  init?(_ index: Int, in view: RegionView, result labels: [AxisLabel]) {
    let node = view.function.nodes[index]
    guard case .operation(let operation) = node.kind, let einsum = operation as? Einsum,
      let explicit = try? ExplicitPattern(
        einsum.pattern, shapes: node.operands.map { view.type(of: $0) }),
      explicit.output.count == labels.count
    else { return nil }
    var known: [PatternAxis: AxisLabel] = [:]
    for (item, label) in zip(explicit.output, labels) { known[item.axis] = label }
    // The names that are summed must not get the labels of the values' own axes.
    known[.ellipsis] = AxisLabel(index: 1_000 + (labels.map(\.index).max() ?? 0))
    self.init(index, in: view, labels: known)
  }
}
