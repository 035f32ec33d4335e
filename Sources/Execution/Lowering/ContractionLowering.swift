// ContractionLowering: linear layers and contractions of two operands as products of matrices.
// Axes are put into an order that strides can say; what they can't is copied first.
import Dimensions
import IR
import Kernels
import Operations

extension Affine: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let views = lowering.operands(of: node)
    var epilogue = PlannedEpilogue()
    epilogue.bias = views.count > 2 ? views[2] : nil
    guard lowering.contract(node, form(rank: views[0].rank), views[0], views[1], epilogue) else {
      return lowering.lowerPlainly(node)
    }
  }

  /// The axes of the product for an input of so many axes.
  func form(rank: Int) -> ContractionForm {
    let rows = Array(0..<(rank - 1))
    let (inner, outer) = (rows.count, rows.count + 1)
    return ContractionForm(
      left: rows + [inner], right: transposed ? [inner, outer] : [outer, inner],
      output: rows + [outer])
  }
}

extension Einsum: Lowerable {
  package func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let views = lowering.operands(of: node)
    guard let (inputs, output) = try? labels(ranks: views.map(\.rank)) else {
      return lowering.lowerPlainly(node)
    }
    if inputs.count == 1 {
      let order = output.compactMap { inputs[0].firstIndex(of: $0) }
      guard order.count == inputs[0].count else { return lowering.lowerPlainly(node) }
      return lowering.alias(node.results[0], to: views[0].permuted(order))
    }
    let contraction = ContractionForm(left: inputs[0], right: inputs[1], output: output)
    guard lowering.contract(node, contraction, views[0], views[1], PlannedEpilogue()) else {
      return lowering.lowerPlainly(node)
    }
  }
}

/// The axes of a contraction, sorted by where they stand.
struct ContractionForm {
  let left: [Int]
  let right: [Int]
  let output: [Int]
  /// In both operands and the result.
  let batch: [Int]
  /// In the left operand and the result; in the right one and the result.
  let rows: [Int]
  let columns: [Int]
  /// In both operands alone, in the order of the left one.
  let sums: [Int]

  init(left: [Int], right: [Int], output: [Int]) {
    (self.left, self.right, self.output) = (left, right, output)
    batch = output.filter { left.contains($0) && right.contains($0) }
    rows = output.filter { left.contains($0) && !right.contains($0) }
    columns = output.filter { !left.contains($0) && right.contains($0) }
    sums = left.filter { right.contains($0) && !output.contains($0) }
  }

  /// Whether every axis is one of the four kinds, and there is something to multiply by.
  var isProduct: Bool {
    left.count == batch.count + rows.count + sums.count
      && right.count == batch.count + columns.count + sums.count
      && rows.count + columns.count + sums.count > 0
  }

  /// The extents of the product of operands of these extents.
  func shape(_ leftExtents: [Int], _ rightExtents: [Int]) -> ProductShape {
    var sizes: [Int: Int] = [:]
    for (axis, extent) in zip(left + right, leftExtents + rightExtents) { sizes[axis] = extent }
    func size(_ axes: [Int]) -> Int { axes.reduce(1) { $0 * (sizes[$1] ?? 1) } }
    return ProductShape(m: size(rows), n: size(columns), k: size(sums), batch: size(batch))
  }

  /// The summed axes in the order of the right operand.
  var sumsOfRight: [Int] { right.filter { sums.contains($0) } }
}

extension Lowering {
  /// Emits a product of two views.
  ///
  /// - Returns: false, with nothing emitted, when it is no product of matrices.
  mutating func contract(
    _ node: PlanNode, _ form: ContractionForm, _ left: TensorView, _ right: TensorView,
    _ epilogue: PlannedEpilogue
  ) -> Bool {
    guard form.isProduct, left.kind == .real, right.kind == .real else { return false }
    var epilogue = epilogue
    epilogue.bias = epilogue.bias.map { dense($0) }
    var shape = form.shape(left.extents, right.extents)
    shape.keepsRows = keepsRows
    let orders = [form.sums, form.sumsOfRight]
    let ranked = orders.map { sums in
      let a = left.ordered(form.left, [form.batch, form.rows, sums])
      let b = right.ordered(form.right, [form.batch, sums, form.columns])
      let copied =
        (a.isMatrix([shape.batch, shape.m, shape.k]) ? 0 : left.count)
        + (b.isMatrix([shape.batch, shape.k, shape.n]) ? 0 : right.count)
      return (a: a, b: b, copied: copied)
    }
    let best = ranked[1].copied < ranked[0].copied ? ranked[1] : ranked[0]
    let a = matrix(best.a, [shape.batch, shape.m, shape.k])
    let b = matrix(best.b, [shape.batch, shape.k, shape.n])
    let extents = [shape.batch, shape.m, shape.n]
    func ordered(_ view: TensorView) -> TensorView {
      view.ordered(form.output, [form.batch, form.rows, form.columns])
    }
    func laid(_ view: TensorView) -> PlannedMatrix? {
      ordered(view).reshaped(to: extents).flatMap { PlannedMatrix($0) }
    }
    let target = room(for: node, &epilogue, besides: [a.view, b.view], laid)
    if epilogue.fits(target, laid), let c = laid(target) {
      emitProduct(node, shape, a, b, into: c, epilogue.laid(laid))
      return true
    }
    let made = temporary(ordered(target).extents, label: "product")
    guard let c = made.reshaped(to: extents).flatMap({ PlannedMatrix($0) }) else {
      preconditionFailure("a dense view of extents \(made.extents) is no matrix of \(extents)")
    }
    emitProduct(node, shape, a, b, into: c, epilogue.withoutResidual)
    emitCopy(from: made, to: ordered(target), adding: epilogue.residual.map(ordered))
    return true
  }

  private mutating func emitProduct(
    _ node: PlanNode, _ shape: ProductShape, _ a: PlannedMatrix, _ b: PlannedMatrix,
    into c: PlannedMatrix, _ epilogue: LaidEpilogue
  ) {
    // A result whose columns are consecutive is the transpose of Bᵀ·Aᵀ.
    if c.isTransposed, let left = b.exchanged, let right = a.exchanged, let result = c.exchanged {
      var turned = ProductShape(m: shape.n, n: shape.m, k: shape.k, batch: shape.batch)
      turned.keepsRows = shape.keepsRows
      return emitProduct(node, turned, left, right, into: result, epilogue.exchanged)
    }
    let kernels = kernels
    emit(
      Instruction(
        node.name, reads: [a.view, b.view] + epilogue.reads(c), writes: [c.view] + epilogue.writes,
        workspace: kernels.productWorkspace(shape), multiplyAdds: shape.multiplyAdds
      ) { at in
        var product = MatrixProduct(
          shape, a: a.operand(at), b: b.operand(at), result: c.matrix(at))
        epilogue.place(in: &product, at)
        return kernels.product(product, workspace: at.workspace(of: Float.self))
      })
  }

  private mutating func emitCopy(
    from made: TensorView, to target: TensorView, adding residual: TensorView?
  ) {
    guard let residual else {
      return emit(StridedCopy.instruction(from: made, to: target, kernels: kernels))
    }
    let kernels = kernels
    emit(
      Instruction("add", reads: [made, residual], writes: [target]) { at in
        kernels.apply(.add, at.tensor(made), at.tensor(residual), to: at.tensor(target))
      })
  }
}

extension TensorView {
  /// The axes with these labels in the order of the groups.
  fileprivate func ordered(_ labels: [Int], _ groups: [[Int]]) -> TensorView {
    permuted(groups.joined().compactMap { labels.firstIndex(of: $0) })
  }

  fileprivate func isMatrix(_ extents: [Int]) -> Bool {
    reshaped(to: extents).flatMap { PlannedMatrix($0) } != nil
  }
}
