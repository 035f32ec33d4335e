// `dim` lines and tensor types.
// The only places where ranges and `...` stand for sizes.
import Diagnostics

extension Parser {
  /// `B >= 1`, `T in 1...context`, `H % 8 == 0`, or a name alone.
  mutating func parseDimensionBound() -> DimensionBound? {
    let start = current.lower
    guard let name = parseName("the name of a dimension") else { return nil }
    let condition = parseBoundCondition(name)
    return DimensionBound(name: name, condition: condition, range: range(from: start))
  }

  private mutating func parseBoundCondition(_ name: Name) -> DimensionBound.Condition {
    if takeWord("in") != nil {
      let lower = parseExpression("the smallest size", above: .comparison)
      guard kind == .ellipsis || kind == .halfOpenRange else {
        unexpected("`...` or `..<` and the largest size of `\(name.text)`")
        return .none
      }
      let closed = advance().kind == .ellipsis
      permitOperand()
      let upper = parseExpression("the largest size", above: .comparison)
      return .within(lower: lower, upper: upper, closed: closed)
    }
    if take(.percent) != nil {
      let divisor = parseOperand("what divides `\(name.text)`")
      guard kind == .equalEqual || kind == .equals else {
        unexpected("`== 0` after `\(name.text) % …`")
        return .none
      }
      takeComparison()
      guard kind == .integer, text(current) == "0" else {
        unexpected("`0` (a `dim` says what divides a size, not what remains)")
        return .none
      }
      advance()
      return .divisible(by: divisor)
    }
    guard let comparison = takeComparison() else { return .none }
    return .comparison(comparison, parseExpression("a size", above: .comparison))
  }

  /// Takes a comparison; a single `=` is reported and taken for `==`.
  @discardableResult mutating func takeComparison() -> BinaryOperator? {
    if kind == .equals {
      mentionSingleEquals()
      advance()
      permitOperand()
      return .equal
    }
    guard let (infix, level) = infixOperator, level == .comparison else { return nil }
    advance()
    permitOperand()
    return infix
  }

  mutating func mentionSingleEquals() {
    mention(
      "single-equals", "expected `==` to compare, found `=`, which names a value",
      range(current), fixes: [replacing(range(current), with: "==")])
  }

  /// `i32[B, S]` or `[..., width]`.
  mutating func parseType(_ expectation: @autoclosure () -> String) -> TypeSyntax? {
    let start = current.lower
    var element: Name?
    if kind == .identifier, peek(1) == .leftBracket {
      let token = advance()
      element = Name(text(token), range(token))
    }
    guard kind == .leftBracket else {
      if kind == .identifier {
        let isScalar = Self.elementTypes.contains(text(current))
        unexpected(
          "\(expectation()) in brackets",
          fixes: isScalar ? [inserting("[]", at: current.upper)] : [])
      } else {
        unexpected("\(expectation()) in brackets")
      }
      return nil
    }
    let dimensions = parseDimensionList()
    return TypeSyntax(element: element, dimensions: dimensions, range: range(from: start))
  }

  /// `[a, ..., b]`, the cursor being on the bracket; sets ``height``.
  mutating func parseDimensionList(_ what: String = "the dimensions") -> [Expression] {
    var dimensions: [Expression] = []
    var tallest = 0
    delimited(.rightBracket, what) { parser in
      if let ellipsis = parser.take(.ellipsis) {
        dimensions.append(Expression(.ellipsis, parser.range(ellipsis)))
      } else {
        dimensions.append(parser.parseExpression("a size"))
        tallest = max(tallest, parser.height)
      }
    }
    height = tallest
    return dimensions
  }

  static let elementTypes: Set<String> = [
    "f64", "f32", "f16", "bf16", "f8", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool",
  ]
}
