// Calls: arguments, labels, patterns and sizes; and the two values that hold others, match and
// repeat. A call is where the language is densest, so its rules stand together.
import Diagnostics

/// What stands between the parentheses of a call or of a claim.
struct ArgumentList {
  var arguments: [Argument] = []
  var pattern: PatternSyntax?
  var bindings: [SizeBinding] = []
}

extension Parser {
  /// `callee(…)`, the cursor being on the parenthesis; sets ``height``.
  mutating func parseCall(of callee: Expression) -> CallSyntax {
    let list = parseArguments()
    return CallSyntax(
      callee: callee, arguments: list.arguments, pattern: list.pattern, bindings: list.bindings)
  }

  /// The arguments with their parentheses; sets ``height``.
  mutating func parseArguments() -> ArgumentList {
    var list = ArgumentList()
    var tallest = 0
    delimited(.rightParenthesis, "the arguments") { parser in
      parser.height = 0
      parser.parseArgument(into: &list)
      tallest = max(tallest, parser.height)
    }
    height = tallest
    if list.pattern == nil, !inExpectation, !panicking { rejectSizes(in: list) }
    return list
  }

  /// `causal = true` where no pattern gives the name an axis: a label was meant.
  private mutating func rejectSizes(in list: ArgumentList) {
    for binding in list.bindings {
      let name = binding.name
      let gap = SourceRange(
        source: source, lower: name.range.upper, upper: binding.value.range.lower)
      mention(
        "label-needs-colon", "expected `\(name.text):` before an argument, found `=`", gap,
        fixes: [.mending("write `\(name.text):`", [Edit(range: gap, replacement: ": ")])])
    }
  }

  private mutating func parseArgument(into list: inout ArgumentList) {
    if kind == .identifier {
      if peek(1) == .colon, !token(1).spaceBefore { return parseLabelled(into: &list) }
      if peek(1) == .equals {
        if let binding = parseSizeBinding() { list.bindings.append(binding) }
        return
      }
    }
    if let pattern = list.pattern {
      guard pattern.output == nil else {
        return unexpected("`name = size` or a label after the pattern")
      }
      return parsePatternOperand(into: &list.pattern)
    }
    let value = parseArgumentValue("an argument")
    list.arguments.append(Argument(label: nil, value: value))
    if !panicking, take(.colon) != nil { parsePatternOperand(into: &list.pattern) }
  }

  /// `label: value`; what cannot be a value was meant as a pattern and lacks a space.
  private mutating func parseLabelled(into list: inout ArgumentList) {
    let labelToken = advance()
    let label = Name(text(labelToken), range(labelToken))
    let colon = advance()
    guard list.pattern == nil, looksLikePattern else {
      let value = parseArgumentValue("a value for `\(label.text)`")
      list.arguments.append(Argument(label: label, value: value))
      return
    }
    let place = SourceRange(source: source, at: colon.lower)
    mention(
      "pattern-needs-space",
      "expected a space before the `:` of a pattern, found a label `\(label.text):`",
      range(colon),
      fixes: [.mending("insert a space before `:`", [Edit(range: place, replacement: " ")])])
    let operand = Expression(.name(label.text), label.range)
    list.arguments.append(Argument(label: nil, value: operand))
    parsePatternOperand(into: &list.pattern)
  }

  /// Whether two names or an arrow follow before the argument ends: no value has them.
  private var looksLikePattern: Bool {
    let furthest = 32
    var wasAxis = false
    for distance in 0..<furthest {
      let token = token(distance)
      switch token.kind {
      case .arrow: return true
      case .identifier:
        let word = text(token)
        // These words stand before names in values.
        if Self.reservedWords.contains(word) || word == "of" || word == "as" { return false }
        if wasAxis { return true }
        wasAxis = true
      case .integer:
        if wasAxis { return true }
        wasAxis = true
      case .ellipsis, .leftBracket, .rightBracket, .leftParenthesis: wasAxis = false
      default: return false
      }
    }
    return false
  }

  private mutating func parseArgumentValue(_ expectation: @autoclosure () -> String) -> Expression {
    let value = parseExpression(expectation())
    guard inExpectation, !panicking, takeWord("of") != nil, let path = parsePath() else {
      return value
    }
    height += 1
    return Expression(.of(value, path), range(from: value.range.lower))
  }

  /// Reads `name = value`.
  mutating func parseSizeBinding() -> SizeBinding? {
    guard let name = parseName("a name"),
      consumeEquals("`=` and a size for `\(name.text)`")
    else { return nil }
    let value = parseExpression("a size for `\(name.text)`")
    return SizeBinding(name: name, value: value, range: range(from: name.range.lower))
  }

  /// Reads `match subject { "a" | "b" => value, else => value }`.
  mutating func parseMatch() -> Expression {
    let start = advance().lower
    let subject = parseExpression("a value to match")
    var tallest = height
    var cases: [MatchCase] = []
    recoverToBody()
    braced("`match`", separatedByCommas: true) { parser in
      if let arm = parser.parseMatchCase() { cases.append(arm) }
      tallest = max(tallest, parser.height)
    }
    height = tallest + 1
    return Expression(.match(subject: subject, cases: cases), range(from: start))
  }

  private mutating func parseMatchCase() -> MatchCase? {
    let start = current.lower
    var patterns: [Expression] = []
    height = 0
    if !takeElse() {
      repeat {
        if !patterns.isEmpty { permitLineBreak() }
        patterns.append(parseOperand("a value to match, or `else`"))
      } while !panicking && take(.bar) != nil
    }
    guard !panicking, consume(.fatArrow, "`=>` and the value of this case") else { return nil }
    permitLineBreak()
    let tallest = height
    let body: CodeBlock
    if kind == .leftBrace {
      body = parseCodeBlock("the case", isValue: true)
    } else {
      let value = parseExpression("the value of this case")
      body = CodeBlock(statements: [], result: value, range: value.range)
    }
    height = max(tallest, height)
    return MatchCase(patterns: patterns, body: body, range: range(from: start))
  }

  /// `repeat [shared] count [as index] body`, all on one line.
  mutating func parseRepetition() -> Expression {
    let start = advance().lower
    var shared = takeWord("shared") != nil
    let countStart = current.lower
    let isNested = inCount
    inCount = true
    let count = parseExpression("how often to repeat")
    inCount = isNested
    var tallest = height
    var index: Name?
    if isWord("as"), peek(1) == .identifier {
      advance()
      index = parseName("a name for the index")
    }
    if !panicking, !shared, isWord("shared"), peek(1) == .identifier {
      mentionLateShared(countStart)
      shared = true
    }
    guard !panicking else { return Expression(.invalid, range(from: start)) }
    guard kind == .identifier else {
      unexpected("the block to repeat", id: "missing-expression")
      return Expression(.invalid, range(from: start))
    }
    let body = parseOperand("the block to repeat")
    tallest = max(tallest, height)
    height = tallest + 1
    return Expression(
      .repetition(count: count, index: index, shared: shared, body: body), range(from: start))
  }

  /// `repeat layers shared block(…)`, where the word stands one place too late.
  private mutating func mentionLateShared(_ countStart: Int) {
    let word = advance()
    mention(
      "unexpected-token", "expected `shared` before the count, as in `repeat shared 12 layer(…)`",
      range(word),
      fixes: [
        .mending(
          "move `shared`",
          [
            Edit(
              range: SourceRange(source: source, at: countStart), replacement: "shared "),
            Edit(
              range: SourceRange(source: source, lower: word.lower, upper: current.lower),
              replacement: ""),
          ])
      ])
  }
}
