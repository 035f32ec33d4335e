// Forward: the computation of a block in Swift: typed inputs, named tensors, results.
// Apart from the other members because it has a body of its own.
import Diagnostics
import Language

/// A tensor input or result: `Tensor("x", "B", "T", "width")`, `Tensor("ids", of: "i32", "B", "T")`.
public struct Tensor: Sendable {
  let name: String?
  let type: TypeSyntax

  /// A named tensor.
  public init(_ name: String, of element: String? = nil, _ shape: Term...) {
    self.name = name
    type = TypeSyntax(shape, element: element)
  }

  /// A tensor without a name, for results.
  public static func shaped(_ shape: Term...) -> Tensor {
    Tensor(name: nil, type: TypeSyntax(shape, element: nil))
  }

  private init(name: String?, type: TypeSyntax) {
    self.name = name
    self.type = type
  }

  var item: SignatureItem {
    SignatureItem(name: name.map { Name($0, .nowhere) }, type: type, range: .nowhere)
  }
}

/// A line of a forward's body.
public struct Step: Sendable {
  let statement: Statement

  /// `name = value`.
  public static func set(_ names: String..., to value: Term) -> Step {
    let targets = names.map { BindingTarget(name: Name($0, .nowhere), type: nil) }
    return Step(
      statement: .binding(targets: targets, value: value.expression, range: .nowhere))
  }

  /// `return value`.
  public static func give(_ values: Term...) -> Step {
    Step(statement: .returning(values.map(\.expression), range: .nowhere))
  }
}

/// Collects the lines of a body.
@resultBuilder
public enum StepBuilder {
  /// One line after the other.
  public static func buildBlock(_ steps: Step...) -> [Step] { steps }
}

/// `forward(inputs) -> results { steps }`.
public struct Forward: MemberSyntax {
  let inputs: [Tensor]
  let results: [Tensor]
  let steps: [Step]

  /// A computation.
  public init(
    _ inputs: Tensor..., gives results: Tensor..., @StepBuilder steps: () -> [Step]
  ) {
    self.inputs = inputs
    self.results = results
    self.steps = steps()
  }

  /// The computation as a member.
  public var members: [SyntaxMember] {
    let body = CodeBlock(statements: steps.map(\.statement), result: nil, range: .nowhere)
    let forward = ForwardMember(
      inputs: inputs.map(\.item), results: results.map(\.item), body: body,
      signatureRange: .nowhere, range: .nowhere)
    return [SyntaxMember(member: .forward(forward))]
  }
}
