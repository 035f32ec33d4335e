// Lowering+Results: where a kernel may put what it makes.
// New memory, the memory of an operand that dies, or the place where a later operation wants it.
import Dimensions
import IR

extension Lowering {
  /// Room for a result of the node that is being lowered, in row-major order.
  ///
  /// - Parameters:
  ///   - node: the node.
  ///   - index: which of its results.
  ///   - operands: which of its operands the kernel can overwrite while it reads them, element by
  ///     element; the memory of one that dies here and has the same extents is used again.
  /// - Returns: a dense view, to be written whole.
  package mutating func result(
    of node: PlanNode, _ index: Int = 0, replacing operands: [Int] = []
  ) -> TensorView {
    let value = node.results[index]
    if let view = destination(of: value), view.isDense {
      alias(value, to: view)
      return view
    }
    for operand in operands {
      let view = self.view(of: node.operands[operand])
      if view.extents == extents(of: value), view.kind == type(of: value).element.kind,
        view.isDense, dies(node.operands[operand])
      {
        alias(value, to: view)
        return view
      }
    }
    return fresh(value)
  }

  /// Room for a result whose kernel can write through any strides.
  ///
  /// When the only reader of the value would copy it into another order, or beside other values, it
  /// is written there at once.
  package mutating func stridedResult(of node: PlanNode, _ index: Int = 0) -> TensorView {
    let value = node.results[index]
    guard let view = destination(of: value) else { return fresh(value) }
    alias(value, to: view)
    return view
  }

  /// Whether the node that is being lowered is the last to read anything in the value's memory,
  /// and the memory belongs to the step.
  package mutating func dies(_ value: Int) -> Bool {
    let buffer = view(of: value).buffer
    // The node that is lowered reads it after what is made again for it.
    if isRecomputing { return false }
    guard case .step = buffers[buffer].place else { return false }
    return residents[buffer].allSatisfy { resident in
      !plan.isKept[resident] && (uses.readers[resident].last ?? -1) <= position
    }
  }

  /// New memory for a value.
  mutating func fresh(_ value: Int) -> TensorView {
    let view = TensorView(
      dense: buffer(for: value), extents: extents(of: value), kind: type(of: value).element.kind)
    alias(value, to: view)
    return view
  }

  mutating func buffer(for value: Int) -> Int {
    let bytes = extents(of: value).reduce(1, *) * type(of: value).element.kind.storedBytes
    return buffer(
      PlannedBuffer(bytes: bytes, place: .step(.activations), label: label(of: value), value: value)
    )
  }

  /// `h.0.attn.scores`, or the operation that made it.
  func label(of value: Int) -> String {
    let entry = plan.graph.values[value]
    let path = plan.graph.path(of: entry.scope)
    let name =
      entry.name ?? uses.producer[value].map { plan.nodes[$0].name } ?? "%\(value)"
    return path.isEmpty ? name : path + "." + name
  }
}

// MARK: Forwarding

extension Lowering {
  /// Where the only reader of a value would copy it; `nil` when nobody would.
  ///
  /// The room for the reader's result is reserved when the first of its operands asks.
  mutating func destination(of value: Int) -> TensorView? {
    if let view = reserved[value] { return view }
    guard let position = uses.onlyReader(of: value) else { return nil }
    return destination(of: value, readAt: position)
  }

  /// Where one of the readers of a value would copy it.
  ///
  /// The others read it there; whoever asks knows that they don't mind its strides.
  mutating func destination(of value: Int, readAt position: Int) -> TensorView? {
    guard position > self.position else { return nil }
    let reader = plan.nodes[position]
    guard let forwarding = reader.operation as? any ForwardingOperation,
      let target = reader.results.first
    else { return nil }
    let reservation = destination(of: target) ?? reserve(target)
    for (index, operand) in reader.operands.enumerated() where operand == value {
      let view = forwarding.place(
        ofOperand: index, extents: reader.operands.map { extents(of: $0) }, in: reservation,
        sizes: sizes)
      if let view, view.extents == extents(of: value) {
        reserved[value] = view
        return view
      }
    }
    return nil
  }

  private mutating func reserve(_ value: Int) -> TensorView {
    let view = TensorView(
      dense: buffer(for: value), extents: extents(of: value), kind: type(of: value).element.kind)
    reserved[value] = view
    residents[view.buffer].append(value)
    return view
  }
}

/// An operation that only moves its operands, and can say beforehand where each will lie.
package protocol ForwardingOperation {
  /// Where an operand's elements lie inside the result; `nil` when strides can't say that.
  func place(
    ofOperand index: Int, extents: [[Int]], in result: TensorView, sizes: [Symbol: Int]
  ) -> TensorView?
}
