// FusedProductLowering: a product with its neighbours as one instruction of a planned step.
// What is fused, and when, is decided by the rules in Fusion; here are only places.
import IR
import Kernels
import Operations

/// A linear layer or a contraction, and what is done to its result before memory sees it.
///
/// The operands are the product's own, then the argument of `slope`, then the residual; the results
/// the product's, then the argument of the activation, then the sums, where they exist.
struct FusedProduct: Lowerable {
  /// An ``Affine`` or an ``Einsum``.
  var product: any Operation
  /// How many operands are the product's own.
  var factors: Int
  var activation: ActivationKind?
  var keepsArgument = false
  var slope: ActivationKind?
  var addsResidual = false
  /// The operand whose rows are summed.
  var sums: Int?

  init(_ product: any Operation, factors: Int) {
    self.product = product
    self.factors = factors
  }

  /// Whether nothing has joined the product yet.
  var isBare: Bool { activation == nil && slope == nil && !addsResidual && sums == nil }

  var name: String {
    var parts = [product.name]
    if let activation { parts.append(activation.rawValue) }
    if let slope { parts.append(slope.rawValue + "_gradient") }
    if addsResidual { parts.append("add") }
    if sums != nil { parts.append("sum_to") }
    return parts.joined(separator: "+")
  }

  /// The axes of the product; `nil` when it is none.
  func form(ranks: [Int]) -> ContractionForm? {
    if let affine = product as? Affine { return affine.form(rank: ranks[0]) }
    guard let einsum = product as? Einsum, factors == 2,
      let (inputs, output) = try? einsum.labels(ranks: Array(ranks.prefix(2)))
    else { return nil }
    return ContractionForm(left: inputs[0], right: inputs[1], output: output)
  }

  func lower(_ node: PlanNode, in lowering: inout Lowering) throws(ExecutionFault) {
    let views = lowering.operands(of: node)
    var epilogue = PlannedEpilogue()
    if product is Affine, factors > 2 { epilogue.bias = views[2] }
    var operand = factors
    if let slope {
      epilogue.slope = slope
      epilogue.argument = lowering.dense(views[operand])
      operand += 1
    }
    if addsResidual {
      epilogue.residual = lowering.dense(views[operand])
      epilogue.residualOperand = operand
    }
    epilogue.activation = activation
    var made = 1
    if keepsArgument {
      epilogue.kept = lowering.result(of: node, made)
      made += 1
    }
    if let sums {
      epilogue.sums = PlannedSums(ofLeft: sums == 0, target: lowering.result(of: node, made))
    }
    guard let form = form(ranks: views.map(\.rank)),
      lowering.contract(node, form, views[0], views[1], epilogue)
    else { preconditionFailure("\(name) was made of what is no product") }
  }
}
