// ResidualBranches: the weights whose results are added to the residual stream.
// Found in the unfolded graph by what is added to what; names decide nothing.
import IR

/// The last matrices of the branches of a residual network.
package struct ResidualBranches {
  /// Indices of the graph's parameters, in the order in which they are added.
  package private(set) var weights: [Int] = []

  private let producers: [Int: FlatNode]
  private let parameters: [Int: Int]

  package init(_ graph: FlatGraph) {
    var producers: [Int: FlatNode] = [:]
    for node in graph.nodes where node.phase == .forward {
      for result in node.results { producers[result] = node }
    }
    self.producers = producers
    parameters = Dictionary(
      graph.parameters.enumerated().map { ($1.value, $0) }, uniquingKeysWith: { first, _ in first })
    for node in graph.nodes
    where node.phase == .forward && node.operation.name == "add" && node.operands.count == 2 {
      let (left, right) = (node.operands[0], node.operands[1])
      guard graph.values[left].type.shape == graph.values[right].type.shape else { continue }
      // The stream is what no matrix just made: an embedding, a norm, or the sum before.
      switch (matrix(behind: left), matrix(behind: right)) {
      case (let branch?, nil) where parameters[right] == nil: weights.append(branch)
      case (nil, let branch?) where parameters[left] == nil: weights.append(branch)
      default: continue
      }
    }
  }

  /// The matrix whose product a value is, seen through layout and scaling.
  private func matrix(behind value: Int) -> Int? {
    var value = value
    for _ in 0..<32 {
      guard let node = producers[value] else { return nil }
      switch node.operation.name {
      case "affine", "einsum":
        return node.operands.compactMap { parameters[$0] }.first
      case "rearrange", "cast", "multiply", "divide", "slice", "broadcast":
        guard let first = node.operands.first else { return nil }
        value = first
      default: return nil
      }
    }
    return nil
  }
}
