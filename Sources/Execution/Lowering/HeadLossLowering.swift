// HeadLossLowering: the fused head and loss as one instruction of a planned step.
// What is fused, and when, is decided by HeadLossFusion; here are only places and extents.
import IR
import Kernels
import Operations

/// An output head, its loss, and the gradients that were found.
struct FusedHeadLoss: Lowerable {
  var isTransposed: Bool
  var ignore: Int
  var reduction: LossReduction
  /// The nodes of the graph whose work it does: the head, and the gradients, `nil` if not made.
  var head: Int
  var byInput: Int?
  var byWeight: Int?
  var byBias: Int?
  var hasBias = false
  /// The part of the positions that has targets; `nil` for all of them.
  var window: Slice?

  init(isTransposed: Bool, ignore: Int, reduction: LossReduction, head: Int) {
    self.isTransposed = isTransposed
    self.ignore = ignore
    self.reduction = reduction
    self.head = head
  }

  var name: String { "head_loss" }

  /// The operands are x, the weight, the targets, the bias and the arriving gradient, where they
  /// exist; the results the loss and the gradients by x, weight and bias.
  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    let w = lowering.view(of: node.operands[1])
    let (width, classes) = (w.extents[isTransposed ? 0 : 1], w.extents[isTransposed ? 1 : 0])
    let rows = x.extents.dropLast().reduce(1, *)
    let input = lowering.matrix(x, rows: rows, width: width)
    let weight = lowering.matrix(w, rows: w.extents[0], width: w.extents[1])
    let targets = try targets(node.operands[2], of: x, in: &lowering)
    let bias = hasBias ? lowering.dense(lowering.view(of: node.operands[3])) : nil
    let isDifferentiated = byInput != nil || byWeight != nil
    let cotangent =
      isDifferentiated ? lowering.view(of: node.operands[hasBias ? 4 : 3]) : nil
    let loss = lowering.result(of: node)
    var made = 0
    func room(_ isMade: Bool) -> TensorView? {
      guard isMade else { return nil }
      made += 1
      return lowering.result(of: node, made)
    }
    let inputGradient = room(byInput != nil)
    let weightGradient = room(byWeight != nil)
    let biasGradient = room(byBias != nil)

    let shape = HeadLossShape(
      rows: rows, width: width, classes: classes, isTransposed: isTransposed,
      wantsInput: inputGradient != nil, wantsWeight: weightGradient != nil)
    let kernels = lowering.kernels
    let (ignore, reduction) = (ignore, reduction)
    var instruction = Instruction(
      name, reads: [input, weight, targets] + [bias, cotangent].compactMap { $0 },
      writes: [loss] + [inputGradient, weightGradient, biasGradient].compactMap { $0 },
      workspace: kernels.headLossWorkspace(shape), multiplyAdds: shape.multiplyAdds,
      check: IndexCheck(ids: targets, limit: classes).classes(kernels, ignoring: ignore)
    ) { at in
      var head = HeadLoss(
        shape, input: at.matrix(input), weight: at.matrix(weight), bias: bias.map { at.real($0) },
        targets: LossTargets(
          PlacedIndices(at.index(targets), count: rows), ignore: ignore, reduction: reduction),
        loss: at.real(loss))
      head.cotangent = cotangent.map { at.real($0) }
      head.inputGradient = inputGradient.map { Matrix(at.real($0), stride: width) }
      head.weightGradient = weightGradient.map {
        Matrix(at.real($0), stride: shape.isTransposed ? classes : width)
      }
      head.biasGradient = biasGradient.map { at.real($0) }
      return kernels.headLoss(head, workspace: at.workspace(of: Float.self))
    }
    for member in [head, byInput, byWeight] {
      if let member { instruction.shares[member] = rows * width * classes }
    }
    lowering.emit(instruction)
  }
}

extension FusedHeadLoss {
  /// One target for each row of the input: those outside the window are ignored, so that the
  /// products stay those of all rows, which is what the description says.
  private func targets(
    _ value: Int, of x: TensorView, in lowering: inout Lowering
  ) throws(ExecutionFault) -> TensorView {
    let given = lowering.view(of: value)
    guard let window else { return lowering.dense(given) }
    let extents = Array(x.extents.dropLast())
    let all = lowering.temporary(extents, kind: .index, label: "targets of all rows")
    guard let axis = try? Extents.axis(window.axis, rank: x.rank),
      let start = try? EvaluationContext(sizes: lowering.sizes).size(window.from),
      start + given.extents[axis] <= extents[axis]
    else { throw .malformedGraph("a window of the targets lies outside the logits") }
    let end = start + given.extents[axis]
    let ignored = lowering.constant(
      NDArray(extents: [], index: [Int32(clamping: ignore)]), label: "ignored target")
    var parts = [(given, start..<end)]
    for range in [0..<start, end..<extents[axis]] where !range.isEmpty {
      let edge = all.sliced(axis: axis, range)
      if let source = ignored.broadcast(to: edge.extents) { parts.append((source, range)) }
    }
    for (source, range) in parts {
      lowering.emit(
        StridedCopy.instruction(
          from: source, to: all.sliced(axis: axis, range), label: "targets",
          kernels: lowering.kernels))
    }
    return all
  }
}

extension Addresses {
  /// A view of two axes, made by ``Lowering/matrix(_:rows:width:)``.
  fileprivate func matrix(_ view: TensorView) -> Matrix {
    Matrix(real(view), stride: view.strides[0])
  }
}
