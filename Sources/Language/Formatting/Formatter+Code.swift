// Layouts of statements and of the branches that may be values: if, match and their braces.
// A branch goes on one line only when it is a single value and was not broken before.
import Diagnostics

extension Formatter {
  private typealias Offsets = (open: Int, close: Int)

  private func offsets(of block: CodeBlock) -> (open: Int, close: Int) {
    (block.range.lower, block.range.upper - 1)
  }

  func pieces(of block: CodeBlock) -> [Piece] {
    let columns = columns(of: block.statements)
    var pieces = zip(block.statements, columns).map { statement, columns in
      Piece(statement.range) { $0.layout(of: statement, columns) }
    }
    if let result = block.result {
      pieces.append(Piece(result.range) { $0.layout(of: result) })
    }
    return pieces
  }

  mutating func braces(_ block: CodeBlock) -> Layout {
    braces(at: offsets(of: block), pieces(of: block))
  }

  mutating func layout(of statement: Statement, _ columns: Columns) -> Layout {
    switch statement {
    case .binding(let targets, let value, _):
      let names = Layout.joined(targets.map { layout(of: $0) }, by: .text(", "))
      let width = names.flatText?.unicodeScalars.count ?? 0
      let gap = String(repeating: " ", count: max(0, columns.name - width))
      return .sequence([names, .text(gap + " = "), layout(of: value, columns)])
    case .returning(let values, _):
      let pieces = values.map { value in
        Piece(value.range, separator: ",") { $0.layout(of: value) }
      }
      return .sequence([.text("return "), commaList(pieces)])
    case .conditional(let condition, let then, let otherwise, _):
      var parts: [Layout] = [.text("if "), layout(of: condition)]
      hoistComments(before: then.range.lower)
      parts += [.text(" "), braces(then)]
      if let otherwise { parts += [.text(" else "), elseBranch(otherwise)] }
      return .sequence(parts)
    }
  }

  /// The value of a binding; the pattern of a direct call is aligned with its neighbours'.
  private mutating func layout(of value: Expression, _ columns: Columns) -> Layout {
    guard case .call(let node) = value.kind, columns.pattern > 0,
      let width = operandsWidth(of: value)
    else { return layout(of: value) }
    return call(node, value.range, padding: max(0, columns.pattern - width))
  }

  private mutating func layout(of target: BindingTarget) -> Layout {
    guard let type = target.type else { return .text(target.name.text) }
    return .sequence([.text(target.name.text + ": "), layout(of: type)])
  }

  private mutating func elseBranch(_ block: CodeBlock) -> Layout {
    guard block.result == nil, block.statements.count == 1, let statement = block.statements.first,
      case .conditional = statement
    else { return braces(block) }
    return layout(of: statement, Columns())
  }

  // MARK: Values

  mutating func conditional(
    _ condition: Expression, _ then: CodeBlock, _ otherwise: CodeBlock, _ range: SourceRange
  ) -> Layout {
    var head: [Layout] = [.text("if "), layout(of: condition), .text(" ")]
    hoistComments(before: then.range.lower)
    let isBroken =
      hasComment(before: range.upper)
      || hasLineBreak(from: then.range.lower, to: then.result?.range.lower ?? then.range.lower)
    head.append(valueBraces(then, isBroken: isBroken))
    head.append(.text(" else "))
    if otherwise.statements.isEmpty, let nested = otherwise.result,
      case .conditional(let condition, let then, let last) = nested.kind
    {
      head.append(conditional(condition, then, last, nested.range))
    } else {
      head.append(valueBraces(otherwise, isBroken: isBroken))
    }
    return .group(.sequence(head))
  }

  private mutating func valueBraces(_ block: CodeBlock, isBroken: Bool) -> Layout {
    guard !isBroken, block.statements.isEmpty, let value = block.result else {
      return braces(block)
    }
    return .sequence([
      .text("{"), .nest(2, .sequence([.line(flat: " "), layout(of: value)])), .line(flat: " "),
      .text("}"),
    ])
  }

  mutating func match(
    _ subject: Expression, _ cases: [MatchCase], _ range: SourceRange
  ) -> Layout {
    let subject = layout(of: subject)
    let open = position(of: .leftBrace, from: range.lower)
    hoistComments(before: open)
    let isBroken =
      hasComment(before: range.upper)
      || hasLineBreak(from: open, to: cases.first?.range.lower ?? open)
    let head = Layout.sequence([.text("match "), subject, .text(" ")])
    let pieces = cases.map { arm in Piece(arm.range) { $0.layout(of: arm) } }
    guard !isBroken, !pieces.isEmpty else {
      return .sequence([head, braces(at: (open, range.upper - 1), pieces)])
    }
    let rows = rows(pieces, open: open, close: open, keepsBlanks: false)
    // On lines of their own the cases need no commas.
    let arms = Layout.joined(rows, by: .line(flat: ", "))
    return .group(
      .sequence([
        head, .text("{"), .nest(2, .sequence([.line(flat: " "), arms])), .line(flat: " "),
        .text("}"),
      ]))
  }

  private mutating func layout(of arm: MatchCase) -> Layout {
    var patterns: [Layout] = []
    for pattern in arm.patterns { patterns.append(operand(pattern, atLeast: 6)) }
    let head = patterns.isEmpty ? .text("else") : Layout.joined(patterns, by: .text(" | "))
    hoistComments(before: arm.body.range.lower)
    if arm.body.statements.isEmpty, let value = arm.body.result {
      return .sequence([head, .text(" => "), layout(of: value)])
    }
    return .sequence([head, .text(" => "), braces(arm.body)])
  }
}

extension Statement {
  var range: SourceRange {
    switch self {
    case .binding(_, _, let range), .returning(_, let range), .conditional(_, _, _, let range):
      range
    }
  }
}
