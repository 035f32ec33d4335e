// Expressions and patterns of the model language.
// One expression type serves static values, dimensions and tensors: the elaborator tells them apart.
import Diagnostics

/// An infix operator.
package enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  /// Integer division, rounding down; a word, because `//` starts a comment.
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

/// A prefix operator.
package enum UnaryOperator: String, Hashable, Sendable {
  case negate = "-"
  case not = "!"
}

/// An expression and its range.
package struct Expression: Hashable, Sendable {
  /// What the expression is.
  package indirect enum Kind: Hashable, Sendable {
    /// A whole number; `nil` when it does not fit 64 bits.
    case integer(Int?, text: String)
    case float(Double, text: String)
    case string(String)
    case boolean(Bool)
    /// `inf`
    case infinity
    /// `none`
    case none
    case name(String)
    /// `...` among dimensions.
    case ellipsis
    /// `[a, b]`
    case list([Expression])
    /// `(0.9, 0.999)`: two or more elements.
    case tuple([Expression])
    /// `(a)`, kept so that printing returns what was written.
    case parenthesized(Expression)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case call(CallSyntax)
    /// `embed.weight`
    case member(Expression, Name)
    /// `h[0]`
    case index(Expression, Expression)
    /// `experts[*]`: every layer of a list, and what follows is read from each.
    case every(Expression)
    /// `if c { a } else { b }` as a value.
    case conditional(condition: Expression, then: CodeBlock, otherwise: CodeBlock)
    /// `match kind { "a" | "b" => x, else => y }` as a value.
    case match(subject: Expression, cases: [MatchCase])
    /// `repeat [shared] count [as index] body`
    case repetition(count: Expression, index: Name?, shared: Bool, body: Expression)
    /// `queries of encoder[0].attend`, in expectations.
    case of(Expression, Path)
    /// A tensor type used as a value: `targets: i32[B, T]` in a loss.
    case type(TypeSyntax)
    /// Where the parser gave up; it has already reported why.
    case invalid
  }

  package var kind: Kind
  package var range: SourceRange

  package init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }
}

/// One arm of a `match`; no patterns means `else`.
package struct MatchCase: Hashable, Sendable {
  package var patterns: [Expression]
  package var body: CodeBlock
  package var range: SourceRange

  package init(patterns: [Expression], body: CodeBlock, range: SourceRange) {
    self.patterns = patterns
    self.body = body
    self.range = range
  }
}

/// `callee(arguments : pattern, name = size)`.
package struct CallSyntax: Hashable, Sendable {
  package var callee: Expression
  /// Positional and labelled (`rate: 2e-4`) arguments, in order.
  package var arguments: [Argument]
  package var pattern: PatternSyntax?
  /// `h = heads` after a pattern, or `B = 1` in an expectation.
  package var bindings: [SizeBinding]

  package init(
    callee: Expression, arguments: [Argument], pattern: PatternSyntax?, bindings: [SizeBinding]
  ) {
    self.callee = callee
    self.arguments = arguments
    self.pattern = pattern
    self.bindings = bindings
  }
}

/// An argument of a call.
package struct Argument: Hashable, Sendable {
  package var label: Name?
  package var value: Expression

  package init(label: Name?, value: Expression) {
    self.label = label
    self.value = value
  }
}

/// `h = heads`: fixes the size of an axis or of a dimension.
package struct SizeBinding: Hashable, Sendable {
  package var name: Name
  package var value: Expression
  package var range: SourceRange

  package init(name: Name, value: Expression, range: SourceRange) {
    self.name = name
    self.value = value
    self.range = range
  }
}

/// `b t (3 h d) -> 3 b h t d`; without an arrow there is no output.
package struct PatternSyntax: Hashable, Sendable {
  package var inputs: [AxisListSyntax]
  package var output: AxisListSyntax?
  package var range: SourceRange

  package init(inputs: [AxisListSyntax], output: AxisListSyntax?, range: SourceRange) {
    self.inputs = inputs
    self.output = output
    self.range = range
  }
}

/// The axes of one operand, between commas.
package struct AxisListSyntax: Hashable, Sendable {
  package var axes: [AxisSyntax]
  package var range: SourceRange

  package init(axes: [AxisSyntax], range: SourceRange) {
    self.axes = axes
    self.range = range
  }
}

/// One item of a pattern.
package struct AxisSyntax: Hashable, Sendable {
  /// What the item is.
  package indirect enum Kind: Hashable, Sendable {
    case name(String)
    case number(Int)
    /// `(h d)`
    case group([AxisSyntax])
    /// `[s]`: the axes that are reduced or normalised.
    case bracket([AxisSyntax])
    case ellipsis
  }

  package var kind: Kind
  package var range: SourceRange

  package init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }
}

/// A path to a layer, a tensor or several: `decoder[0].cross`, `h[*].attn.c_attn`, `*.ln_*.weight`.
package struct Path: Hashable, Sendable {
  /// One step; `*` in the name stands for any characters.
  package struct Component: Hashable, Sendable {
    /// `[0]`, `[*]`, `[0..<6]`.
    package enum Index: Hashable, Sendable {
      case one(Expression)
      case all
      case range(lower: Expression, upper: Expression, closed: Bool)
    }

    package var name: Name
    package var index: Index?

    package init(name: Name, index: Index?) {
      self.name = name
      self.index = index
    }
  }

  package var components: [Component]
  package var range: SourceRange

  package init(components: [Component], range: SourceRange) {
    self.components = components
    self.range = range
  }
}
