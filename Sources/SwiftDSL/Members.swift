// Members: what stands inside a block or a model: let, param, require, dim, forward, expect.
// Each type is one line of the language, so that the two forms can be read side by side.
import Diagnostics
import Language

/// Something that may stand inside a ``Block`` or a ``Model``.
public protocol MemberSyntax: Sendable {
  /// The line as members of the syntax tree.
  var members: [SyntaxMember] { get }
}

/// A member of the syntax tree, opaque outside the package.
public struct SyntaxMember: Sendable {
  let member: Member
}

/// Collects members.
@resultBuilder
public enum MemberBuilder {
  /// One member after the other.
  public static func buildBlock(_ parts: [any MemberSyntax]...) -> [any MemberSyntax] {
    parts.flatMap { $0 }
  }
  /// One member.
  public static func buildExpression(_ part: any MemberSyntax) -> [any MemberSyntax] { [part] }
  /// Members of a Swift `if`.
  public static func buildOptional(_ parts: [any MemberSyntax]?) -> [any MemberSyntax] {
    parts ?? []
  }
  /// The first branch of a Swift `if`.
  public static func buildEither(first parts: [any MemberSyntax]) -> [any MemberSyntax] { parts }
  /// The second branch of a Swift `if`.
  public static func buildEither(second parts: [any MemberSyntax]) -> [any MemberSyntax] { parts }
  /// Members of a Swift `for`.
  public static func buildArray(_ parts: [[any MemberSyntax]]) -> [any MemberSyntax] {
    parts.flatMap { $0 }
  }
}

/// `let name = value`.
public struct Let: MemberSyntax {
  let name: String
  let value: Term

  /// Names a static value, a layer or a list of layers.
  public init(_ name: String, _ value: Term) {
    self.name = name
    self.value = value
  }

  /// The line as a member.
  public var members: [SyntaxMember] {
    [
      SyntaxMember(
        member: .binding(
          LetBinding(name: Name(name, .nowhere), value: value.expression, range: .nowhere)))
    ]
  }
}

/// `param name: [dims] = initialiser`.
public struct Param: MemberSyntax {
  let name: String
  let shape: [Term]
  let initialiser: Term?

  /// Makes a weight.
  public init(_ name: String, _ shape: [Term], _ initialiser: Term? = nil) {
    self.name = name
    self.shape = shape
    self.initialiser = initialiser
  }

  /// The line as a member.
  public var members: [SyntaxMember] {
    [
      SyntaxMember(
        member: .parameter(
          ParameterMember(
            name: Name(name, .nowhere), type: TypeSyntax(shape, element: nil),
            initialiser: initialiser?.expression, range: .nowhere)))
    ]
  }
}

/// `require condition`.
public struct Require: MemberSyntax {
  let condition: Term

  /// Demands a condition, such as `width % heads == 0`.
  public init(_ condition: Term) {
    self.condition = condition
  }

  /// The line as a member.
  public var members: [SyntaxMember] {
    [SyntaxMember(member: .require(condition.expression, range: .nowhere))]
  }
}

/// `config name = value, …`.
public struct Config: MemberSyntax {
  let fields: KeyValuePairs<String, Term>

  /// Declares config fields with their defaults.
  public init(_ fields: KeyValuePairs<String, Term>) {
    self.fields = fields
  }

  /// The line as a member.
  public var members: [SyntaxMember] {
    let fields = fields.map { name, value in
      ConfigField(
        name: Name(name, .nowhere), type: nil, value: value.expression, keys: [], range: .nowhere)
    }
    return [SyntaxMember(member: .config(fields, range: .nowhere))]
  }
}

/// `dim name >= lower` or `dim name in lower...upper`.
public struct Dim: MemberSyntax {
  let name: String
  let condition: DimensionBound.Condition

  /// A dimension of at least a size.
  public init(_ name: String, atLeast lower: Term = 1) {
    self.name = name
    condition = .comparison(.greaterOrEqual, lower.expression)
  }

  /// A dimension between two sizes, both included.
  public init(_ name: String, from lower: Term = 1, through upper: Term) {
    self.name = name
    condition = .within(lower: lower.expression, upper: upper.expression, closed: true)
  }

  /// The line as a member.
  public var members: [SyntaxMember] {
    [
      SyntaxMember(
        member: .dim(
          [DimensionBound(name: Name(name, .nowhere), condition: condition, range: .nowhere)],
          range: .nowhere))
    ]
  }
}

/// `expect parameters == count`, also of a path.
public struct ExpectParameters: MemberSyntax {
  let count: Int
  let path: Term?

  /// Claims a number of parameters.
  public init(of path: Term? = nil, _ count: Int) {
    self.count = count
    self.path = path
  }

  /// The line as a member.
  public var members: [SyntaxMember] {
    let arguments = path.map { [Argument(label: nil, value: $0.expression)] }
    let claim = Expectation(
      words: [Name("parameters", .nowhere)], arguments: arguments, bindings: [],
      subjectPath: nil, comparison: .equal, value: Term(integerLiteral: count).expression,
      unit: nil, subjectRange: .nowhere, range: .nowhere)
    return [SyntaxMember(member: .expect(claim))]
  }
}

extension TypeSyntax {
  /// A type in which `"..."` stands for any leading dimensions.
  init(_ shape: [Term], element: String?) {
    let dimensions = shape.map { term in
      if case .name("...") = term.expression.kind { return Expression(.ellipsis, .nowhere) }
      return term.expression
    }
    self.init(
      element: element.map { Name($0, .nowhere) }, dimensions: dimensions, range: .nowhere)
  }
}
