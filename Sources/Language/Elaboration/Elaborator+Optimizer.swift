// Elaborator+Optimizer: the `optimizer` line of a `train` section: AdamW, Adam or SGD with their numbers.
// Apart from the other lines, because each optimiser takes arguments of its own.
import Diagnostics
import IR

/// An optimiser of the language, with what it may be told.
private enum OptimizerForm: String, CaseIterable {
  case adamw, adam, sgd

  var arguments: [String] {
    switch self {
    case .adamw, .adam: ["rate", "betas", "epsilon", "decay"]
    case .sgd: ["rate", "momentum", "nesterov", "dampening", "decay"]
    }
  }

  /// PyTorch's.
  var usualDecay: Double { self == .adamw ? 0.01 : 0 }
}

extension Elaborator {
  mutating func optimizer(_ expression: Expression, frame: inout Frame) -> OptimizerPlan? {
    guard case .call(let call) = expression.kind else { return nil }
    let name = text(call.callee.range)
    guard let form = OptimizerForm(rawValue: name) else {
      reportUnknown(
        Name(name, call.callee.range), kind: "optimiser",
        candidates: OptimizerForm.allCases.map(\.rawValue))
      return nil
    }
    var plan = OptimizerPlan(
      name: name, rate: 1e-3, betas: [0.9, 0.999], epsilon: 1e-8, decay: form.usualDecay,
      range: expression.range)
    for argument in call.arguments {
      guard let label = argument.label else { continue }
      guard form.arguments.contains(label.text) else {
        reportUnknown(label, kind: "argument of `\(name)`", candidates: form.arguments)
        continue
      }
      switch label.text {
      case "betas": plan.betas = betas(argument.value, frame: &frame)
      case "rate":
        // Without the rate, nothing can be said of a schedule.
        guard let rate = number(argument.value, frame: &frame) else { return nil }
        plan.rate = rate
      case "epsilon": plan.epsilon = number(argument.value, frame: &frame) ?? plan.epsilon
      case "decay": plan.decay = number(argument.value, frame: &frame) ?? plan.decay
      case "momentum": plan.momentum = number(argument.value, frame: &frame) ?? plan.momentum
      case "dampening": plan.dampening = number(argument.value, frame: &frame) ?? plan.dampening
      default: plan.nesterov = truth(argument.value, frame: &frame) ?? plan.nesterov
      }
    }
    return plan
  }

  private mutating func betas(_ expression: Expression, frame: inout Frame) -> [Double] {
    var found: [Double] = []
    if case .list(let values) = evaluateStatic(expression, frame: &frame) {
      found = values.compactMap(\.asDouble)
    }
    guard found.count == 2, found.allSatisfy({ 0..<1 ~= $0 }) else {
      report(
        Diagnostic(
          id: "plan-out-of-range", severity: .error,
          message: "betas are two numbers in 0 ..< 1, found \(text(expression.range))",
          range: expression.range))
      return [0.9, 0.999]
    }
    return found
  }

  private mutating func truth(_ expression: Expression, frame: inout Frame) -> Bool? {
    let value = evaluateStatic(expression, frame: &frame)
    if case .boolean(let truth) = value { return truth }
    if value != .invalid {
      report(
        Diagnostic(
          id: "wrong-argument-type", severity: .error,
          message: "`true` or `false` is needed, found \(value.kindName) \(value.text)",
          range: expression.range))
    }
    return nil
  }
}
