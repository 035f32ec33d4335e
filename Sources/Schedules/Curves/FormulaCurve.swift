// FormulaCurve: a rate computed from the step by a formula, alone or as a running product.
// PyTorch's LambdaLR and MultiplicativeLR; nothing is known of the formula but its values.

/// `base · formula(step)`, or the product of `formula(1) … formula(step)`.
package struct FormulaCurve: RateCurve {
  package var base: Double
  package var formula: RateFormula
  package var isProduct: Bool

  package init(_ base: Double, _ formula: RateFormula, isProduct: Bool = false) {
    self.base = base
    self.formula = formula
    self.isProduct = isProduct
  }

  package func rate(at step: Int) -> Double {
    guard isProduct else { return base * formula.value(at: step) }
    var rate = base
    var index = 1
    while index <= step {
      rate *= formula.value(at: index)
      index += 1
    }
    return rate
  }

  package func rates(_ count: Int) -> [Double] {
    guard isProduct else { return (0..<max(count, 0)).map { self.rate(at: $0) } }
    var rate = base
    return (0..<max(count, 0)).map { step in
      if step > 0 { rate *= formula.value(at: step) }
      return rate
    }
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    if case .number = formula, !isProduct {
      return ConstantCurve(rate(at: 0)).pieces(until: horizon)
    }
    return nil
  }
}
