// RotaryLowering: rotary position embedding and its inverse, which is its gradient.
// Positions stay as they are stored, so that all heads share one table of angles.
import IR
import Kernels
import Operations

extension Rotary: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    guard let width = x.extents.last, width.isMultiple(of: 2), x.kind == .real,
      let positions = lowering.view(of: node.operands[1]).broadcast(
        to: Array(x.extents.dropLast())),
      positions.kind == .index
    else { return lowering.lowerPlainly(node) }
    let y = lowering.elementwiseResult(of: node, replacing: [0])
    let (kernels, base, interleaved, inverse) = (lowering.kernels, base, interleaved, inverse)
    lowering.emit(
      Instruction(
        name, reads: [x, positions], writes: [y],
        workspace: kernels.rotaryWorkspace(
          extents: x.extents, positionStrides: positions.strides)
      ) { at in
        kernels.rotary(
          at.tensor(x), positions: at.indexTensor(positions), base: base,
          interleaved: interleaved, inverse: inverse, to: at.tensor(y),
          workspace: at.workspace(of: Float.self))
      })
  }
}
