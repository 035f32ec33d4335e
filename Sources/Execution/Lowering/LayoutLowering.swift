// LayoutLowering: operations that move or repeat elements, as views where strides can say it.
// What is left is one strided copy, and none where the producer can write in place.
import Dimensions
import IR
import Kernels
import Operations

extension Rearrange: Lowerable, ForwardingOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    let context = EvaluationContext(sizes: lowering.sizes)
    guard let moves = try? moves(of: x.extents, in: context),
      let moved = x.reshaped(to: moves.split)?.permuted(moves.order)
    else { return lowering.lowerPlainly(node) }
    if let view = moved.reshaped(to: moves.merged) {
      return lowering.alias(node.results[0], to: view)
    }
    var target = lowering.stridedResult(of: node)
    if target.reshaped(to: moved.extents) == nil { target = lowering.result(of: node) }
    guard let split = target.reshaped(to: moved.extents) else {
      preconditionFailure("a dense result of extents \(target.extents) can't be split")
    }
    lowering.emit(
      StridedCopy.instruction(from: moved, to: split, label: name, kernels: lowering.kernels))
  }

  package func place(
    ofOperand index: Int, extents: [[Int]], in result: TensorView, sizes: [Symbol: Int]
  ) -> TensorView? {
    guard let moves = try? moves(of: extents[0], in: EvaluationContext(sizes: sizes)) else {
      return nil
    }
    var inverse = Array(repeating: 0, count: moves.order.count)
    for (new, old) in moves.order.enumerated() { inverse[old] = new }
    return result.reshaped(to: moves.order.map { moves.split[$0] })?
      .permuted(inverse).reshaped(to: extents[0])
  }
}

extension Broadcast: Lowerable, ViewOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    let context = EvaluationContext(sizes: lowering.sizes)
    guard let (narrow, wide) = try? widening(of: x.extents, in: context),
      let view = x.reshaped(to: narrow)?.broadcast(to: wide)
    else { return lowering.lowerPlainly(node) }
    lowering.alias(node.results[0], to: view)
  }
}

extension BroadcastTo: Lowerable, ViewOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    guard let view = x.broadcast(to: lowering.extents(of: node.results[0])) else {
      return lowering.lowerPlainly(node)
    }
    lowering.alias(node.results[0], to: view)
  }
}

extension Slice: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    let context = EvaluationContext(sizes: lowering.sizes)
    guard let axis = try? Extents.axis(axis, rank: x.rank), let from = try? context.size(from),
      let to = try? context.size(to), from <= to, to <= x.extents[axis]
    else { return lowering.lowerPlainly(node) }
    lowering.alias(node.results[0], to: x.sliced(axis: axis, from..<to))
  }
}

extension Unstack: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    guard let axis = try? Extents.axis(axis, rank: x.rank), x.extents[axis] == node.results.count
    else { return lowering.lowerPlainly(node) }
    for (index, result) in node.results.enumerated() {
      lowering.alias(result, to: x.selecting(axis: axis, index))
    }
  }
}

extension Stack: Lowerable, ForwardingOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.join(node, self)
  }

  package func place(
    ofOperand index: Int, extents: [[Int]], in result: TensorView, sizes: [Symbol: Int]
  ) -> TensorView? {
    (try? Extents.axis(axis, rank: result.rank)).map { result.selecting(axis: $0, index) }
  }
}

extension Concatenate: Lowerable, ForwardingOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.join(node, self)
  }

  package func place(
    ofOperand index: Int, extents: [[Int]], in result: TensorView, sizes: [Symbol: Int]
  ) -> TensorView? {
    guard let axis = try? Extents.axis(axis, rank: result.rank) else { return nil }
    let start = extents[..<index].reduce(0) { $0 + $1[axis] }
    return result.sliced(axis: axis, start..<(start + extents[index][axis]))
  }
}

extension Lowering {
  /// Makes a result of which every operand fills a part, copying those that don't lie there yet.
  fileprivate mutating func join(_ node: PlanNode, _ operation: any ForwardingOperation) {
    let views = operands(of: node)
    let target = stridedResult(of: node)
    for (index, view) in views.enumerated() {
      let part = operation.place(
        ofOperand: index, extents: views.map(\.extents), in: target, sizes: sizes)
      guard let part else { preconditionFailure("operand \(index) has no place in \(node.name)") }
      if view != part {
        emit(StridedCopy.instruction(from: view, to: part, label: node.name, kernels: kernels))
      }
    }
  }
}

extension Fill: Lowerable, ViewOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    // One element says it all; who needs the elements side by side asks for a dense copy.
    let array: NDArray<Float>? =
      switch element.kind {
      case .real: NDArray(extents: [], real: [Float(value)])
      case .index: Int32(exactly: value).map { NDArray(extents: [], index: [$0]) }
      case .mask: NDArray(extents: [], mask: [value != 0])
      }
    guard let array,
      let view = lowering.constant(array, label: name)
        .broadcast(to: lowering.extents(of: node.results[0]))
    else { return lowering.lowerPlainly(node) }
    lowering.alias(node.results[0], to: view)
  }
}

extension Cast: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerCast(node, to: target.kind)
  }
}
