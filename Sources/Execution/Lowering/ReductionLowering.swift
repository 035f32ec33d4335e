// ReductionLowering: sums, means and maxima, and the sum that undoes a broadcast.
// The kernels read any strides, so an operand is never copied first.
import IR
import Kernels
import Operations

extension Lowering {
  /// Emits a reduction; `y` has the kept axes of `x`, in order.
  fileprivate mutating func reduce(
    _ function: ReductionFunction, _ label: String, _ x: TensorView, axes: Set<Int>,
    to y: TensorView
  ) {
    let kernels = kernels
    emit(
      Instruction(
        label, reads: [x], writes: [y],
        workspace: kernels.reduceWorkspace(extents: x.extents, strides: x.strides, axes: axes)
      ) { at in
        kernels.reduce(
          function, at.tensor(x), axes: axes, to: at.tensor(y),
          workspace: at.workspace(of: Float.self))
      })
  }
}

extension ReductionOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    guard x.kind == .real, let axes = try? axes.axes(rank: x.rank) else {
      return lowering.lowerPlainly(node)
    }
    lowering.reduce(Self.function, name, x, axes: Set(axes), to: lowering.result(of: node))
  }
}

extension Sum: Lowerable {}
extension Mean: Lowerable {}
extension Max: Lowerable {}

extension SumTo: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    let extents = lowering.extents(of: node.results[0])
    let leading = x.rank - extents.count
    guard x.kind == .real, leading >= 0 else { return lowering.lowerPlainly(node) }
    let axes = x.extents.indices.filter { axis in
      axis < leading || (extents[axis - leading] == 1 && x.extents[axis] != 1)
    }
    if axes.isEmpty { return lowering.alias(node.results[0], to: x) }
    let kept = x.extents.indices.filter { !axes.contains($0) }.map { x.extents[$0] }
    let result = lowering.result(of: node)
    guard let y = result.reshaped(to: kept) else {
      preconditionFailure("a dense result of extents \(extents) is not one of \(kept)")
    }
    lowering.reduce(.sum, name, x, axes: Set(axes), to: y)
  }
}
