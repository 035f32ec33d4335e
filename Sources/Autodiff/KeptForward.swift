// KeptForward: what a forward pass must keep for its backward pass, read off the derivative.
// The memory report multiplies it; the executor finds the same by liveness.
import IR

/// The forward values and calls that a derivative reads.
package struct KeptForward: Hashable, Sendable {
  /// The backward of one forward call.
  package struct KeptCall: Hashable, Sendable {
    /// The call's node in the forward function.
    package var node: Int
    /// The derivative of a list's first element, or of the only application.
    package var first: DerivativeID
    /// The derivative of the other elements.
    package var rest: DerivativeID
    /// How many elements `first` serves: zero when the chain ends before it.
    package var firstCount: Int
    package var restCount: Int
  }

  /// In ascending order; inputs and weights are among them.
  package var values: [ValueID]
  /// In backward order.
  package var calls: [KeptCall]
}

extension Program {
  /// What the forward pass of a derivative's function keeps for it.
  package func keptValues(of id: DerivativeID) -> KeptForward {
    let derivative = self[id]
    let forward = self[derivative.function].values.count
    var read: Set<ValueID> = []
    var calls: [KeptForward.KeptCall] = []
    for node in derivative.nodes {
      read.formUnion(node.operands)
      guard case .callBackward(let index, let first, let rest) = node.kind,
        case .call(let call) = self[derivative.function].nodes[index].kind
      else { continue }
      let single = call.repetitions == 1
      let chained = self[rest].inputGradients.first ?? nil
      calls.append(
        KeptForward.KeptCall(
          node: index, first: first, rest: rest, firstCount: single || chained != nil ? 1 : 0,
          restCount: single ? 0 : chained == nil ? 1 : call.repetitions - 1))
    }
    read.formUnion(derivative.inputGradients.compactMap(\.self))
    read.formUnion(derivative.parameterGradients.map(\.value))
    return KeptForward(
      values: read.filter { $0.index < forward }.sorted { $0.index < $1.index }, calls: calls)
  }
}
