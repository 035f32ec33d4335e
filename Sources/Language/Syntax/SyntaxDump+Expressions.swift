// Expressions, statements and patterns as S-expressions.
// Apart from declarations only for length.

extension SyntaxDump {
  /// One expression.
  package static func text(of expression: Expression) -> String {
    switch expression.kind {
    case .integer(_, let text), .float(_, let text): text
    case .string(let value): quoted(value)
    case .boolean(let value): value ? "true" : "false"
    case .infinity: "inf"
    case .none: "none"
    case .name(let name): name
    case .ellipsis: "..."
    case .list(let elements): form("list", elements.map(text))
    case .tuple(let elements): form("tuple", elements.map(text))
    case .parenthesized(let inner): form("group", [text(of: inner)])
    case .unary(let sign, let operand): form(sign.rawValue, [text(of: operand)])
    case .binary(let sign, let left, let right):
      form(sign.rawValue, [text(of: left), text(of: right)])
    case .call(let node): call(node)
    case .member(let base, let name): form(".", [text(of: base), name.text])
    case .every(let base): form("every", [text(of: base)])
    case .index(let base, let index): form("index", [text(of: base), text(of: index)])
    case .conditional(let condition, let then, let otherwise):
      form("if", [text(of: condition), code(then), code(otherwise)])
    case .match(let subject, let cases):
      form("match", [text(of: subject)] + cases.map(matchCase))
    case .repetition(let count, let index, let shared, let body):
      form(
        "repeat",
        [
          shared ? "shared" : "", text(of: count), optional("as", index?.text), text(of: body),
        ])
    case .of(let value, let owner): form("of", [text(of: value), path(owner)])
    case .type(let node): type(node)
    case .invalid: "(invalid)"
    }
  }

  static func call(_ node: CallSyntax) -> String {
    form(
      "call",
      [text(of: node.callee)] + node.arguments.map(argument) + [
        node.pattern.map(pattern) ?? "", bindings(node.bindings),
      ])
  }

  static func argument(_ argument: Argument) -> String {
    argument.label.map { form("label", [$0.text, text(of: argument.value)]) }
      ?? text(of: argument.value)
  }

  static func bindings(_ bindings: [SizeBinding]) -> String {
    guard !bindings.isEmpty else { return "" }
    return form("sizes", bindings.map { form($0.name.text, [text(of: $0.value)]) })
  }

  private static func matchCase(_ node: MatchCase) -> String {
    form("case", [form("patterns", node.patterns.map(text)), code(node.body)])
  }

  static func pattern(_ node: PatternSyntax) -> String {
    form(
      "pattern",
      node.inputs.map { form("in", $0.axes.map(axis)) }
        + [node.output.map { form("out", $0.axes.map(axis)) } ?? ""])
  }

  private static func axis(_ node: AxisSyntax) -> String {
    switch node.kind {
    case .name(let name): name
    case .number(let size): String(size)
    case .group(let axes): form("group", axes.map(axis))
    case .bracket(let axes): form("bracket", axes.map(axis))
    case .ellipsis: "..."
    }
  }

  static func path(_ node: Path) -> String {
    form("path", node.components.map { form($0.name.text, [$0.index.map(index) ?? ""]) })
  }

  private static func index(_ index: Path.Component.Index) -> String {
    switch index {
    case .one(let value): text(of: value)
    case .all: "*"
    case .range(let lower, let upper, let closed):
      form(closed ? "..." : "..<", [text(of: lower), text(of: upper)])
    }
  }

  static func type(_ node: TypeSyntax) -> String {
    form("type", [node.element?.text ?? "_"] + node.dimensions.map(text))
  }

  static func code(_ block: CodeBlock) -> String {
    form("code", block.statements.map(statement) + [optional("value", block.result.map(text))])
  }

  private static func statement(_ statement: Statement) -> String {
    switch statement {
    case .binding(let targets, let value, _):
      form(
        "bind",
        [form("targets", targets.map(target)), text(of: value)])
    case .returning(let values, _): form("return", values.map(text))
    case .conditional(let condition, let then, let otherwise, _):
      form("if", [text(of: condition), code(then), otherwise.map(code) ?? ""])
    }
  }

  private static func target(_ target: BindingTarget) -> String {
    form("target", [target.name.text, target.type.map(type) ?? ""])
  }
}
