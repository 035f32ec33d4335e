// AttentionLowering: attention and its gradient as tiles over views of queries, keys and values.
// Beside its result forward leaves one number a row, which no graph knows and backward reads.
import IR
import Kernels
import Operations

extension ScaledDotProductAttention: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let call = AttentionCall(node, masksFrom: 3, options, in: &lowering)
    let output = lowering.attentionResult(of: node)
    let value = node.results[0]
    let isTrained = lowering.uses.readers[value].contains { lowering.isAttentionGradient($0) }
    var rowSums: TensorView?
    if isTrained {
      let sums = lowering.temporary(Array(output.extents.dropLast()), label: "row sums")
      lowering.attentionSums[value] = AttentionSums(view: sums, operands: node.operands)
      rowSums = sums
    }
    lowering.emit(call.forward(name, to: output, rowSums: rowSums, lowering.kernels))
  }
}

extension AttentionGradient: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let call = AttentionCall(node, masksFrom: 5, options, in: &lowering)
    let output = lowering.rows(lowering.view(of: node.operands[3]))
    let gradient = lowering.rows(lowering.view(of: node.operands[4]))
    let sums = sums(of: node, call, in: &lowering)
    let leaving = (0..<3).map { lowering.rowsResult(of: node, $0) }
    let reads = Array(Set(call.views + [output, gradient, sums]))
    var writes = leaving
    var bias: TensorView?
    if byBias {
      let view = lowering.result(of: node, 3)
      bias = view.broadcast(to: call.scores)
      writes.append(view)
    }
    let kernels = lowering.kernels
    let sizes = call.sizes
    let byBias = bias
    lowering.emit(
      Instruction(
        name, reads: reads, writes: writes,
        workspace: kernels.attentionGradientWorkspace(sizes),
        multiplyAdds: kernels.attentionGradientMultiplyAdds(sizes, byBias: byBias != nil)
      ) { at in
        kernels.attentionGradient(
          call.operands(at),
          arriving: AttentionArriving(
            output: at.tensor(output), gradient: at.tensor(gradient), rowSums: at.real(sums)),
          leaving: AttentionLeaving(
            query: at.tensor(leaving[0]), key: at.tensor(leaving[1]),
            value: at.tensor(leaving[2]), bias: byBias.map { at.tensor($0) }),
          shared: at.workspace(of: Float.self).pointer)
      })
  }

  /// What forward left for this result; made again when something else made it.
  private func sums(
    of node: PlanNode, _ call: AttentionCall, in lowering: inout Lowering
  ) -> TensorView {
    let forward = node.operands[..<3] + node.operands[5...]
    if let sums = lowering.attentionSums[node.operands[3]], sums.operands == Array(forward) {
      return sums.view
    }
    let shape = lowering.extents(of: node.operands[3])
    let sums = lowering.temporary(Array(shape.dropLast()), label: "row sums")
    let output = lowering.temporary(shape, label: "attention")
    lowering.emit(call.forward(name, to: output, rowSums: sums, lowering.kernels))
    return sums
  }
}

/// What the gradient of an attention reads of its forward, which no value of the graph holds.
struct AttentionSums: Sendable {
  var view: TensorView
  /// Of the forward node: only a gradient by the same operands may use them.
  var operands: [Int]
}

/// The operands of one attention as views.
private struct AttentionCall: Sendable {
  let query: TensorView
  let key: TensorView
  let value: TensorView
  var mask: TensorView?
  var bias: TensorView?
  let options: AttentionOptions

  init(
    _ node: PlanNode, masksFrom start: Int, _ options: AttentionOptions,
    in lowering: inout Lowering
  ) {
    query = lowering.rows(lowering.view(of: node.operands[0]))
    key = lowering.rows(lowering.view(of: node.operands[1]))
    value = lowering.rows(lowering.view(of: node.operands[2]))
    self.options = options
    for operand in node.operands[start...] {
      let view = lowering.view(of: operand)
      guard let wide = view.broadcast(to: scores) else {
        preconditionFailure("a mask of extents \(view.extents) for scores of \(scores)")
      }
      if view.kind == .mask { mask = wide } else { bias = wide }
    }
  }

  /// The extents of the scores, which exist nowhere.
  var scores: [Int] { Array(query.extents.dropLast()) + [key.extents[key.rank - 2]] }

  var views: [TensorView] { [query, key, value] + [mask, bias].compactMap { $0 } }

  var sizes: AttentionSizes {
    let rank = query.rank
    return AttentionSizes(
      leading: Array(query.extents[..<(rank - 2)]), queries: query.extents[rank - 2],
      keys: key.extents[rank - 2], width: query.extents[rank - 1],
      valueWidth: value.extents[rank - 1], causal: options.causal)
  }

  func operands(_ at: Addresses) -> AttentionOperands {
    AttentionOperands(
      query: at.tensor(query), key: at.tensor(key), value: at.tensor(value),
      mask: mask.map { PlacedTensor(at.mask($0), extents: $0.extents, strides: $0.strides) },
      bias: bias.map { at.tensor($0) }, options: options)
  }

  func forward(
    _ label: String, to output: TensorView, rowSums: TensorView?,
    _ kernels: any KernelSet.Type
  ) -> Instruction {
    Instruction(
      label, reads: Array(Set(views)), writes: [output] + [rowSums].compactMap { $0 },
      workspace: kernels.attentionWorkspace(sizes),
      multiplyAdds: kernels.attentionMultiplyAdds(sizes)
    ) { at in
      kernels.attention(
        operands(at), output: at.tensor(output), rowSums: rowSums.map { at.real($0) })
    }
  }
}

extension Lowering {
  /// The same elements with a dense last axis; other axes keep their strides.
  fileprivate mutating func rows(_ view: TensorView) -> TensorView {
    view.hasDenseRows ? view : dense(view)
  }

  fileprivate func isAttentionGradient(_ position: Int) -> Bool {
    plan.nodes[position].operation is AttentionGradient
  }

  /// Room for the result of an attention: where its reader in forward wants it, because its gradient
  /// reads rows at any distance from one another.
  fileprivate mutating func attentionResult(of node: PlanNode) -> TensorView {
    let value = node.results[0]
    let readers = uses.readers[value].filter { !isAttentionGradient($0) }
    if reserved[value] == nil, !plan.isKept[value], readers.count == 1,
      let view = destination(of: value, readAt: readers[0]), view.hasDenseRows
    {
      alias(value, to: view)
      return view
    }
    return rowsResult(of: node)
  }

  /// Room for a result whose kernel writes rows at any distance from one another.
  fileprivate mutating func rowsResult(of node: PlanNode, _ index: Int = 0) -> TensorView {
    if let view = destination(of: node.results[index]), !view.hasDenseRows {
      return result(of: node, index)
    }
    return stridedResult(of: node, index)
  }
}

extension TensorView {
  fileprivate var hasDenseRows: Bool {
    guard let extent = extents.last, let stride = strides.last else { return false }
    return extent <= 1 || stride == 1
  }
}
