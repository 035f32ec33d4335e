// Dimension printing: formulas as people write them, highest degree first.
// Apart from the arithmetic because the order and the signs here are a promise to report readers.

extension Dimension: CustomStringConvertible {
  /// The formula, such as `2·B·T·width + 4·width` or `floor(T / 2)`, without digit grouping.
  package var description: String { formatted(grouped: false) }

  /// The formula; `grouped` writes constants in groups of three digits, such as `7,087,872`.
  package func formatted(grouped: Bool) -> String {
    switch storage {
    case .overflow: return "overflow"
    case .undefined: return "undefined"
    case .constant(let value): return Dimension.digits(value, grouped: grouped)
    case .polynomial(let polynomial):
      if case .modulo = atom { return Dimension.text(of: polynomial.terms, grouped, alone: true) }
      return Dimension.text(of: polynomial.terms, grouped, alone: false)
    }
  }

  private static func text(of terms: [Term], _ grouped: Bool, alone: Bool) -> String {
    var result = ""
    for (index, term) in terms.enumerated() {
      if index == 0 {
        result += term.coefficient < 0 ? "-" : ""
      } else {
        result += term.coefficient < 0 ? " - " : " + "
      }
      var parts: [String] = []
      if term.monomial.isOne || term.coefficient.magnitude != 1 {
        parts.append(digits(term.coefficient.magnitude, grouped: grouped))
      }
      for factor in term.monomial.factors {
        var text = text(of: factor.atom, grouped)
        if case .modulo = factor.atom, !alone { text = "(\(text))" }
        parts.append(text + superscript(factor.exponent))
      }
      result += parts.joined(separator: "·")
    }
    return result
  }

  private static func text(of atom: Atom, _ grouped: Bool) -> String {
    switch atom {
    case .symbol(let symbol): return symbol.name
    case .floor(let numerator, let divisor):
      let top = numerator.operandText(grouped, asDivisor: false)
      return "floor(\(top) / \(divisor.operandText(grouped, asDivisor: true)))"
    case .modulo(let numerator, let divisor):
      let top = numerator.operandText(grouped, asDivisor: false)
      return "\(top) mod \(divisor.operandText(grouped, asDivisor: true))"
    case .minimum(let operands):
      return "min(\(operands.map { $0.formatted(grouped: grouped) }.joined(separator: ", ")))"
    case .maximum(let operands):
      return "max(\(operands.map { $0.formatted(grouped: grouped) }.joined(separator: ", ")))"
    }
  }

  /// The text as an operand of `/` or `mod`, in parentheses where it would be misread.
  private func operandText(_ grouped: Bool, asDivisor: Bool) -> String {
    let text = formatted(grouped: grouped)
    var needsParentheses = terms.count > 1
    if case .modulo = atom { needsParentheses = true }
    if asDivisor, atom == nil, wideConstant == nil { needsParentheses = true }
    return needsParentheses ? "(\(text))" : text
  }

  private static func superscript(_ exponent: Int) -> String {
    if exponent == 1 { return "" }
    let raised = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return String(String(exponent).compactMap { $0.wholeNumberValue.map { raised[$0] } })
  }

  /// The decimal digits of an integer, in groups of three when asked.
  package static func digits(_ value: some BinaryInteger, grouped: Bool) -> String {
    let plain = String(value)
    guard grouped else { return plain }
    let sign = plain.hasPrefix("-") ? "-" : ""
    let digits = plain.dropFirst(sign.count)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return sign + result
  }
}
