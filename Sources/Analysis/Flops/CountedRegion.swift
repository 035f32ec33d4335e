// CountedRegion: the work of one function's own operations, kind by kind.
// Forward and backward read the same list, so that a product and its gradients have one kind.
import Dimensions
import IR
import Operations

/// A function as counting tools see it.
struct CountedRegion {
  /// Some work of one node.
  struct Item {
    var node: Int
    var kind: WorkKind
    var amount: Dimension
    /// Positions of operands: each group whose values depend on something trained costs one more
    /// product of the same size in the backward pass.
    var factors: [[Int]] = []
    /// Whether these are the scores of an attention.
    var isScores = false
  }

  /// The prelude's block that finds an activation by the name in a config.
  private static let chooser = "activate"

  let function: Function
  private let block: String
  /// For each value, the node that makes it.
  private let producers: [Int]
  private let attention: AttentionProducts

  init(_ id: FunctionID, in program: Program) {
    function = program[id]
    block = program[function.definition].block
    var producers = [Int](repeating: -1, count: function.values.count)
    for (index, node) in function.nodes.enumerated() {
      for result in node.results { producers[result.index] = index }
    }
    self.producers = producers
    attention = AttentionProducts(function, producers)
  }

  var items: [Item] {
    function.nodes.indices.flatMap { index -> [Item] in
      guard case .operation(let operation) = function.nodes[index].kind else { return [] }
      return items(of: operation, at: index)
    }
  }

  private func items(of operation: any Operation, at index: Int) -> [Item] {
    let node = function.nodes[index]
    let operands = node.operands.map { function.type(of: $0) }
    let results = node.results.map { function.type(of: $0) }
    func elements(_ kind: WorkKind, _ amount: Dimension) -> Item {
      Item(node: index, kind: kind, amount: amount)
    }
    switch operation {
    case let operation as Affine:
      return affine(operation, at: index, operands, results)
    case let operation as Einsum:
      guard operands.count == 2 else { return [] }
      let amount = operation.cost(of: operands, results: results).multiplyAdds
      return [
        Item(
          node: index, kind: kind(of: operation, at: index), amount: amount,
          factors: [[0], [1]], isScores: attention.scores.contains(index))
      ]
    case let operation as ScaledDotProductAttention:
      return fusedAttention(operation, at: index, operands, results)
    case is LayerNormalize:
      let kind: WorkKind = operands.count > 1 ? .scaledNorm : .plainNorm
      return [elements(kind, operands[0].elementCount)]
    case is Softmax: return [elements(.softmax, operands[0].elementCount)]
    case is Relu: return [elements(.relu, operands[0].elementCount)]
    case is Silu: return [elements(.silu, operands[0].elementCount)]
    case is Gelu, is GeluTanh:
      return block == CountedRegion.chooser ? [] : [elements(.gelu, operands[0].elementCount)]
    case is Add where isConvolutionBias(node):
      return [elements(.convolutionBias, results[0].elementCount)]
    default: return []
    }
  }

  private func affine(
    _ operation: Affine, at index: Int, _ operands: [TensorType], _ results: [TensorType]
  ) -> [Item] {
    let isBiased = operands.count > 2
    let kind: WorkKind =
      operation.transposed
      ? (isBiased ? .biasedStored : .plainStored) : (isBiased ? .biasedLinear : .plainLinear)
    let product = Item(
      node: index, kind: kind,
      amount: operation.cost(of: operands, results: results).multiplyAdds, factors: [[0], [1]])
    guard kind == .biasedStored else { return [product] }
    return [product, Item(node: index, kind: .storedBias, amount: operands[2].elementCount)]
  }

  private func fusedAttention(
    _ operation: ScaledDotProductAttention, at index: Int, _ operands: [TensorType],
    _ results: [TensorType]
  ) -> [Item] {
    let keys = operands[1].shape.dropLast().last ?? 1
    let rows = Dimension.product(of: operands[0].shape.dropLast())
    let scores = operands[0].elementCount * keys
    let whole = operation.cost(of: operands, results: results).multiplyAdds
    return [
      Item(
        node: index, kind: .attention, amount: scores, factors: [[0], [1]], isScores: true),
      Item(node: index, kind: .attention, amount: whole - scores, factors: [[0, 1], [2]]),
      Item(node: index, kind: .softmax, amount: rows * keys),
    ]
  }

  private func kind(of einsum: Einsum, at index: Int) -> WorkKind {
    switch einsum.role {
    case .angles: return .angles
    case .added: return .addedProduct
    case .convolution: return .convolution
    case .rows: return .routed
    case nil: break
    }
    if attention.contains(index) { return .attention }
    let operands = function.nodes[index].operands
    if operands.contains(where: { function.type(of: $0).rank == 2 && isWeight($0) }) {
      return .plainLinear
    }
    return operands.allSatisfy { function.type(of: $0).rank == 2 } ? .matrices : .product
  }

  /// Whether a value is a weight, perhaps cast or with its axes in another order.
  private func isWeight(_ value: ValueID) -> Bool {
    var value = value
    while producers[value.index] >= 0 {
      let node = function.nodes[producers[value.index]]
      switch node.kind {
      case .parameter: return true
      case .operation(let operation):
        guard operation is Rearrange || operation is Cast, let operand = node.operands.first
        else { return false }
        value = operand
      default: return false
      }
    }
    return false
  }

  /// Whether a sum is that of a convolution and a weight.
  private func isConvolutionBias(_ node: Node) -> Bool {
    node.operands.contains { isWeight($0) }
      && node.operands.contains { operand in
        var value = operand
        while producers[value.index] >= 0 {
          let maker = function.nodes[producers[value.index]]
          guard case .operation(let operation) = maker.kind else { return false }
          if let einsum = operation as? Einsum { return einsum.role == .convolution }
          guard operation is Rearrange, let operand = maker.operands.first else { return false }
          value = operand
        }
        return false
      }
  }
}
