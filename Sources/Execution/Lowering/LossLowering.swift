// LossLowering: cross-entropy and its gradient as instructions of a planned step.
// The loss leaves what it found of each row, which no graph knows, for the gradient to read.
import IR
import Kernels
import Operations

extension CrossEntropy: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    guard
      let call = LossCall(
        node, axis: classAxis, ignore: ignore, reduction: reduction, in: &lowering)
    else { return lowering.lowerPlainly(node) }
    let statistics = lowering.lossStatistics(rows: call.rows)
    let result = lowering.result(of: node)
    let kernels = lowering.kernels
    lowering.emit(
      Instruction(
        name, reads: [call.logits, call.targets], writes: [result, statistics],
        check: call.check(kernels)
      ) { at in
        kernels.crossEntropy(
          at.rows(call.logits), call.targets(at),
          statistics: LossStatistics(at.real(statistics), rows: call.rows),
          loss: at.real(result))
      })
  }
}

extension CrossEntropyGradient: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    guard
      let call = LossCall(
        node, axis: classAxis, ignore: ignore, reduction: reduction, in: &lowering)
    else { return lowering.lowerPlainly(node) }
    let cotangent = lowering.view(of: node.operands[2])
    let kernels = lowering.kernels
    var statistics = statistics(of: node, in: lowering)
    if statistics == nil {
      let made = lowering.lossStatistics(rows: call.rows)
      lowering.emit(
        Instruction(
          name, reads: [call.logits, call.targets], writes: [made], check: call.check(kernels)
        ) { at in
          kernels.lossStatistics(
            at.rows(call.logits), call.targets(at),
            into: LossStatistics(at.real(made), rows: call.rows))
        })
      statistics = made
    }
    guard let statistics else { preconditionFailure("the rows of a loss were never measured") }
    let result = lowering.result(of: node, replacing: [0])
    let gradient = lowering.matrix(result, rows: call.rows, width: call.classes)
    lowering.emit(
      Instruction(
        name, reads: [call.logits, call.targets, statistics, cotangent], writes: [result]
      ) { at in
        kernels.crossEntropyGradient(
          at.rows(call.logits), call.targets(at),
          statistics: LossStatistics(at.real(statistics), rows: call.rows),
          cotangent: at.real(cotangent), into: at.rows(gradient))
      })
  }

  /// What the loss of the same logits and targets found.
  private func statistics(of node: PlanNode, in lowering: Lowering) -> TensorView? {
    for other in lowering.plan.nodes[..<lowering.position].reversed() {
      guard let loss = other.operation as? CrossEntropy, loss.attributes == attributes,
        other.operands == Array(node.operands.prefix(2)),
        let made = lowering.instructions.last(where: { $0.members == other.members }),
        made.writes.count == 2
      else { continue }
      return made.writes[1]
    }
    return nil
  }
}

/// Logits and targets of a loss as rows.
private struct LossCall: Sendable {
  let logits: TensorView
  let targets: TensorView
  let rows: Int
  let classes: Int
  let ignore: Int
  let reduction: LossReduction

  /// `nil` when the classes are not the last axis.
  init?(
    _ node: PlanNode, axis: (Int) -> Int?, ignore: Int, reduction: LossReduction,
    in lowering: inout Lowering
  ) {
    let view = lowering.view(of: node.operands[0])
    guard let last = view.extents.last, axis(view.rank) == view.rank - 1 else { return nil }
    rows = view.extents.dropLast().reduce(1, *)
    classes = last
    logits = lowering.matrix(view, rows: rows, width: classes)
    targets = lowering.dense(lowering.view(of: node.operands[1]))
    self.ignore = ignore
    self.reduction = reduction
  }

  func targets(_ at: Addresses) -> LossTargets {
    LossTargets(
      PlacedIndices(at.index(targets), count: rows), ignore: ignore, reduction: reduction)
  }

  func check(_ kernels: any KernelSet.Type) -> Instruction.Check {
    IndexCheck(ids: targets, limit: classes).classes(kernels, ignoring: ignore)
  }
}

extension Lowering {
  /// Room for what a loss finds of its rows.
  fileprivate mutating func lossStatistics(rows: Int) -> TensorView {
    temporary([LossStatistics.count(rows: rows)], label: "row statistics")
  }
}
