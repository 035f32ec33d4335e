// Layouts of expressions, types, calls, patterns and paths.
// Parentheses that the tree needs but does not hold are added, for trees that nobody wrote as text.
import Diagnostics

extension Formatter {
  /// How tightly an expression holds together; an operand below the needed level gets parentheses.
  private static func level(_ expression: Expression) -> Int {
    switch expression.kind {
    case .binary(let sign, _, _): level(sign)
    case .unary, .repetition: 6
    case .of: 0
    case .name, .call, .member, .index, .parenthesized: 9
    default: 8
    }
  }

  private static func level(_ sign: BinaryOperator) -> Int {
    switch sign {
    case .or: 1
    case .and: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
    case .add, .subtract: 4
    case .multiply, .divide, .floorDivide, .modulo: 5
    case .power: 7
    }
  }

  mutating func operand(_ expression: Expression, atLeast level: Int) -> Layout {
    let inner = layout(of: expression)
    guard Self.level(expression) < level else { return inner }
    return .sequence([.text("("), inner, .text(")")])
  }

  mutating func layout(of expression: Expression) -> Layout {
    let range = expression.range
    switch expression.kind {
    case .integer(_, let text), .float(_, let text): return .text(text)
    case .string(let value): return .text(Self.quoted(value))
    case .boolean(let value): return .text(value ? "true" : "false")
    case .infinity: return .text("inf")
    case .none: return .text("none")
    case .name(let name): return .text(name)
    case .ellipsis: return .text("...")
    case .list(let elements): return list("[", "]", elements, range)
    case .tuple(let elements): return list("(", ")", elements, range)
    case .parenthesized(let inner): return list("(", ")", [inner], range)
    case .unary(let sign, let value):
      return .sequence([.text(sign.rawValue), operand(value, atLeast: 6)])
    case .binary(let sign, _, _): return binary(expression, sign)
    case .call(let node): return call(node, range)
    case .member(let base, let name):
      return .sequence([operand(base, atLeast: 8), .text("." + name.text)])
    case .index(let base, let index):
      let base = operand(base, atLeast: 9)
      return .sequence([base, .text("["), layout(of: index), .text("]")])
    case .every(let base): return .sequence([operand(base, atLeast: 9), .text("[*]")])
    case .conditional(let condition, let then, let otherwise):
      return conditional(condition, then, otherwise, range)
    case .match(let subject, let cases): return match(subject, cases, range)
    case .repetition(let count, let index, let shared, let body):
      return repetition(count, index, shared, body)
    case .of(let value, let owner):
      return .sequence([layout(of: value), .text(" of "), layout(of: owner)])
    case .type(let node): return layout(of: node)
    case .invalid: return .text("")
    }
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  mutating func list(
    _ open: String, _ close: String, _ elements: [Expression], _ range: SourceRange
  ) -> Layout {
    let pieces = elements.map { element in
      Piece(element.range, separator: ",") { $0.layout(of: element) }
    }
    return delimited(open, close, at: (range.lower, range.upper - 1), pieces)
  }

  /// A chain of operators of one level, broken behind the operators.
  private mutating func binary(_ expression: Expression, _ sign: BinaryOperator) -> Layout {
    let level = Self.level(sign)
    if sign == .power, case .binary(_, let base, let exponent) = expression.kind {
      let base = operand(base, atLeast: 8)
      return .sequence([base, .text(" ** "), operand(exponent, atLeast: 6)])
    }
    var links: [(BinaryOperator, Expression)] = []
    var first = expression
    // A comparison does not chain, so its left operand is never one.
    while case .binary(let sign, let left, let right) = first.kind, Self.level(sign) == level,
      links.isEmpty || level != 3
    {
      links.append((sign, right))
      first = left
    }
    let head = operand(first, atLeast: level == 3 ? 4 : level)
    var tail: [Layout] = []
    for (sign, right) in links.reversed() {
      tail += [.text(" " + sign.rawValue), .line(flat: " "), operand(right, atLeast: level + 1)]
    }
    return .group(.sequence([head, .nest(2, .sequence(tail))]))
  }

  private mutating func repetition(
    _ count: Expression, _ index: Name?, _ shared: Bool, _ body: Expression
  ) -> Layout {
    let count = layout(of: count)
    let index = index.map { " as \($0.text)" } ?? ""
    return .sequence([
      .text(shared ? "repeat shared " : "repeat "), count, .text(index + " "),
      operand(body, atLeast: 6),
    ])
  }

  // MARK: Calls

  /// A call; `padding` sets its pattern off so that adjacent patterns align.
  mutating func call(_ node: CallSyntax, _ range: SourceRange, padding: Int = 0) -> Layout {
    let callee = operand(node.callee, atLeast: 9)
    let pieces = argumentPieces(node.arguments, node.pattern, node.bindings)
    let open = position(of: .leftParenthesis, from: node.callee.range.upper)
    let list = delimited("(", ")", at: (open, range.upper - 1), pieces, padding: padding)
    return .sequence([callee, list])
  }

  func argumentPieces(
    _ arguments: [Argument], _ pattern: PatternSyntax?, _ bindings: [SizeBinding]
  ) -> [Piece] {
    var pieces = arguments.map { argument in
      let range = argument.label?.range.union(argument.value.range) ?? argument.value.range
      return Piece(range, separator: ",") { $0.layout(of: argument) }
    }
    if let pattern {
      let operands = (arguments.lastIndex { $0.label == nil } ?? -1) + 1
      if operands > 0 { pieces[operands - 1].separator = "" }
      let piece = Piece(pattern.range, separator: ",", isPattern: true) { _ in
        .text(": " + Self.text(of: pattern))
      }
      pieces.insert(piece, at: operands)
    }
    pieces += bindings.map { binding in
      Piece(binding.range, separator: ",") { $0.layout(of: binding) }
    }
    return pieces
  }

  mutating func layout(of argument: Argument) -> Layout {
    guard let label = argument.label else { return layout(of: argument.value) }
    return .sequence([.text(label.text + ": "), layout(of: argument.value)])
  }

  mutating func layout(of binding: SizeBinding) -> Layout {
    .sequence([.text(binding.name.text + " = "), layout(of: binding.value)])
  }

  // MARK: Patterns, types and paths

  static func text(of pattern: PatternSyntax) -> String {
    let inputs = pattern.inputs.map { text(of: $0.axes) }.joined(separator: ", ")
    guard let output = pattern.output else { return inputs }
    return output.axes.isEmpty ? inputs + " ->" : inputs + " -> " + text(of: output.axes)
  }

  private static func text(of axes: [AxisSyntax]) -> String {
    axes.map { axis in
      switch axis.kind {
      case .name(let name): name
      case .number(let size): String(size)
      case .group(let axes): "(" + text(of: axes) + ")"
      case .bracket(let axes): "[" + text(of: axes) + "]"
      case .ellipsis: "..."
      }
    }.joined(separator: " ")
  }

  mutating func layout(of type: TypeSyntax) -> Layout {
    let element = type.element?.text ?? ""
    let lower = type.element?.range.upper ?? type.range.lower
    let range = SourceRange(source: type.range.source, lower: lower, upper: type.range.upper)
    let dimensions = list("[", "]", type.dimensions, range)
    // A signature breaks between its types; one broken inside a type is hard to read.
    guard let flat = dimensions.flatText else { return .sequence([.text(element), dimensions]) }
    return .text(element + flat)
  }

  mutating func layout(of path: Path) -> Layout {
    var parts: [Layout] = []
    for (index, component) in path.components.enumerated() {
      parts.append(.text((index > 0 ? "." : "") + component.name.text))
      switch component.index {
      case nil: break
      case .all?: parts.append(.text("[*]"))
      case .one(let value)?: parts += [.text("["), layout(of: value), .text("]")]
      case .range(let lower, let upper, let closed)?:
        parts += [.text("["), layout(of: lower), .text(closed ? "..." : "..<")]
        parts += [layout(of: upper), .text("]")]
      }
    }
    return .sequence(parts)
  }

  mutating func layout(of selection: Selection) -> Layout {
    guard selection.all else {
      return commaList(
        selection.paths.map { path in
          Piece(path.range, separator: ",") { $0.layout(of: path) }
        })
    }
    guard !selection.exceptions.isEmpty else { return .text("all") }
    let paths = selection.exceptions.map { path in
      Piece(path.range, separator: ",") { $0.layout(of: path) }
    }
    return .sequence([.text("all except "), commaList(paths)])
  }

  /// Items between commas without delimiters; a broken one goes on below, indented.
  mutating func commaList(_ pieces: [Piece], hanging: Int = 2) -> Layout {
    guard let first = pieces.first else { return .empty }
    hoistComments(before: first.range.lower)
    let placed = placedComments
    let rows = rows(
      pieces, open: first.range.lower, close: first.range.lower, isInline: true,
      keepsBlanks: false)
    guard rows.count > 1 else { return .sequence(rows) }
    let gap = placedComments > placed ? Layout.hardLine : .line(flat: " ")
    return .group(.nest(hanging, .joined(rows, by: gap)))
  }
}
