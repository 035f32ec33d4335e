// PlannedEpilogue: what is done to a product on its way to memory, as views of a plan.
// Apart from the contraction, which only has to know where rows and columns of the result lie.
import IR
import Kernels

/// Everything that is done to the result of a product, and taken from its operands meanwhile.
///
/// Views other than `bias` and `sums` have the extents of the result and are dense.
struct PlannedEpilogue: Sendable {
  /// Added to each row.
  var bias: TensorView?
  var activation: ActivationKind?
  /// Receives what the activation is applied to.
  var kept: TensorView?
  /// The product is multiplied by this function's derivative at `argument`.
  var slope: ActivationKind?
  var argument: TensorView?
  /// Added at the end, and which operand of the node it is.
  var residual: TensorView?
  var residualOperand: Int?
  /// Whether the residual is what lies in the result's memory.
  var accumulates = false
  var sums: PlannedSums?

  /// Whether the result may lie like this: all that is read beside it lies alike.
  func fits(_ view: TensorView, _ laid: (TensorView) -> PlannedMatrix?) -> Bool {
    guard let c = laid(view) else { return false }
    if c.isTransposed, bias != nil { return false }
    return [kept, argument, residual].allSatisfy { view in
      view.map { laid($0)?.isTransposed == c.isTransposed } ?? true
    }
  }

  /// The views as matrices that lie like the result.
  func laid(_ laid: (TensorView) -> PlannedMatrix?) -> LaidEpilogue {
    LaidEpilogue(
      bias: bias, activation: activation, kept: kept.flatMap(laid), slope: slope,
      argument: argument.flatMap(laid), residual: accumulates ? nil : residual.flatMap(laid),
      accumulates: accumulates, sums: sums)
  }

  /// The same for a result that is only an intermediate one.
  var withoutResidual: LaidEpilogue {
    // Rules apply functions to layers alone, whose results are rows that always fit.
    precondition(activation == nil && slope == nil, "a function of a result that is no matrix")
    return LaidEpilogue(bias: bias, sums: sums)
  }
}

/// The sums over all rows of an operand of a product: a bias gradient.
struct PlannedSums: Sendable {
  /// Whether of the left operand.
  var ofLeft: Bool
  var target: TensorView
}

/// An epilogue over matrices.
struct LaidEpilogue: Sendable {
  var bias: TensorView?
  var activation: ActivationKind?
  var kept: PlannedMatrix?
  var slope: ActivationKind?
  var argument: PlannedMatrix?
  var residual: PlannedMatrix?
  var accumulates = false
  var sums: PlannedSums?

  /// The same for the transpose of the product.
  var exchanged: LaidEpilogue {
    var result = self
    result.kept = kept?.exchanged
    result.argument = argument?.exchanged
    result.residual = residual?.exchanged
    result.sums?.ofLeft.toggle()
    return result
  }

  /// What is read beside the operands of the product.
  func reads(_ result: PlannedMatrix) -> [TensorView] {
    [bias, argument?.view, residual?.view, accumulates ? result.view : nil].compactMap { $0 }
  }

  /// What is written beside the result.
  var writes: [TensorView] { [kept?.view, sums?.target].compactMap { $0 } }

  func place(in product: inout MatrixProduct, _ at: Addresses) {
    product.accumulates = accumulates
    product.epilogue.bias = bias.map { at.real($0) }
    product.epilogue.residual = residual?.matrix(at)
    if let activation {
      product.epilogue.activation = .apply(activation, keeping: kept?.matrix(at))
    } else if let slope, let argument {
      product.epilogue.activation = .slope(slope, at: argument.matrix(at))
    }
    guard let sums else { return }
    if sums.ofLeft {
      product.rowSums = at.real(sums.target)
    } else {
      product.columnSums = at.real(sums.target)
    }
  }
}

extension Lowering {
  /// Room for the result of a product; the memory of a residual that dies, where that is possible.
  mutating func room(
    for node: PlanNode, _ epilogue: inout PlannedEpilogue, besides factors: [TensorView],
    _ laid: (TensorView) -> PlannedMatrix?
  ) -> TensorView {
    if let place = destination(of: node.results[0]), epilogue.fits(place, laid) {
      return stridedResult(of: node)
    }
    let others = (factors + [epilogue.bias].compactMap { $0 }).map(\.buffer)
    var replaceable: [Int] = []
    if let operand = epilogue.residualOperand, let residual = epilogue.residual,
      epilogue.activation == nil, epilogue.slope == nil, !others.contains(residual.buffer)
    {
      replaceable = [operand]
    }
    let target = result(of: node, replacing: replaceable)
    epilogue.accumulates = epilogue.residual == target
    return target
  }
}
