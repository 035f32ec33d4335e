// LaterRows: what a value is known to hold at the rows after the one that reads it.
// A step may read room that nobody has written yet only where nothing of it is left in the result.
import IR
import Kernels
import Operations

/// The elements of a value in columns that come after their row.
enum LaterRows: Hashable, Sendable {
  case unknown
  case number(Double)
  case truth(Bool)
  /// `row · rows + column · columns + constant`: a position, and what is made of it.
  case position(row: Double, column: Double, constant: Double)

  /// So low that its exponential is zero beside that of any score.
  static var low: Double { -1e8 }

  /// Whether nothing of these rows is left in a sum, or in a maximum.
  func vanishes(in neutral: Neutral) -> Bool {
    switch (self, neutral) {
    case (.number(0), .zero): true
    case (.number(let value), .lowest): value <= LaterRows.low
    default: false
    }
  }

  private var line: (row: Double, column: Double, constant: Double)? {
    switch self {
    case .number(let value): (0, 0, value)
    case .position(let row, let column, let constant): (row, column, constant)
    default: nil
    }
  }

  private static func of(_ row: Double, _ column: Double, _ constant: Double) -> LaterRows {
    row == 0 && column == 0
      ? .number(constant) : .position(row: row, column: column, constant: constant)
  }
}

extension LaterRows {
  /// The result of an operation on values of which this is known.
  static func result(of operation: any Operation, _ operands: [LaterRows]) -> LaterRows {
    switch operation {
    case let fill as Fill:
      return fill.element.kind == .mask ? .truth(fill.value != 0) : .number(fill.value)
    case is Rearrange, is Broadcast, is BroadcastTo, is Slice, is Unstack:
      return operands.first ?? .unknown
    case is Stack, is Concatenate:
      guard let first = operands.first else { return .unknown }
      return operands.allSatisfy { $0 == first } ? first : .unknown
    case let compare as Compare: return compared(operands[0], operands[1], compare.relation)
    case is Where: return chosen(operands)
    case let logical as Logical: return joined(operands, logical.kind)
    case is Not: if case .truth(let value) = operands[0] { return .truth(!value) }
    case let cast as Cast: return converted(operands[0], to: cast.target.kind)
    case is Add: return sum(operands[0], operands[1], sign: 1)
    case is Subtract: return sum(operands[0], operands[1], sign: -1)
    case is Multiply: return product(operands[0], operands[1])
    case is Divide: return quotient(operands[0], operands[1])
    case is Negate: return product(operands[0], .number(-1))
    case is Softmax:
      return operands[0].vanishes(in: .lowest) ? .number(0) : .unknown
    case is LogSoftmax:
      return operands[0].vanishes(in: .lowest) ? .number(-.infinity) : .unknown
    case is Exp:
      if case .number(let value) = operands[0] {
        return .number(value <= low ? 0 : Double.exponential(value))
      }
    default: break
    }
    return .unknown
  }

  private static func converted(_ value: LaterRows, to kind: ElementKind) -> LaterRows {
    switch (value, kind) {
    case (.truth, .mask): value
    case (.truth(let truth), _): .number(truth ? 1 : 0)
    case (.number(let number), .mask): .truth(number != 0)
    case (.number(let number), .index): number.rounded(.towardZero) == number ? value : .unknown
    case (.position, .real): value
    case (.position(let row, let column, let constant), .index):
      [row, column, constant].allSatisfy { $0.rounded(.towardZero) == $0 } ? value : .unknown
    case (.number, .real): value
    default: .unknown
    }
  }

  /// A relation that is the same for every column after the row.
  private static func compared(
    _ a: LaterRows, _ b: LaterRows, _ relation: Relation
  ) -> LaterRows {
    guard let left = a.line, let right = b.line else { return .unknown }
    // With column = row + 1 + k the difference is (row + column) · row + column · k + the rest.
    let slope = left.row - right.row + left.column - right.column
    let ahead = left.column - right.column
    let start = ahead + left.constant - right.constant
    let isUp = slope >= 0 && ahead >= 0
    let isDown = slope <= 0 && ahead <= 0
    let isPositive = isUp && start > 0
    let isNegative = isDown && start < 0
    let isNotNegative = isUp && start >= 0
    let isNotPositive = isDown && start <= 0
    switch relation {
    case .less: return decided(isNegative, not: isNotNegative)
    case .lessOrEqual: return decided(isNotPositive, not: isPositive)
    case .greater: return decided(isPositive, not: isNotPositive)
    case .greaterOrEqual: return decided(isNotNegative, not: isNegative)
    case .equal: return decided(isNotPositive && isNotNegative, not: isPositive || isNegative)
    case .notEqual: return decided(isPositive || isNegative, not: isNotPositive && isNotNegative)
    }
  }

  private static func decided(_ holds: Bool, not fails: Bool) -> LaterRows {
    holds ? .truth(true) : fails ? .truth(false) : .unknown
  }

  private static func chosen(_ operands: [LaterRows]) -> LaterRows {
    switch operands[0] {
    case .truth(true): operands[1]
    case .truth(false): operands[2]
    default: operands[1] == operands[2] ? operands[1] : .unknown
    }
  }

  private static func joined(_ operands: [LaterRows], _ connective: Connective) -> LaterRows {
    let decisive = LaterRows.truth(connective == .or)
    if operands.contains(decisive) { return decisive }
    return operands.allSatisfy { $0 == .truth(connective == .and) }
      ? .truth(connective == .and) : .unknown
  }

  private static func sum(_ a: LaterRows, _ b: LaterRows, sign: Double) -> LaterRows {
    if let left = a.line, let right = b.line {
      return of(
        left.row + sign * right.row, left.column + sign * right.column,
        left.constant + sign * right.constant)
    }
    // What is added to a number this low leaves it low: scores are nowhere near it.
    if case .number(let value) = a, value <= low { return a }
    if case .number(let value) = b, sign * value <= low { return .number(sign * value) }
    return .unknown
  }

  private static func product(_ a: LaterRows, _ b: LaterRows) -> LaterRows {
    if a == .number(0) || b == .number(0) { return .number(0) }
    guard let left = a.line, let right = b.line else { return .unknown }
    if case .number(let factor) = b {
      return of(left.row * factor, left.column * factor, left.constant * factor)
    }
    if case .number(let factor) = a {
      return of(right.row * factor, right.column * factor, right.constant * factor)
    }
    return .unknown
  }

  private static func quotient(_ a: LaterRows, _ b: LaterRows) -> LaterRows {
    if a == .number(0) { return a }
    if case .number(let number) = a, case .number(let divisor) = b, divisor != 0 {
      return .number(number / divisor)
    }
    return .unknown
  }
}
