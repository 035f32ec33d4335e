// StaticFunctions: sqrt, min, max and the like on static values.
// The same names on tensors are operations; the arguments decide which is meant.
import Dimensions
import IR

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The functions that static code may call.
package enum StaticFunctions {
  /// Names and numbers of arguments.
  package static let arities: [String: ClosedRange<Int>] = [
    "sqrt": 1...1, "exp": 1...1, "log": 1...1, "floor": 1...1, "ceil": 1...1, "round": 1...1,
    "abs": 1...1, "int": 1...1, "float": 1...1, "count": 1...1, "min": 2...16, "max": 2...16,
    "contains": 2...2,
  ]

  /// The value; `nil` when the arguments are of the wrong kind or have no result.
  package static func call(_ name: String, _ arguments: [StaticValue]) -> StaticValue? {
    switch name {
    case "min", "max": return extremum(arguments, least: name == "min")
    case "count":
      if case .list(let values) = arguments[0] { return .literal(values.count) }
      if case .layer(let layer) = arguments[0] {
        switch layer.form {
        case .list(let runs): return .literal(runs.last?.elements.upperBound ?? 0)
        case .shared(_, let times): return .literal(times)
        case .single: return nil
        }
      }
      return nil
    case "contains":
      guard case .list(let values) = arguments[0] else { return nil }
      return .boolean(values.contains { $0.isSame(as: arguments[1]) })
    case "floor", "ceil", "round", "int":
      if case .integer = arguments[0] { return arguments[0] }
      guard let value = arguments[0].asDouble else { return nil }
      let rule: FloatingPointRoundingRule =
        switch name {
        case "floor": .down
        case "ceil": .up
        case "int": .towardZero
        default: .toNearestOrEven
        }
      return Int(exactly: value.rounded(rule)).map { .literal($0) }
    case "abs":
      if case .integer(let value, let formula) = arguments[0], value != .min {
        return .integer(Swift.abs(value), formula: value < 0 ? Dimension(0) - formula : formula)
      }
      return arguments[0].asDouble.map { .float($0.magnitude) }
    default:
      guard let value = arguments[0].asDouble else { return nil }
      switch name {
      case "sqrt": return value < 0 ? nil : .float(value.squareRoot())
      case "exp": return .float(Self.exponential(value))
      case "log": return value <= 0 ? nil : .float(Self.logarithm(value))
      default: return .float(value)
      }
    }
  }

  private static func exponential(_ x: Double) -> Double { exp(x) }

  private static func logarithm(_ x: Double) -> Double { log(x) }

  private static func extremum(_ arguments: [StaticValue], least: Bool) -> StaticValue? {
    guard var best = arguments.first else { return nil }
    for other in arguments.dropFirst() {
      switch (best, other) {
      case (.integer(let a, let f), .integer(let b, let g)):
        let formula = least ? Dimension.minimum(f, g) : Dimension.maximum(f, g)
        best = .integer(least ? min(a, b) : max(a, b), formula: formula)
      default:
        if let a = best.asDimension, let b = other.asDimension {
          best = .dimension(least ? .minimum(a, b) : .maximum(a, b))
        } else if let a = best.asDouble, let b = other.asDouble {
          best = .float(least ? min(a, b) : max(a, b))
        } else {
          return nil
        }
      }
    }
    return best
  }
}

/// `base` to the power `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double {
  pow(base, exponent)
}
