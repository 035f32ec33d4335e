// Elaborator+Formulas: expressions over `step`, as PyTorch's LambdaLR takes a function.
// Apart from static expressions, which have one value where a formula has one for each step.
import Diagnostics
import Schedules

extension Elaborator {
  /// Reads arithmetic over `step`; every other name must be a number known by now.
  mutating func formula(_ expression: Expression, frame: inout Frame) -> RateFormula? {
    switch expression.kind {
    case .name("step"), .name("epoch"): return .step
    case .integer(.some(let value), _): return .number(Double(value))
    case .float(let value, _): return .number(value)
    case .parenthesized(let inner): return formula(inner, frame: &frame)
    case .unary(let sign, let operand):
      guard let inner = formula(operand, frame: &frame) else { return nil }
      return sign == .negate ? .negated(inner) : .not(inner)
    case .binary(let sign, let left, let right):
      guard let first = formula(left, frame: &frame), let second = formula(right, frame: &frame),
        let operation = RateFormula.Operator(rawValue: sign.rawValue)
      else { return nil }
      return .binary(operation, first, second)
    case .conditional(let condition, let then, let otherwise):
      guard let choice = formula(condition, frame: &frame),
        let first = branch(then, expression, frame: &frame),
        let second = branch(otherwise, expression, frame: &frame)
      else { return nil }
      return .conditional(choice, then: first, otherwise: second)
    case .call(let call):
      return self.call(call, expression, frame: &frame)
    default:
      let value = evaluateStatic(expression, frame: &frame)
      if let number = value.asDouble { return .number(number) }
      if value != .invalid { reportFormula(expression) }
      return nil
    }
  }

  private mutating func branch(
    _ block: CodeBlock, _ whole: Expression, frame: inout Frame
  ) -> RateFormula? {
    guard block.statements.isEmpty, let result = block.result else {
      reportFormula(whole)
      return nil
    }
    return formula(result, frame: &frame)
  }

  private mutating func call(
    _ call: CallSyntax, _ expression: Expression, frame: inout Frame
  ) -> RateFormula? {
    guard case .name(let name) = call.callee.kind, call.pattern == nil else {
      reportFormula(expression)
      return nil
    }
    guard let arity = RateFormula.functions[name] else {
      reportUnknown(
        Name(name, call.callee.range), kind: "function of formulas",
        candidates: Array(RateFormula.functions.keys))
      return nil
    }
    guard arity.contains(call.arguments.count), call.arguments.allSatisfy({ $0.label == nil })
    else {
      reportFormula(expression)
      return nil
    }
    var arguments: [RateFormula] = []
    for argument in call.arguments {
      guard let inner = formula(argument.value, frame: &frame) else { return nil }
      arguments.append(inner)
    }
    return .call(name, arguments)
  }

  private mutating func reportFormula(_ expression: Expression) {
    report(
      Diagnostic(
        id: "schedule-argument", severity: .error,
        message: "a formula is arithmetic over `step`, found `\(text(expression.range))`",
        range: expression.range))
  }
}
