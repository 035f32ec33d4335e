// SoftmaxLowering: softmax, its logarithm and the gradient of the softmax, along any axis.
// The gradient of the logarithm is written in primitives and needs no rule here.
import IR
import Kernels
import Operations

extension Lowering {
  /// The one axis that an operation's pattern marks.
  fileprivate func markedAxis(_ attributes: Attributes, rank: Int) -> Int? {
    guard let pattern = attributes.pattern, let bracket = try? BracketAxes(pattern),
      let axes = try? bracket.axes(rank: rank), axes.count == 1
    else { return nil }
    return axes[0]
  }

  fileprivate mutating func lowerSoftmax(
    _ node: PlanNode, _ attributes: Attributes, logarithm: Bool
  ) {
    let x = view(of: node.operands[0])
    guard x.kind == .real, let axis = markedAxis(attributes, rank: x.rank) else {
      return lowerPlainly(node)
    }
    let y = elementwiseResult(of: node, replacing: [0])
    let kernels = kernels
    emit(
      Instruction(
        node.name, reads: [x], writes: [y],
        workspace: kernels.softmaxWorkspace(width: x.extents[axis])
      ) { at in
        kernels.softmax(at.tensor(x), axis: axis, logarithm: logarithm, to: at.tensor(y))
      })
  }
}

extension Softmax: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerSoftmax(node, attributes, logarithm: false)
  }
}

extension LogSoftmax: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerSoftmax(node, attributes, logarithm: true)
  }
}

extension SoftmaxGradient: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let y = lowering.view(of: node.operands[0])
    let gradient = lowering.view(of: node.operands[1])
    guard y.kind == .real, gradient.kind == .real, y.extents == gradient.extents,
      let axis = lowering.markedAxis(attributes, rank: y.rank)
    else { return lowering.lowerPlainly(node) }
    let target = lowering.elementwiseResult(of: node, replacing: [1, 0])
    let kernels = lowering.kernels
    lowering.emit(
      Instruction(
        name, reads: [y, gradient], writes: [target],
        workspace: kernels.softmaxWorkspace(width: y.extents[axis])
      ) { at in
        kernels.softmaxGradient(
          at.tensor(y), gradient: at.tensor(gradient), axis: axis, logarithm: false,
          to: at.tensor(target))
      })
  }
}
