// ElementwiseLowering: functions of one, two and three elements in the same place.
// Broadcasting is a view; integers that could overflow, and reals that must fit, stay plain.
import IR
import Kernels
import Operations

extension Lowering {
  /// Room for an elementwise result: where the reader wants it, or the memory of an operand that
  /// dies and of which no other operand reads other elements.
  mutating func elementwiseResult(of node: PlanNode, replacing operands: [Int]) -> TensorView {
    if destination(of: node.results[0]) != nil { return stridedResult(of: node) }
    let views = self.operands(of: node)
    let safe = operands.filter { index in
      views.allSatisfy { $0.buffer != views[index].buffer || $0 == views[index] }
    }
    return result(of: node, replacing: safe)
  }

  /// The operands repeated to the extents of the result; `nil` when one can't be.
  mutating func broadcastOperands(of node: PlanNode) -> [TensorView]? {
    let extents = extents(of: node.results[0])
    var views: [TensorView] = []
    for view in operands(of: node) {
      guard let wide = view.broadcast(to: extents) else { return nil }
      views.append(wide)
    }
    return views
  }

  fileprivate mutating func lowerUnary(_ function: UnaryFunction, _ node: PlanNode) {
    let x = view(of: node.operands[0])
    guard x.kind == .real else { return lowerPlainly(node) }
    let y = elementwiseResult(of: node, replacing: [0])
    let kernels = kernels
    emit(
      Instruction(node.name, reads: [x], writes: [y]) { at in
        kernels.apply(function, at.tensor(x), to: at.tensor(y))
      })
  }

  fileprivate mutating func lowerBinary(_ function: BinaryFunction, _ node: PlanNode) {
    guard let views = broadcastOperands(of: node), views.allSatisfy({ $0.kind == .real }) else {
      return lowerPlainly(node)
    }
    let (a, b) = (views[0], views[1])
    let y = elementwiseResult(of: node, replacing: [0, 1])
    let kernels = kernels
    emit(
      Instruction(node.name, reads: [a, b], writes: [y]) { at in
        kernels.apply(function, at.tensor(a), at.tensor(b), to: at.tensor(y))
      })
  }

  /// Converts elements; whoever has the kind already is the same memory.
  mutating func lowerCast(_ node: PlanNode, to kind: ElementKind) {
    let x = view(of: node.operands[0])
    if x.kind == kind { return alias(node.results[0], to: x) }
    // A number that does not fit is a fault, which the plain kernel finds.
    if x.kind == .real, kind == .index { return lowerPlainly(node) }
    let y = elementwiseResult(of: node, replacing: [])
    let kernels = kernels
    emit(
      Instruction(node.name, reads: [x], writes: [y]) { at in
        switch (x.kind, kind) {
        case (.index, .real): kernels.cast(at.indexTensor(x), to: at.tensor(y))
        case (.index, _): kernels.cast(at.indexTensor(x), to: at.maskTensor(y))
        case (.mask, .real): kernels.cast(at.maskTensor(x), to: at.tensor(y))
        case (.mask, _): kernels.cast(at.maskTensor(x), to: at.indexTensor(y))
        case (.real, _): kernels.cast(at.tensor(x), to: at.maskTensor(y))
        }
      })
  }
}

extension UnaryOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerUnary(Self.function, node)
  }
}

extension Negate: Lowerable {}
extension Exp: Lowerable {}
extension Log: Lowerable {}
extension Sqrt: Lowerable {}
extension Reciprocal: Lowerable {}
extension Sin: Lowerable {}
extension Cos: Lowerable {}
extension Tanh: Lowerable {}
extension Erf: Lowerable {}
extension Relu: Lowerable {}
extension Sigmoid: Lowerable {}
extension Absolute: Lowerable {}

extension BinaryOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    lowering.lowerBinary(Self.function, node)
  }
}

extension Add: Lowerable {}
extension Subtract: Lowerable {}
extension Multiply: Lowerable {}
extension Divide: Lowerable {}
extension Maximum: Lowerable {}
extension Minimum: Lowerable {}
extension Power: Lowerable {}

extension Compare: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    guard let views = lowering.broadcastOperands(of: node), views[0].kind == views[1].kind else {
      return lowering.lowerPlainly(node)
    }
    let (a, b) = (views[0], views[1])
    let y = lowering.elementwiseResult(of: node, replacing: [])
    let (kernels, relation) = (lowering.kernels, relation)
    lowering.emit(
      Instruction(name, reads: [a, b], writes: [y]) { at in
        switch a.kind {
        case .real: kernels.compare(relation, at.tensor(a), at.tensor(b), to: at.maskTensor(y))
        case .index:
          kernels.compare(relation, at.indexTensor(a), at.indexTensor(b), to: at.maskTensor(y))
        case .mask:
          kernels.compare(relation, at.maskTensor(a), at.maskTensor(b), to: at.maskTensor(y))
        }
      })
  }
}

extension Logical: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    guard let views = lowering.broadcastOperands(of: node), views.allSatisfy({ $0.kind == .mask })
    else { return lowering.lowerPlainly(node) }
    let (a, b) = (views[0], views[1])
    let y = lowering.elementwiseResult(of: node, replacing: [0, 1])
    let (kernels, kind) = (lowering.kernels, kind)
    lowering.emit(
      Instruction(name, reads: [a, b], writes: [y]) { at in
        kernels.join(kind, at.maskTensor(a), at.maskTensor(b), to: at.maskTensor(y))
      })
  }
}

extension Not: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    guard x.kind == .mask else { return lowering.lowerPlainly(node) }
    let y = lowering.elementwiseResult(of: node, replacing: [0])
    let kernels = lowering.kernels
    lowering.emit(
      Instruction(name, reads: [x], writes: [y]) { at in
        kernels.not(at.maskTensor(x), to: at.maskTensor(y))
      })
  }
}

extension Where: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    guard let views = lowering.broadcastOperands(of: node), views[0].kind == .mask,
      views[1].kind == views[2].kind
    else { return lowering.lowerPlainly(node) }
    let (condition, a, b) = (views[0], views[1], views[2])
    let y = lowering.elementwiseResult(of: node, replacing: [1, 2])
    let kernels = lowering.kernels
    lowering.emit(
      Instruction(name, reads: [condition, a, b], writes: [y]) { at in
        let mask = at.maskTensor(condition)
        return switch a.kind {
        case .real: kernels.select(mask, at.tensor(a), at.tensor(b), to: at.tensor(y))
        case .index:
          kernels.select(mask, at.indexTensor(a), at.indexTensor(b), to: at.indexTensor(y))
        case .mask: kernels.select(mask, at.maskTensor(a), at.maskTensor(b), to: at.maskTensor(y))
        }
      })
  }
}

extension Iota: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let count = lowering.extents(of: node.results[0])[0]
    guard count <= Int(Int32.max) else { return lowering.lowerPlainly(node) }
    let y = lowering.elementwiseResult(of: node, replacing: [])
    let kernels = lowering.kernels
    lowering.emit(
      Instruction(name, reads: [], writes: [y]) { at in kernels.iota(to: at.indexTensor(y)) })
  }
}
