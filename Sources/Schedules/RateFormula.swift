// RateFormula: arithmetic over the step, as a user's own schedule writes it.
// Apart from the language's expressions, which this room does not know.

/// A formula of the step.
package indirect enum RateFormula: Hashable, Sendable {
  /// An infix operator; comparisons are 1 or 0.
  package enum Operator: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "div"
    case modulo = "%"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
  }

  /// The functions that a formula may call, with how many arguments.
  package static var functions: [String: ClosedRange<Int>] {
    [
      "sqrt": 1...1, "exp": 1...1, "log": 1...1, "cos": 1...1, "floor": 1...1, "ceil": 1...1,
      "abs": 1...1, "min": 2...16, "max": 2...16,
    ]
  }

  case step
  case number(Double)
  case negated(RateFormula)
  case not(RateFormula)
  case binary(Operator, RateFormula, RateFormula)
  case call(String, [RateFormula])
  case conditional(RateFormula, then: RateFormula, otherwise: RateFormula)

  /// The value at a step; NaN where it has none.
  package func value(at step: Int) -> Double {
    switch self {
    case .step: return Double(step)
    case .number(let value): return value
    case .negated(let inner): return -inner.value(at: step)
    case .not(let inner): return inner.value(at: step) == 0 ? 1 : 0
    case .conditional(let condition, let then, let otherwise):
      return condition.value(at: step) != 0 ? then.value(at: step) : otherwise.value(at: step)
    case .binary(let sign, let left, let right):
      return Self.apply(sign, left.value(at: step), right.value(at: step))
    case .call(let name, let arguments):
      return Self.apply(name, arguments.map { $0.value(at: step) })
    }
  }

  private static func apply(_ sign: Operator, _ a: Double, _ b: Double) -> Double {
    switch sign {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .floorDivide: (a / b).rounded(.down)
    // As Python's: the result has the sign of the divisor.
    case .modulo: a - b * (a / b).rounded(.down)
    case .power: Mathematics.power(a, b)
    case .equal: a == b ? 1 : 0
    case .notEqual: a != b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .and: a != 0 && b != 0 ? 1 : 0
    case .or: a != 0 || b != 0 ? 1 : 0
    }
  }

  private static func apply(_ name: String, _ values: [Double]) -> Double {
    guard let first = values.first else { return .nan }
    switch name {
    case "sqrt": return first.squareRoot()
    case "exp": return Mathematics.exponential(first)
    case "log": return Mathematics.logarithm(first)
    case "cos": return Mathematics.cosine(first)
    case "floor": return first.rounded(.down)
    case "ceil": return first.rounded(.up)
    case "abs": return first.magnitude
    case "min": return values.min() ?? .nan
    case "max": return values.max() ?? .nan
    default: return .nan
    }
  }
}
