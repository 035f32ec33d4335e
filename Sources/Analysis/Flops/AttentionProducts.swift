// AttentionProducts: which products of a function stand before and behind a softmax.
// A fused attention is one call to a counting tool, and those products are its work.
import IR
import Operations

/// The products of a function that belong to an attention.
struct AttentionProducts {
  /// Nodes that make the scores.
  private(set) var scores: Set<Int> = []
  /// Nodes that mix the values.
  private(set) var mixes: Set<Int> = []

  func contains(_ node: Int) -> Bool { scores.contains(node) || mixes.contains(node) }

  /// - Parameters:
  ///   - function: whose nodes are looked at.
  ///   - producers: for each value, the node that makes it.
  init(_ function: Function, _ producers: [Int]) {
    let softmaxes = function.nodes.indices.filter { index in
      guard case .operation(let operation) = function.nodes[index].kind else { return false }
      return operation is Softmax
    }
    guard !softmaxes.isEmpty else { return }
    var readers: [ValueID: [Int]] = [:]
    for (index, node) in function.nodes.enumerated() {
      for operand in node.operands { readers[operand, default: []].append(index) }
    }
    for softmax in softmaxes {
      let node = function.nodes[softmax]
      let before = AttentionProducts.products(from: node.operands, in: function) {
        producers[$0.index] < 0 ? [] : [producers[$0.index]]
      } next: {
        $0.operands
      }
      let behind = AttentionProducts.products(from: node.results, in: function) {
        readers[$0] ?? []
      } next: {
        $0.results
      }
      // Scores without values behind them are the weights of a pooling, or of a router.
      guard !before.isEmpty, !behind.isEmpty else { continue }
      scores.formUnion(before)
      mixes.formUnion(behind)
    }
  }

  /// The nearest products on the ways from some values, through what only changes scores.
  private static func products(
    from start: [ValueID], in function: Function, nodes: (ValueID) -> [Int],
    next: (Node) -> [ValueID]
  ) -> Set<Int> {
    var found: Set<Int> = []
    var seen: Set<Int> = []
    var pending = start
    while let value = pending.popLast() {
      for index in nodes(value) where seen.insert(index).inserted {
        let node = function.nodes[index]
        switch node.kind {
        case .operation(let operation):
          if operation is Einsum, node.operands.count == 2 {
            found.insert(index)
          } else if !(operation is Affine || operation is Softmax || operation is Sum) {
            pending += next(node)
          }
        case .call: pending += next(node)
        default: break
        }
      }
    }
    return found
  }
}
