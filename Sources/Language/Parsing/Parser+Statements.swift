// `forward`: its signature, its statements and the braces of branches.
// A branch may be a statement or a value; which one is known only at its end.
import Diagnostics

extension Parser {
  mutating func parseForward() -> Member? {
    let start = advance().lower
    var inputs: [SignatureItem] = []
    if kind == .leftParenthesis {
      delimited(.rightParenthesis, "the inputs") { parser in
        if let item = parser.parseSignatureItem("an input") { inputs.append(item) }
      }
    } else {
      unexpected("`(` and the inputs of `forward`")
    }
    var results: [SignatureItem] = []
    if !panicking, consume(.arrow, "`->` and the result of `forward`") {
      permitLineBreak()
      results = parseResults()
    }
    recoverToBody()
    let signature = range(from: start)
    let body = parseCodeBlock("`forward`", isValue: false)
    return .forward(
      ForwardMember(
        inputs: inputs, results: results, body: body, signatureRange: signature,
        range: range(from: start)))
  }

  private mutating func parseResults() -> [SignatureItem] {
    var results: [SignatureItem] = []
    if kind == .leftParenthesis {
      delimited(.rightParenthesis, "the results") { parser in
        if let item = parser.parseResult() { results.append(item) }
      }
    } else if let item = parseResult() {
      results.append(item)
      if kind == .comma { parseBareResults(into: &results) }
    }
    return results
  }

  /// Results after the first, where the parentheses around them were forgotten.
  private mutating func parseBareResults(into results: inout [SignatureItem]) {
    let comma = range(current)
    while !panicking, take(.comma) != nil {
      permitLineBreak()
      if let item = parseResult() { results.append(item) }
    }
    let first = SourceRange(source: source, at: results[0].range.lower)
    let last = SourceRange(source: source, at: previousEnd)
    mention(
      "unexpected-token", "expected parentheses around several results", comma,
      fixes: [
        .mending(
          "put them in parentheses",
          [Edit(range: first, replacement: "("), Edit(range: last, replacement: ")")])
      ])
  }

  private mutating func parseResult() -> SignatureItem? {
    if kind == .identifier, peek(1) == .colon { return parseSignatureItem("a result") }
    guard let type = parseType("the dimensions of the result") else { return nil }
    return SignatureItem(name: nil, type: type, range: type.range)
  }

  private mutating func parseSignatureItem(_ what: String) -> SignatureItem? {
    let start = current.lower
    guard let name = parseName("the name of \(what)"),
      consume(.colon, "`:` and the dimensions of `\(name.text)`, as in `\(name.text): [B, T]`"),
      let type = parseType("the dimensions of `\(name.text)`")
    else { return nil }
    return SignatureItem(name: name, type: type, range: range(from: start))
  }

  /// `{ statements }`, or `{ statements value }` where a value is wanted; sets ``height``.
  mutating func parseCodeBlock(_ owner: String, isValue: Bool) -> CodeBlock {
    var block = parseRawBlock(owner)
    if isValue {
      requireValue(of: block, owner)
    } else if let value = block.result {
      reportUnused(value, isLast: true)
      block.result = nil
    }
    return block
  }

  /// Braces whose last expression, if any, is their result.
  private mutating func parseRawBlock(_ owner: String) -> CodeBlock {
    recoverToBody()
    let start = current.lower
    var statements: [Statement] = []
    var result: Expression?
    var tallest = 0
    braced(owner) { parser in
      // Only the last expression is a result; one before it is a value that nobody uses.
      if let earlier = result { parser.reportUnused(earlier, isLast: false) }
      result = nil
      switch parser.parseItem() {
      case .statement(let statement)?: statements.append(statement)
      case .value(let value)?: result = value
      case nil: break
      }
      tallest = max(tallest, parser.height)
    }
    height = tallest
    return CodeBlock(statements: statements, result: result, range: range(from: start))
  }

  private enum Item {
    case statement(Statement)
    case value(Expression)
  }

  private mutating func parseItem() -> Item? {
    height = 0
    guard kind == .identifier else { return .value(parseExpression("a statement")) }
    switch text(current) {
    case "return": return .statement(parseReturn())
    case "if": return parseIf()
    case "let" where startsName(at: 1):
      mention(
        "unexpected-let", "expected a name: a tensor is bound without `let`", range(current),
        fixes: [.mending("remove `let`", [Edit(range: letAndSpace, replacement: "")])])
      advance()
    case let word where Self.memberWords.contains(word) && startsName(at: 1):
      report(
        "misplaced-member", "`\(word)` stands among the members, not inside `forward`",
        range(current))
      return nil
    default: break
    }
    switch peek(1) {
    case .equals, .colon, .comma: return parseBinding().map(Item.statement)
    default: break
    }
    return parseValueItem()
  }

  /// Whether a name stands further on, and not the operator that is a word.
  private func startsName(at distance: Int) -> Bool {
    peek(distance) == .identifier && !isWord("div", at: distance)
  }

  /// From `let` to the name behind it.
  private var letAndSpace: SourceRange {
    SourceRange(source: source, lower: current.lower, upper: token(1).lower)
  }

  private mutating func parseValueItem() -> Item {
    .value(parseExpression("a statement"))
  }

  private mutating func parseReturn() -> Statement {
    let start = advance().lower
    var tallest = 0
    let values = commaSeparated { parser -> Expression? in
      let value = parser.parseExpression("a value after `return`")
      tallest = max(tallest, parser.height)
      return value
    }
    height = tallest
    return .returning(values, range: range(from: start))
  }

  private mutating func parseBinding() -> Statement? {
    let start = current.lower
    let targets = commaSeparated { $0.parseBindingTarget() }
    let names = targets.map(\.name.text).joined(separator: ", ")
    guard !panicking, consumeEquals("`=` and a value for `\(names)`") else { return nil }
    let value = parseExpression("a value for `\(names)`")
    return .binding(targets: targets, value: value, range: range(from: start))
  }

  private mutating func parseBindingTarget() -> BindingTarget? {
    guard let name = parseName("a name to bind") else { return nil }
    guard take(.colon) != nil else { return BindingTarget(name: name, type: nil) }
    guard let type = parseType("the dimensions of `\(name.text)`") else { return nil }
    return BindingTarget(name: name, type: type)
  }

  private mutating func reportUnused(_ value: Expression, isLast: Bool) {
    guard value.kind != .invalid else { return }
    var fixes: [FixIt] = []
    if case .binary(.equal, let left, _) = value.kind, case .name = left.kind {
      let gap = SourceRange(
        source: source, lower: left.range.upper, upper: value.range.upper)
      if let sign = tokens.first(where: { $0.lower >= gap.lower && $0.kind == .equalEqual }) {
        fixes = [replacing(range(sign), with: "=")]
      }
    } else if isLast {
      fixes = [inserting("return ", at: value.range.lower)]
    }
    mention(
      "unused-value", "expected the value to be named or returned", value.range, fixes: fixes)
  }

  /// Reports a branch that was to be a value and has none.
  mutating func requireValue(of block: CodeBlock, _ owner: String) {
    guard block.result == nil, !panicking, !block.range.isEmpty else { return }
    let end = SourceRange(
      source: source, lower: max(block.range.lower, block.range.upper - 1),
      upper: block.range.upper)
    mention(
      "missing-expression", "expected \(owner) to end in a value, found `}`", end)
  }
}

// MARK: - Branches

extension Parser {
  /// An `if` among statements: a value when each branch ends in one, a statement otherwise.
  private mutating func parseIf() -> Item? {
    guard enter() else { return nil }
    defer { leave() }
    let start = advance().lower
    let condition = parseCondition("a condition after `if`")
    var tallest = height
    let then = parseRawBlock("`if`")
    tallest = max(tallest, height)
    var otherwise: CodeBlock?
    if !panicking, takeElse() {
      otherwise = parseElse()
      tallest = max(tallest, height)
    }
    height = tallest + 1
    return classifyIf(condition, then, otherwise, range(from: start))
  }

  private mutating func parseElse() -> CodeBlock {
    guard isReserved, text(current) == "if" else { return parseRawBlock("`else`") }
    let start = current.lower
    switch parseIf() {
    case .statement(let statement)?:
      return CodeBlock(statements: [statement], result: nil, range: range(from: start))
    case .value(let value)?:
      return CodeBlock(statements: [], result: value, range: range(from: start))
    case nil: return CodeBlock(statements: [], result: nil, range: range(from: start))
    }
  }

  private mutating func classifyIf(
    _ condition: Expression, _ then: CodeBlock, _ otherwise: CodeBlock?, _ range: SourceRange
  ) -> Item {
    if then.result != nil, let otherwise, otherwise.result != nil {
      return .value(
        Expression(
          .conditional(condition: condition, then: then, otherwise: otherwise), range))
    }
    for value in [then.result, otherwise?.result].compactMap({ $0 }) {
      reportUnused(value, isLast: false)
    }
    var (then, otherwise) = (then, otherwise)
    then.result = nil
    otherwise?.result = nil
    return .statement(
      .conditional(condition: condition, then: then, otherwise: otherwise, range: range))
  }

  /// An `if` where a value is wanted: both branches, each ending in a value.
  mutating func parseConditionalExpression() -> Expression {
    guard enter() else { return Expression(.invalid, range(current)) }
    defer { leave() }
    let start = advance().lower
    let condition = parseCondition("a condition after `if`")
    var tallest = height
    let then = parseCodeBlock("`if`", isValue: true)
    tallest = max(tallest, height)
    guard !panicking, takeElse() else {
      report(
        "missing-else", "expected `else`: an `if` used as a value needs both branches", foundRange)
      return Expression(.invalid, range(from: start))
    }
    let otherwise: CodeBlock
    if isReserved, text(current) == "if" {
      let nested = parseConditionalExpression()
      otherwise = CodeBlock(statements: [], result: nested, range: nested.range)
    } else {
      otherwise = parseCodeBlock("`else`", isValue: true)
    }
    height = max(tallest, height) + 1
    return Expression(
      .conditional(condition: condition, then: then, otherwise: otherwise), range(from: start))
  }
}
