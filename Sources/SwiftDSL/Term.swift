// Term: an expression of the model language, built in Swift.
// Operators and calls make syntax, not numbers: a term means what the same text means.
import Diagnostics
import Language

/// An expression: a name, a number, or what operators and calls make of them.
///
/// ```swift
/// let width: Term = "width", x: Term = "x", ffn: Term = "ffn"
/// let sum = x + ffn(x)          // x + ffn(x)
/// let rows = 4 * width          // 4 * width
/// ```
@dynamicMemberLookup
public struct Term: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  let expression: Expression

  init(_ kind: Expression.Kind) {
    expression = Expression(kind, .nowhere)
  }

  /// A name.
  public init(stringLiteral name: String) {
    self.init(.name(name))
  }

  /// A whole number.
  public init(integerLiteral value: Int) {
    self.init(.integer(value, text: "\(value)"))
  }

  /// A real number.
  public init(floatLiteral value: Double) {
    self.init(.float(value, text: "\(value)"))
  }

  /// `true` or `false`.
  public init(booleanLiteral value: Bool) {
    self.init(.boolean(value))
  }

  /// A list.
  public init(arrayLiteral elements: Term...) {
    self.init(.list(elements.map(\.expression)))
  }

  /// A word in quotes.
  public static func text(_ value: String) -> Term {
    Term(.string(value))
  }

  /// A weight, a layer or a static name of a layer: `embed.weight`.
  public subscript(dynamicMember name: String) -> Term {
    Term(.member(expression, Name(name, .nowhere)))
  }

  /// An element of a list: `h[0]`.
  public subscript(index: Term) -> Term {
    Term(.index(expression, index.expression))
  }

  /// Applies a layer, makes a layer of a block, or applies an operation.
  public func callAsFunction(_ arguments: Input...) -> Term {
    Term(
      .call(
        CallSyntax(
          callee: expression, arguments: arguments.map(\.argument), pattern: nil, bindings: [])))
  }

  /// Applies an operation with a pattern: `rearrange(x, as: "b t (h d) -> b h t d", ["h": heads])`.
  public func callAsFunction(
    _ operands: Term..., as pattern: AxisPattern, _ sizes: KeyValuePairs<String, Term> = [:]
  ) -> Term {
    Term(
      .call(
        CallSyntax(
          callee: expression,
          arguments: operands.map { Argument(label: nil, value: $0.expression) },
          pattern: pattern.syntax,
          bindings: sizes.map { name, size in
            SizeBinding(
              name: Name(name, .nowhere), value: size.expression, range: .nowhere)
          })))
  }

  /// Alike layers in a row: `repeat count body`.
  public static func repeated(_ count: Term, _ body: Term, shared: Bool = false) -> Term {
    Term(
      .repetition(
        count: count.expression, index: nil, shared: shared, body: body.expression))
  }
}

/// An argument of a call, perhaps with a label: `.labelled("causal", true)`.
public struct Input: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral
{
  let argument: Argument

  /// An argument by position.
  public init(_ term: Term) {
    argument = Argument(label: nil, value: term.expression)
  }

  /// A name.
  public init(stringLiteral name: String) {
    self.init(Term(stringLiteral: name))
  }

  /// A whole number.
  public init(integerLiteral value: Int) {
    self.init(Term(integerLiteral: value))
  }

  /// A real number.
  public init(floatLiteral value: Double) {
    self.init(Term(floatLiteral: value))
  }

  private init(argument: Argument) {
    self.argument = argument
  }

  /// An argument by name.
  public static func labelled(_ label: String, _ term: Term) -> Input {
    Input(argument: Argument(label: Name(label, .nowhere), value: term.expression))
  }
}

extension SourceRange {
  /// Syntax built in Swift stands nowhere; it gets its ranges when its text is parsed.
  static var nowhere: SourceRange { SourceRange(source: SourceID(index: 0), at: 0) }
}

extension Term {
  private static func binary(_ symbol: BinaryOperator, _ left: Term, _ right: Term) -> Term {
    func operand(_ term: Term, bindingMoreThan limit: Int) -> Expression {
      if case .binary(let inner, _, _) = term.expression.kind, strength(inner) <= limit {
        return Expression(.parenthesized(term.expression), .nowhere)
      }
      return term.expression
    }
    let own = strength(symbol)
    return Term(
      .binary(
        symbol, operand(left, bindingMoreThan: own - 1), operand(right, bindingMoreThan: own)))
  }

  /// How tightly an operator binds in the language.
  private static func strength(_ symbol: BinaryOperator) -> Int {
    switch symbol {
    case .multiply, .divide, .modulo: 3
    case .add, .subtract: 2
    default: 1
    }
  }

  /// `left + right`.
  public static func + (left: Term, right: Term) -> Term { binary(.add, left, right) }
  /// `left - right`.
  public static func - (left: Term, right: Term) -> Term { binary(.subtract, left, right) }
  /// `left * right`.
  public static func * (left: Term, right: Term) -> Term { binary(.multiply, left, right) }
  /// `left / right`.
  public static func / (left: Term, right: Term) -> Term { binary(.divide, left, right) }
  /// `left % right`.
  public static func % (left: Term, right: Term) -> Term { binary(.modulo, left, right) }
  /// `left == right`, as an expression.
  public static func == (left: Term, right: Term) -> Term { binary(.equal, left, right) }
  /// `left >= right`, as an expression.
  public static func >= (left: Term, right: Term) -> Term { binary(.greaterOrEqual, left, right) }
  /// `left <= right`, as an expression.
  public static func <= (left: Term, right: Term) -> Term { binary(.lessOrEqual, left, right) }
}
