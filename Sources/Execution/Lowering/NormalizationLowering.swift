// NormalizationLowering: layer norm, RMS norm and their gradient over dense rows.
// The gradient computes the moments again, which costs less than to keep them for the whole step.
import IR
import Kernels
import Operations

extension Lowering {
  fileprivate mutating func lowerNormalize(
    _ kind: Normalization, _ epsilon: Double, _ node: PlanNode
  ) {
    let views = operands(of: node)
    guard let width = views[0].extents.last, views.allSatisfy({ $0.kind == .real }) else {
      return lowerPlainly(node)
    }
    let dense = views.map { self.dense($0) }
    let y = result(of: node, replacing: replaceable([0], of: node))
    let shape = NormalizationRows(kind, rows: views[0].rows, width: width, epsilon: Float(epsilon))
    let kernels = kernels
    emit(
      Instruction(node.name, reads: dense, writes: [y]) { at in
        kernels.normalize(
          shape, at.real(dense[0]), weight: dense.count > 1 ? at.real(dense[1]) : nil,
          bias: dense.count > 2 ? at.real(dense[2]) : nil, moments: nil, to: at.real(y))
      })
  }

  /// The operands whose memory no other operand reads in another order.
  func replaceable(_ operands: [Int], of node: PlanNode) -> [Int] {
    operands.filter { index in
      node.operands.allSatisfy { other in
        guard let own = views[node.operands[index]], let view = views[other] else { return true }
        return view.buffer != own.buffer || view == own
      }
    }
  }
}

extension TensorView {
  /// The number of rows along the last axis.
  var rows: Int { extents.dropLast().reduce(1, *) }
}

extension LayerNormalize: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerNormalize(.layer, epsilon, node)
  }
}

extension RMSNormalize: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerNormalize(.rootMeanSquare, epsilon, node)
  }
}

extension NormalizationGradient: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let views = lowering.operands(of: node)
    guard !views[0].extents.isEmpty, views.allSatisfy({ $0.kind == .real }) else {
      return lowering.lowerPlainly(node)
    }
    lowering.lowerGradient(self, node, adding: nil)
  }
}

/// The gradients of a normalisation, of which that by the input is added to another one.
///
/// The operands are the gradient's own, then what is added; the results are those of the gradient.
struct AddingNormalizationGradient: Lowerable {
  let gradient: NormalizationGradient

  var name: String { gradient.name + "+add" }

  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerGradient(gradient, node, adding: node.operands.count - 1)
  }
}

extension Lowering {
  /// - Parameters:
  ///   - gradient: what is computed.
  ///   - node: its places.
  ///   - adding: the operand that is added to the gradient by the input.
  fileprivate mutating func lowerGradient(
    _ gradient: NormalizationGradient, _ node: PlanNode, adding: Int?
  ) {
    let dense = operands(of: node).map { self.dense($0) }
    // A row's sums are done before its first element is written.
    let safe =
      gradient.wantsInput
      ? replaceable((adding.map { [$0] } ?? []) + [1, 0], of: node) : []
    let results = node.results.indices.map {
      result(of: node, $0, replacing: $0 == 0 ? safe : [])
    }
    var rest = results[...]
    let input = gradient.wantsInput ? rest.popFirst() : nil
    let weight = gradient.wantsWeight ? rest.popFirst() : nil
    let bias = gradient.wantsBias ? rest.popFirst() : nil
    let shape = NormalizationRows(
      gradient.kind, rows: dense[0].rows, width: dense[0].extents.last ?? 1,
      epsilon: Float(gradient.epsilon))
    let hasWeight = dense.count - (adding == nil ? 0 : 1) > 2
    let kernels = kernels
    emit(
      Instruction(
        node.name, reads: dense, writes: results,
        workspace: kernels.normalizeGradientWorkspace(shape)
      ) { at in
        kernels.normalizeGradient(
          shape, at.real(dense[0]), gradient: at.real(dense[1]),
          weight: hasWeight ? at.real(dense[2]) : nil, moments: nil,
          adding: adding.map { at.real(dense[$0]) },
          to: NormalizationTargets(
            input: input.map { at.real($0) }, weight: weight.map { at.real($0) },
            bias: bias.map { at.real($0) }), workspace: at.workspace(of: Float.self))
      })
  }
}
