// Elaborator+Arithmetic: operators, on static values here, on tensors as operations.
// Static arithmetic is checked, and carries the formula in the config's names along.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  mutating func unary(
    _ symbol: UnaryOperator, _ operand: Expression, range: SourceRange, frame: inout Frame
  ) -> Term {
    let term = evaluate(operand, frame: &frame)
    switch (symbol, term) {
    case (_, .fixed(.invalid)): return .invalid
    case (.negate, .fixed(.integer(let value, let formula))):
      if value == .min { return overflow(range, frame: frame) }
      return .fixed(.integer(-value, formula: Dimension(0) - formula))
    case (.negate, .fixed(.float(let value))): return .fixed(.float(-value))
    case (.negate, .fixed(.dimension(let value))): return .fixed(.dimension(Dimension(0) - value))
    case (.not, .fixed(.boolean(let value))): return .fixed(.boolean(!value))
    case (.negate, .tensor):
      return apply("negate", [term], [operand.range], range: range, frame: &frame)
    case (.not, .tensor):
      return apply("not", [term], [operand.range], range: range, frame: &frame)
    case (_, .fixed(let value)):
      return wrongOperands(symbol.rawValue, [value.kindName], range: range, frame: frame)
    case (_, .tuple):
      return wrongOperands(symbol.rawValue, ["several tensors"], range: range, frame: frame)
    }
  }

  mutating func binary(
    _ symbol: BinaryOperator, _ left: Expression, _ right: Expression, range: SourceRange,
    frame: inout Frame
  ) -> Term {
    let a = evaluate(left, frame: &frame)
    if case .fixed(.boolean(let known)) = a {
      if symbol == .and, !known { return .fixed(.boolean(false)) }
      if symbol == .or, known { return .fixed(.boolean(true)) }
    }
    let b = evaluate(right, frame: &frame)
    if a.isInvalid || b.isInvalid { return .invalid }
    if case .fixed(let x) = a, case .fixed(let y) = b {
      if case .integer = x, y.integerValue == 0, [.divide, .floorDivide, .modulo].contains(symbol) {
        let facts = expansionFacts(right, frame: frame) + legalDivisors(of: x, right, symbol)
        report(
          Diagnostic(
            id: "division-by-zero", severity: .error, message: "`\(text(range))` divides by zero",
            range: range, facts: facts), definition: frame.definition)
        if let definition = frame.definition, !contexts[definition].isModel {
          contexts[definition].breaksRequirement = true
        }
        return .invalid
      }
      return .fixed(arithmetic(symbol, x, y, range: range, frame: frame))
    }
    let names: [BinaryOperator: String] = [
      .add: "add", .subtract: "subtract", .multiply: "multiply", .divide: "divide",
      .power: "power",
    ]
    let relations: [BinaryOperator: String] = [
      .equal: "equal", .notEqual: "not_equal", .less: "less", .lessOrEqual: "less_equal",
      .greater: "greater", .greaterOrEqual: "greater_equal",
    ]
    let ranges = [left.range, right.range]
    if let name = names[symbol] {
      return apply(name, [a, b], ranges, range: range, frame: &frame)
    }
    if let relation = relations[symbol] {
      return apply(
        "compare", [a, b], ranges, attributes: ["relation": .string(relation)], range: range,
        frame: &frame)
    }
    if symbol == .and || symbol == .or {
      let kind = symbol == .and ? "and" : "or"
      return apply(
        "logical", [a, b], ranges, attributes: ["kind": .string(kind)], range: range, frame: &frame)
    }
    return wrongOperands(symbol.rawValue, ["tensor", "tensor"], range: range, frame: frame)
  }

  func overflowDiagnostic(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      id: "number-overflow", severity: .error,
      message: "`\(text(range))` does not fit a 64-bit number", range: range)
  }

  private mutating func overflow(_ range: SourceRange, frame: Frame) -> Term {
    report(overflowDiagnostic(range), definition: frame.definition)
    return .invalid
  }

  private mutating func wrongOperands(
    _ symbol: String, _ kinds: [String], range: SourceRange, frame: Frame
  ) -> Term {
    report(
      Diagnostic(
        id: "wrong-operands", severity: .error,
        message: "`\(symbol)` does not apply to \(kinds.joined(separator: " and "))", range: range),
      definition: frame.definition)
    return .invalid
  }

  /// An operator on two static values.
  mutating func arithmetic(
    _ symbol: BinaryOperator, _ x: StaticValue, _ y: StaticValue, range: SourceRange, frame: Frame
  ) -> StaticValue {
    switch symbol {
    case .equal, .notEqual:
      if let a = x.asDimension, let b = y.asDimension, a.constant == nil || b.constant == nil {
        return comparison(symbol, a, b, range: range, frame: frame)
      }
      return .boolean(x.isSame(as: y) == (symbol == .equal))
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if let a = x.asDimension, let b = y.asDimension {
        return comparison(symbol, a, b, range: range, frame: frame)
      }
      guard let a = x.asDouble, let b = y.asDouble else { break }
      switch symbol {
      case .less: return .boolean(a < b)
      case .lessOrEqual: return .boolean(a <= b)
      case .greater: return .boolean(a > b)
      default: return .boolean(a >= b)
      }
    case .and, .or:
      guard case .boolean(let a) = x, case .boolean(let b) = y else { break }
      return .boolean(symbol == .and ? a && b : a || b)
    default:
      if case .integer(let a, let f) = x, case .integer(let b, let g) = y {
        return integers(symbol, (a, f), (b, g), range: range, frame: frame)
      }
      if let a = x.asDimension, let b = y.asDimension {
        return dimensions(symbol, a, b, range: range, frame: frame)
      }
      if case .string(let a) = x, case .string(let b) = y, symbol == .add {
        return joined(a, b, range: range, frame: frame)
      }
      guard let a = x.asDouble, let b = y.asDouble else { break }
      return reals(symbol, a, b, range: range, frame: frame)
    }
    _ = wrongOperands(symbol.rawValue, [x.kindName, y.kindName], range: range, frame: frame)
    return .invalid
  }

  private mutating func joined(
    _ a: String, _ b: String, range: SourceRange, frame: Frame
  ) -> StaticValue {
    if a.utf8.count + b.utf8.count <= Elaborator.largestStatic { return .string(a + b) }
    report(
      Diagnostic(
        id: "value-too-large", severity: .error,
        message: "a string has more than \(Elaborator.largestStatic) bytes", range: range),
      definition: frame.definition)
    return .invalid
  }

  private mutating func comparison(
    _ symbol: BinaryOperator, _ a: Dimension, _ b: Dimension, range: SourceRange, frame: Frame
  ) -> StaticValue {
    switch prover.prove(constraint(symbol, a, b)) {
    case .proved: return .boolean(true)
    case .refuted(let witness) where witness.values.isEmpty: return .boolean(false)
    case .refuted, .unknown:
      // Both outcomes are possible, unless the opposite can be proved.
      if case .proved = prover.prove(constraint(symbol.opposite, a, b)) { return .boolean(false) }
      report(
        Diagnostic(
          id: "condition-not-static", severity: .error,
          message: "`\(text(range))` holds for some sizes and not for others", range: range,
          facts: [.line("compared: \(a) and \(b)")]), definition: frame.definition)
      return .invalid
    }
  }

  /// A comparison as the prover takes it.
  func constraint(_ symbol: BinaryOperator, _ a: Dimension, _ b: Dimension) -> Constraint {
    switch symbol {
    case .less: .atLeast(b, a + 1)
    case .lessOrEqual: .atLeast(b, a)
    case .greater: .atLeast(a, b + 1)
    case .greaterOrEqual: .atLeast(a, b)
    case .notEqual: .notEqual(a, b)
    default: .equal(a, b)
    }
  }

  private mutating func integers(
    _ symbol: BinaryOperator, _ x: (Int, Dimension), _ y: (Int, Dimension), range: SourceRange,
    frame: Frame
  ) -> StaticValue {
    let (a, f) = x
    let (b, g) = y
    var result: (partialValue: Int, overflow: Bool)
    var formula: Dimension
    switch symbol {
    case .add: (result, formula) = (a.addingReportingOverflow(b), f + g)
    case .subtract: (result, formula) = (a.subtractingReportingOverflow(b), f - g)
    case .multiply: (result, formula) = (a.multipliedReportingOverflow(by: b), f * g)
    case .divide, .floorDivide, .modulo:
      guard b != 0 else {
        report(
          Diagnostic(
            id: "division-by-zero", severity: .error,
            message: "`\(text(range))` divides by zero", range: range), definition: frame.definition
        )
        return .invalid
      }
      if a == .min, b == -1 {
        report(overflowDiagnostic(range), definition: frame.definition)
        return .invalid
      }
      // Rounded down; neither step can leave the range, the two values above being excluded.
      let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
      let isAbove = remainder != 0 && (remainder < 0) != (b < 0)
      switch symbol {
      case .modulo: return .integer(isAbove ? remainder + b : remainder, formula: f.modulo(g))
      case .divide where remainder != 0: return .float(Double(a) / Double(b))
      default:
        return .integer(isAbove ? quotient - 1 : quotient, formula: f.floorDivided(by: g))
      }
    case .power:
      guard b >= 0 else { return .float(power(Double(a), Double(b))) }
      result = (1, false)
      // Beyond 64 factors only 0, 1 and -1 do not overflow, and these alternate at most.
      let factors = b < 64 ? b : 64 + b % 2
      for _ in 0..<factors where !result.overflow {
        result = result.partialValue.multipliedReportingOverflow(by: a)
      }
      formula = f.raised(to: b)
    default: return .invalid
    }
    if result.overflow {
      report(overflowDiagnostic(range), definition: frame.definition)
      return .invalid
    }
    return .integer(result.partialValue, formula: formula)
  }

  private mutating func dimensions(
    _ symbol: BinaryOperator, _ a: Dimension, _ b: Dimension, range: SourceRange, frame: Frame
  ) -> StaticValue {
    switch symbol {
    case .add: return .dimension(a + b)
    case .subtract: return .dimension(a - b)
    case .multiply: return .dimension(a * b)
    case .floorDivide, .modulo:
      let verdict = b == 0 ? nil : prover.prove(.notEqual(b, 0))
      guard case .some(.proved) = verdict else {
        report(
          Diagnostic(
            id: "division-by-zero", severity: .error,
            message: b == 0
              ? "`\(text(range))` divides by zero"
              : "`\(text(range))` divides by \(b), which may be zero", range: range,
            facts: verdict.map { facts(of: $0) } ?? []), definition: frame.definition)
        return .invalid
      }
      return .dimension(symbol == .modulo ? a.modulo(b) : a.floorDivided(by: b))
    case .divide:
      let claim = Constraint.divisible(a, by: b)
      let verdict = prover.prove(claim)
      guard case .proved = verdict else {
        report(
          Diagnostic(
            id: "not-divisible", severity: .error,
            message: "`\(text(range))` is not always a whole number", range: range,
            facts: [.line("needs: \(claim)")] + facts(of: verdict, claim: claim)
              + [.line("`div` divides and rounds down")], notes: boundNotes(claim),
            fixes: boundFixes(claim)), definition: frame.definition, claim: claim,
          cause: claim.symbols.isEmpty ? "\(claim)" : nil)
        return .invalid
      }
      return .dimension(a.floorDivided(by: b))
    default:
      _ = wrongOperands(symbol.rawValue, ["Dim", "Dim"], range: range, frame: frame)
      return .invalid
    }
  }

  private mutating func reals(
    _ symbol: BinaryOperator, _ a: Double, _ b: Double, range: SourceRange, frame: Frame
  ) -> StaticValue {
    switch symbol {
    case .add: return .float(a + b)
    case .subtract: return .float(a - b)
    case .multiply: return .float(a * b)
    case .divide: return .float(a / b)
    case .floorDivide: return .float((a / b).rounded(.down))
    case .modulo: return .float(a - b * (a / b).rounded(.down))
    case .power: return .float(power(a, b))
    default: return .invalid
    }
  }

  /// A remainder as a condition is probably meant to be 0.
  private func remainderFix(_ expression: Expression) -> [FixIt] {
    guard case .binary(.modulo, _, _) = expression.kind else { return [] }
    let end = SourceRange(source: expression.range.source, at: expression.range.upper)
    return [
      FixIt(
        message: "require that nothing is left over (changes the model)",
        edits: [Edit(range: end, replacement: " == 0")], effect: .model)
    ]
  }

  /// The verdict on a condition; `nil` after a reported mistake.
  mutating func decide(_ expression: Expression, frame: inout Frame) -> Verdict? {
    if case .parenthesized(let inner) = expression.kind { return decide(inner, frame: &frame) }
    if case .binary(let symbol, let left, let right) = expression.kind, symbol.isComparison {
      let a = evaluateStatic(left, frame: &frame)
      let b = evaluateStatic(right, frame: &frame)
      if a == .invalid || b == .invalid { return nil }
      if let x = a.asDimension, let y = b.asDimension, x.constant == nil || y.constant == nil {
        return prover.prove(constraint(symbol, x, y))
      }
      guard
        case .boolean(let holds) = arithmetic(symbol, a, b, range: expression.range, frame: frame)
      else { return nil }
      return holds ? .proved : .refuted(Witness(values: [:]))
    }
    let value = evaluateStatic(expression, frame: &frame)
    switch value {
    case .boolean(let holds): return holds ? .proved : .refuted(Witness(values: [:]))
    case .invalid: return nil
    default:
      report(
        Diagnostic(
          id: "not-a-condition", severity: .error,
          message: "a condition is true or false, found \(value.kindName) \(value.text)",
          range: expression.range, fixes: remainderFix(expression)), definition: frame.definition)
      return nil
    }
  }
}

extension BinaryOperator {
  /// Whether the operator compares.
  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  /// The comparison that holds exactly when this one does not.
  package var opposite: BinaryOperator {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    default: self
    }
  }
}
