// Expressions: precedence climbing for infix operators, then prefix, postfix and primary forms.
// `height` is kept beside the tree, because a chain of operators is deep without recursion.
import Diagnostics

extension Parser {
  /// How tightly an infix operator binds; `**` is handled with the operands.
  enum Level: Int, Comparable {
    case lowest, or, and, comparison, sum, product

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    var next: Level { Level(rawValue: rawValue + 1) ?? .product }
  }

  /// The infix operator at the cursor.
  var infixOperator: (BinaryOperator, Level)? {
    switch kind {
    case .barBar: (.or, .or)
    case .andAnd: (.and, .and)
    case .equalEqual: (.equal, .comparison)
    case .notEqual: (.notEqual, .comparison)
    case .less: (.less, .comparison)
    case .lessOrEqual: (.lessOrEqual, .comparison)
    case .greater: (.greater, .comparison)
    case .greaterOrEqual: (.greaterOrEqual, .comparison)
    case .plus: (.add, .sum)
    case .minus: (.subtract, .sum)
    case .star: (.multiply, .product)
    case .slash: (.divide, .product)
    case .percent: (.modulo, .product)
    case .identifier where text(current) == "div": (.floorDivide, .product)
    default: nil
    }
  }

  /// An expression whose operators bind more tightly than `level`.
  mutating func parseExpression(
    _ expectation: @autoclosure () -> String, above level: Level = .lowest
  ) -> Expression {
    if level == .product { return parseOperand(expectation()) }
    var left = parseOperand(expectation())
    while !panicking, let (infix, found) = infixOperator, found > level {
      let start = left.range.lower
      var tallest = height
      let sign = advance()
      permitOperand()
      let right = parseExpression("a value after `\(infix.rawValue)`", above: found)
      tallest = max(tallest, height) + 1
      guard tallest <= Self.maximumDepth else {
        reportDepth()
        return Expression(.invalid, range(from: start))
      }
      left = Expression(.binary(infix, left, right), range(from: start))
      height = tallest
      if found == .comparison { rejectChain(after: left, sign) }
    }
    return left
  }

  /// `1 <= rank < 5` would compare a truth value with a number.
  private mutating func rejectChain(after comparison: Expression, _ sign: Token) {
    guard let (infix, level) = infixOperator, level == .comparison,
      case .binary(_, _, let middle) = comparison.kind
    else { return }
    let shared = file.text(in: middle.range.lower..<middle.range.upper)
    mention(
      "chained-comparison",
      "expected one comparison, found `\(infix.rawValue)` after another",
      range(current),
      fixes: shared.count > 60 ? [] : [inserting(" && \(shared)", at: middle.range.upper)])
  }

  /// A condition, in which a single `=` is reported and taken for `==`.
  mutating func parseCondition(_ expectation: @autoclosure () -> String) -> Expression {
    let left = parseExpression(expectation())
    guard !panicking, kind == .equals else { return left }
    let tallest = height
    mentionSingleEquals()
    advance()
    permitOperand()
    let right = parseExpression("a value after `==`", above: .comparison)
    height = max(tallest, height) + 1
    return Expression(.binary(.equal, left, right), range(from: left.range.lower))
  }

  /// A prefix operator and its operand, or a power: everything but infix operators.
  mutating func parseOperand(_ expectation: @autoclosure () -> String) -> Expression {
    guard enter() else { return invalid }
    defer { leave() }
    if kind == .minus || kind == .exclamation {
      let sign = advance()
      permitOperand()
      let isMinus = sign.kind == .minus
      let operand = parseOperand("a value after `\(isMinus ? "-" : "!")`")
      height += 1
      return Expression(.unary(isMinus ? .negate : .not, operand), range(from: sign.lower))
    }
    let base = parsePostfix(expectation())
    guard !panicking, take(.starStar) != nil else { return base }
    permitOperand()
    let tallest = height
    let exponent = parseOperand("a value after `**`")
    height = max(tallest, height) + 1
    return Expression(.binary(.power, base, exponent), range(from: base.range.lower))
  }

  private var invalid: Expression { Expression(.invalid, foundRange) }

  /// Calls, members and indices behind a primary expression.
  mutating func parsePostfix(_ expectation: @autoclosure () -> String) -> Expression {
    var base = parsePrimary(expectation())
    while !panicking {
      let start = base.range.lower
      var tallest = height
      switch kind {
      case .leftParenthesis where base.isCallable:
        let call = parseCall(of: base)
        base = Expression(.call(call), range(from: start))
      case .leftBracket where base.isCallable:
        base = parseIndex(of: base, start)
      case .dot:
        advance()
        height = 0
        guard let name = parseMemberName() else { return base }
        base = Expression(.member(base, name), range(from: start))
      default: return base
      }
      tallest = max(tallest, height) + 1
      height = tallest
      guard tallest <= Self.maximumDepth else {
        reportDepth()
        return invalid
      }
    }
    return base
  }

  private mutating func parseMemberName() -> Name? {
    guard kind == .identifier else {
      unexpected("a name after `.`")
      return nil
    }
    let token = advance()
    return Name(text(token), range(token))
  }

  /// `h[0]`, or a tensor type such as `i32[B, T]` among values.
  private mutating func parseIndex(of base: Expression, _ start: Int) -> Expression {
    let open = current
    if peek(1) == .star, peek(2) == .rightBracket {
      height = 0
      for _ in 0..<3 { advance() }
      return Expression(.every(base), range(from: start))
    }
    let dimensions = parseDimensionList("the index")
    guard !panicking else { return base }
    let isIndex = dimensions.count == 1 && dimensions.first?.kind != .ellipsis
    if case .name(let word) = base.kind, !isIndex || Self.elementTypes.contains(word) {
      let type = TypeSyntax(
        element: Name(word, base.range), dimensions: dimensions, range: range(from: start))
      return Expression(.type(type), range(from: start))
    }
    guard isIndex, let index = dimensions.first else {
      report(
        "one-index", "expected one index in brackets, found \(dimensions.count)",
        range(from: open.lower))
      return base
    }
    return Expression(.index(base, index), range(from: start))
  }

  private mutating func parsePrimary(_ expectation: @autoclosure () -> String) -> Expression {
    height = 1
    switch kind {
    case .identifier: return parseWord(expectation())
    case .integer:
      let token = advance()
      let text = text(token)
      let value = Int(text.filter { $0 != "_" })
      return Expression(.integer(value, text: text), range(token))
    case .float: return parseFloat()
    case .string:
      let token = advance()
      return Expression(.string(decodedString(token)), range(token))
    case .invalidNumber:
      return Expression(.invalid, range(advance()))
    case .leftParenthesis: return parseParentheses()
    case .leftBracket:
      let start = current.lower
      let elements = parseDimensionList("the elements")
      height += 1
      return Expression(.list(elements), range(from: start))
    default:
      unexpected(expectation(), id: "missing-expression")
      return invalid
    }
  }

  private mutating func parseFloat() -> Expression {
    let token = advance()
    let text = text(token)
    guard let value = Double(text.filter { $0 != "_" }), value.isFinite else {
      mention(
        "invalid-number", "expected a number of at most 1.8e308, found `\(shown(token))`",
        range(token))
      return Expression(.invalid, range(token))
    }
    return Expression(.float(value, text: text), range(token))
  }

  /// A name, or one of the words that start an expression.
  private mutating func parseWord(_ expectation: @autoclosure () -> String) -> Expression {
    let word = text(current)
    switch word {
    case "true": return Expression(.boolean(true), range(advance()))
    case "false": return Expression(.boolean(false), range(advance()))
    case "inf": return Expression(.infinity, range(advance()))
    case "none": return Expression(.none, range(advance()))
    case "if": return parseConditionalExpression()
    case "match": return parseMatch()
    case "repeat": return parseRepetition()
    case "else", "return", "div":
      unexpected(expectation(), id: "missing-expression")
      return invalid
    default: return Expression(.name(word), range(advance()))
    }
  }

  /// `(a)` or `(a, b)`.
  private mutating func parseParentheses() -> Expression {
    let start = current.lower
    var elements: [Expression] = []
    var tallest = 0
    delimited(.rightParenthesis, "the value") { parser in
      elements.append(parser.parseExpression("a value"))
      tallest = max(tallest, parser.height)
    }
    height = tallest + 1
    guard let first = elements.first else {
      report(
        "missing-expression", "expected a value between `(` and `)`", range(from: start))
      return invalid
    }
    let kind: Expression.Kind = elements.count == 1 ? .parenthesized(first) : .tuple(elements)
    return Expression(kind, range(from: start))
  }
}

extension Expression {
  /// Whether parentheses or brackets behind it belong to it.
  fileprivate var isCallable: Bool {
    switch kind {
    case .name, .call, .member, .index, .every, .parenthesized: true
    default: false
    }
  }
}
