// Dropping what a gradient rule emitted in vain: nodes whose results nothing reads.
// A backward node that nobody needs would cost time, and keep forward values alive.
import IR

extension Derivative {
  /// The same derivative without nodes that no gradient depends on.
  ///
  /// - Parameter reachesWeights: whether another derivative must run for a weight's sake.
  /// - Returns: the rest, with the backward values numbered anew.
  func droppingUnused(_ reachesWeights: (DerivativeID) -> Bool) -> Derivative {
    var used = Set(inputGradients.compactMap(\.self))
    used.formUnion(parameterGradients.map(\.value))
    var kept: [Node] = []
    for node in nodes.reversed() {
      var needed = node.results.contains { used.contains($0) }
      if case .callBackward(_, let first, let rest) = node.kind {
        needed = needed || reachesWeights(first) || reachesWeights(rest)
      }
      guard needed else { continue }
      kept.append(node)
      used.formUnion(node.operands)
    }
    return renumbered(keeping: kept.reversed())
  }

  private func renumbered(keeping kept: [Node]) -> Derivative {
    // The producers of forward values are not here: what no kept node makes is a forward value.
    let produced = Set(nodes.flatMap(\.results))
    let forward = values.count - produced.count
    var result = self
    result.values = Array(values[..<forward])
    var names: [ValueID: ValueID] = [:]
    func name(_ value: ValueID) -> ValueID { names[value] ?? value }
    result.nodes = kept.map { node in
      var node = node
      node.operands = node.operands.map(name)
      node.results = node.results.map { old in
        let new = ValueID(index: result.values.count)
        result.values.append(values[old.index])
        names[old] = new
        return new
      }
      return node
    }
    result.inputGradients = inputGradients.map { $0.map(name) }
    result.parameterGradients = parameterGradients.map { ($0.reference, name($0.value)) }
    return result
  }
}
