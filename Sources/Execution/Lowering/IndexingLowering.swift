// IndexingLowering: gather, scatter-add and padding as instructions of a planned step.
// Indices are looked at before each run, because what they name is only known then.
import Dimensions
import IR
import Kernels
import Operations

extension Gather: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let table = lowering.view(of: node.operands[0])
    let ids = lowering.dense(lowering.view(of: node.operands[1]))
    guard table.rank > 0, table.kind != .mask else { return lowering.lowerPlainly(node) }
    let rows = table.extents[0]
    let width = table.extents.dropFirst().reduce(1, *)
    let source = lowering.matrix(table, rows: rows, width: width)
    let result = lowering.result(of: node)
    let kernels = lowering.kernels
    lowering.emit(
      Instruction(
        name, reads: [source, ids], writes: [result],
        check: IndexCheck(ids: ids, limit: rows).table(kernels)
      ) { at in
        kernels.gather(
          at.rows(source), PlacedIndices(at.index(ids), count: ids.count),
          into: PlacedRows(at.words(result), rows: ids.count, width: width))
      })
  }
}

extension ScatterAdd: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let result = lowering.result(of: node)
    lowering.scatterAdd(
      ids: node.operands[0], updates: node.operands[1], into: result, accumulating: false,
      ignoring: ignoring, label: name)
  }
}

/// Updates added to the rows of a table that another operation made, in its memory.
///
/// A table that is both read by index and multiplied by has two gradients; their sum needs no
/// second table.
struct AccumulatingScatter: Lowerable {
  /// The row to which nothing is added.
  let ignoring: Int?

  var name: String { "scatter_add" }

  /// The operands are the ids, the updates and the table.
  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let table = lowering.view(of: node.operands[2])
    let result = lowering.result(of: node, replacing: [2])
    if result != table { lowering.move(table, to: result, label: name) }
    lowering.scatterAdd(
      ids: node.operands[0], updates: node.operands[1], into: result, accumulating: true,
      ignoring: ignoring, label: name)
  }
}

extension Pad: Lowerable, ForwardingOperation {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let x = lowering.view(of: node.operands[0])
    guard let axis = try? Extents.axis(axis, rank: x.rank),
      let before = try? EvaluationContext(sizes: lowering.sizes).size(before),
      before + x.extents[axis] <= lowering.extents(of: node.results[0])[axis]
    else { return lowering.lowerPlainly(node) }
    let result = lowering.stridedResult(of: node)
    let end = before + x.extents[axis]
    for range in [0..<before, end..<result.extents[axis]] where !range.isEmpty {
      let edge = result.sliced(axis: axis, range)
      guard let zeros = lowering.zero(edge.kind).broadcast(to: edge.extents) else { continue }
      lowering.move(zeros, to: edge, label: name)
    }
    let part = result.sliced(axis: axis, before..<end)
    if x != part { lowering.move(x, to: part, label: name) }
  }

  package func place(
    ofOperand index: Int, extents: [[Int]], in result: TensorView, sizes: [Symbol: Int]
  ) -> TensorView? {
    guard let axis = try? Extents.axis(axis, rank: result.rank),
      let before = try? EvaluationContext(sizes: sizes).size(before),
      before + extents[0][axis] <= result.extents[axis]
    else { return nil }
    return result.sliced(axis: axis, before..<(before + extents[0][axis]))
  }
}

extension Lowering {
  fileprivate mutating func scatterAdd(
    ids: Int, updates: Int, into result: TensorView, accumulating: Bool, ignoring: Int?,
    label: String
  ) {
    let ids = dense(view(of: ids))
    let rows = result.extents[0]
    let width = result.extents.dropFirst().reduce(1, *)
    let source = matrix(view(of: updates), rows: ids.count, width: width)
    let table = matrix(result, rows: rows, width: width)
    let kernels = self.kernels
    emit(
      Instruction(
        label, reads: [source, ids] + (accumulating ? [result] : []), writes: [result],
        check: IndexCheck(ids: ids, limit: rows).table(kernels)
      ) { at in
        kernels.scatterAdd(
          at.rows(source), PlacedIndices(at.index(ids), count: ids.count), into: at.rows(table),
          accumulating: accumulating, ignoring: ignoring)
      })
  }

  fileprivate mutating func move(_ view: TensorView, to target: TensorView, label: String) {
    emit(StridedCopy.instruction(from: view, to: target, label: label, kernels: kernels))
  }

  /// One zero of a kind.
  fileprivate mutating func zero(_ kind: ElementKind) -> TensorView {
    let array: NDArray<Float> =
      switch kind {
      case .real: NDArray(extents: [], real: [0])
      case .index: NDArray(extents: [], index: [0])
      case .mask: NDArray(extents: [], mask: [false])
      }
    return constant(array, label: "zero")
  }

  /// A view as rows of consecutive elements, copied only when strides can't say that.
  mutating func matrix(_ view: TensorView, rows: Int, width: Int) -> TensorView {
    if let matrix = view.reshaped(to: [rows, width]), width < 2 || matrix.strides[1] == 1 {
      return matrix
    }
    let copy = dense(view)
    guard let matrix = copy.reshaped(to: [rows, width]) else {
      preconditionFailure("\(view.extents) is not \(rows) rows of \(width)")
    }
    return matrix
  }
}

extension Addresses {
  /// A view of two axes, made by ``Lowering/matrix(_:rows:width:)``.
  func rows(_ view: TensorView) -> PlacedRows {
    PlacedRows(
      words(view), rows: view.extents[0], width: view.extents[1], stride: view.strides[0])
  }

  /// Elements of four bytes, whatever they mean, for kernels that only move them.
  func words(_ view: TensorView) -> Place<Float> {
    precondition(view.kind != .mask, "a mask has elements of one byte")
    return Place(
      UnsafeMutableRawPointer(bytes(view).pointer).assumingMemoryBound(to: Float.self))
  }
}

/// What is asked of indices before a kernel follows them.
struct IndexCheck: Sendable {
  private let ids: TensorView
  private let count: Int
  private let limit: Int

  init(ids: TensorView, limit: Int) {
    self.ids = ids
    self.limit = limit
    count = ids.count
  }

  /// Names of the rows of a table.
  func table(_ kernels: any KernelSet.Type) -> Instruction.Check {
    { at in
      let indices = PlacedIndices(at.index(ids), count: count)
      guard let position = kernels.firstOutside(indices, limit: limit, ignoring: nil) else {
        return nil
      }
      let id = indices.place.pointer[position]
      return "id \(id) at position \(position) is outside a table of \(limit) rows"
    }
  }

  /// Targets of a loss.
  func classes(_ kernels: any KernelSet.Type, ignoring: Int) -> Instruction.Check {
    { at in
      let indices = PlacedIndices(at.index(ids), count: count)
      guard let row = kernels.firstOutside(indices, limit: limit, ignoring: ignoring) else {
        return nil
      }
      let target = indices.place.pointer[row]
      return "target \(target) of row \(row) is none of \(limit) classes"
    }
  }
}
