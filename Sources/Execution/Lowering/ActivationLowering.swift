// ActivationLowering: GELU, its tanh form, SiLU and the gradient of all three.
// Apart from the unary functions, whose kernels know no constants.
import IR
import Kernels
import Operations

extension Lowering {
  fileprivate mutating func lower(_ function: ActivationFunction, _ node: PlanNode) {
    let x = view(of: node.operands[0])
    guard x.kind == .real else { return lowerPlainly(node) }
    let y = elementwiseResult(of: node, replacing: [0])
    let kernels = kernels
    emit(
      Instruction(node.name, reads: [x], writes: [y]) { at in
        kernels.activate(function, at.tensor(x), to: at.tensor(y))
      })
  }
}

extension Gelu: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lower(ActivationFunction.gelu, node)
  }
}

extension GeluTanh: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lower(ActivationFunction.geluTanh, node)
  }
}

extension Silu: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lower(ActivationFunction.silu, node)
  }
}

/// A function of one operand times another, of which the function's result never exists.
struct GatedProduct: Lowerable {
  let function: ActivationFunction

  var name: String { "gated_product" }

  /// The operands are the function's argument and the other factor.
  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let (x, other) = (lowering.view(of: node.operands[0]), lowering.view(of: node.operands[1]))
    let y = lowering.elementwiseResult(of: node, replacing: [1, 0])
    let (kernels, function) = (lowering.kernels, function)
    lowering.emit(
      Instruction(name, reads: [x, other], writes: [y]) { at in
        kernels.gate(function, at.tensor(x), times: at.tensor(other), to: at.tensor(y))
      })
  }
}

extension ActivationGradient: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let (x, gradient) = (
      lowering.view(of: node.operands[0]), lowering.view(of: node.operands[1])
    )
    guard x.extents == gradient.extents, x.kind == .real, gradient.kind == .real else {
      return lowering.lowerPlainly(node)
    }
    let y = lowering.elementwiseResult(of: node, replacing: [1, 0])
    let (kernels, function) = (lowering.kernels, function)
    lowering.emit(
      Instruction(name, reads: [x, gradient], writes: [y]) { at in
        kernels.activationGradient(
          function, at.tensor(x), gradient: at.tensor(gradient), to: at.tensor(y))
      })
  }
}
