// The `train` section: one line a decision.
// Apart from the members of models, with which it shares only `expect`.
import Diagnostics

extension Parser {
  static let trainWords = [
    "batch", "data", "steps", "epochs", "loss", "optimizer", "decay", "schedule", "clip", "seed",
    "precision", "device", "vary", "expect", "allow", "treat",
  ]

  mutating func parseTrainMember() -> TrainMember? {
    let expectation = "a line such as `batch`, `loss` or `optimizer`"
    guard kind == .identifier else {
      unexpected(expectation)
      return nil
    }
    var word = text(current)
    if !Self.trainWords.contains(word) {
      guard let meant = Nearest.match(word, in: Self.trainWords) else {
        report(
          "unknown-member", "expected \(expectation), found `\(shown(current))`", range(current))
        return nil
      }
      misspelt(current, meant: meant, id: "unknown-member", expectation)
      word = meant
    }
    if word == "expect" { return parseExpectation().map(TrainMember.expect) }
    return parseTrainMember(word, keyword: advance())
  }

  private mutating func parseTrainMember(_ word: String, keyword: Token) -> TrainMember? {
    let start = keyword.lower
    switch word {
    case "batch": return parseBatch(start)
    case "data":
      let amount = parseExpression("an amount of data, as in `2_000 examples`")
      guard !panicking, let unit = parseName("a unit such as `tokens` or `examples`") else {
        return nil
      }
      return .data(amount, unit: unit, range: range(from: start))
    case "steps", "epochs":
      let count = parseExpression("a number of \(word)")
      let unit = Name(word, range(keyword))
      return .length(count, unit: unit, range: range(from: start))
    case "loss":
      return .loss(parseExpression("a loss such as `cross_entropy`"), range: range(from: start))
    case "optimizer":
      let optimizer = parseExpression("an optimizer such as `adamw`")
      return .optimizer(optimizer, range: range(from: start))
    case "decay":
      guard let selection = parseSelection() else { return nil }
      return .decay(selection, range: range(from: start))
    case "schedule":
      let phases = parsePhases()
      var convention: Name?
      if !panicking, takeWord("as") != nil {
        convention = parseName("a step convention such as `nanogpt` or `transformers`")
      }
      return .schedule(phases, convention: convention, range: range(from: start))
    case "allow", "treat": return parsePolicy(word, from: start).map(TrainMember.policy)
    case "precision": return parsePrecision(start)
    case "device":
      let properties = commaSeparated { $0.parseDeviceProperty() }
      return panicking ? nil : .device(properties, range: range(from: start))
    case "vary": return parseVariation(start)
    case "clip":
      guard let name = parseName("what is clipped, as in `global_norm 1.0`") else { return nil }
      let bound = parseExpression("a bound for `\(name.text)`")
      return .clip(name, bound, range: range(from: start))
    default:
      return .seed(parseExpression("a number after `seed`"), range: range(from: start))
    }
  }

  /// Reads `B = 8, T = 512, accumulate 4`.
  private mutating func parseBatch(_ start: Int) -> TrainMember? {
    var accumulate: Expression?
    let items = commaSeparated { parser -> SizeBinding?? in
      if parser.isWord("accumulate"), parser.peek(1) != .equals {
        parser.advance()
        accumulate = parser.parseExpression("a number of micro-batches")
        return .some(nil)
      }
      return parser.parseSizeBinding().map(Optional.some)
    }
    guard !panicking else { return nil }
    return .batch(
      items.compactMap { $0 }, accumulate: accumulate, range: range(from: start))
  }

  /// Reads `warmup 200 steps, then cosine to 2e-5 at step 10_000`.
  private mutating func parsePhases() -> [SchedulePhase] {
    commaSeparated { parser in
      if parser.tokenBefore?.kind == .comma,
        !parser.consumeWord("then", "`then` and the next phase")
      {
        return nil
      }
      return parser.parsePhase()
    }
  }

  private var tokenBefore: Token? { index > 0 ? tokens[index - 1] : nil }

  private mutating func parsePhase() -> SchedulePhase? {
    guard let kindName = parsePhaseKind() else { return nil }
    let start = kindName.range.lower
    var phase = SchedulePhase(
      kind: kindName, length: nil, from: nil, to: nil, until: nil, arguments: [],
      range: kindName.range)
    if kind == .leftParenthesis { phase.arguments = parsePhaseArguments() }
    while !panicking, !isAtEndOfStatement, kind != .comma, !isWord("then"), !isWord("as") {
      parsePhaseClause(into: &phase)
    }
    if isWord("then") {
      report(
        "unexpected-token", "expected `,` before `then`", range(current),
        fixes: [inserting(",", at: previousEnd)])
    }
    phase.range = range(from: start)
    return phase
  }

  /// Reads `warmup` or `torch.StepLR`.
  private mutating func parsePhaseKind() -> Name? {
    guard var name = parseName("a phase such as `warmup`, `cosine` or `constant`") else {
      return nil
    }
    while kind == .dot {
      advance()
      guard let part = parseName("the name of a schedule, as in `torch.StepLR`") else {
        return nil
      }
      name = Name(name.text + "." + part.text, range(from: name.range.lower))
    }
    return name
  }

  private mutating func parsePhaseArguments() -> [Argument] {
    let list = parseArguments()
    if let pattern = list.pattern {
      report(
        "unexpected-pattern", "expected arguments of a phase, found a pattern", pattern.range)
    }
    return list.arguments
  }

  private mutating func parsePhaseClause(into phase: inout SchedulePhase) {
    let clause = current
    let isRepeated: Bool
    if takeWord("from") != nil {
      isRepeated = phase.from != nil
      phase.from = parseExpression("a rate after `from`")
    } else if takeWord("to") != nil {
      isRepeated = phase.to != nil
      phase.to = parseExpression("a rate after `to`")
    } else if takeWord("at") != nil {
      isRepeated = phase.until != nil
      guard consumeWord("step", "`step` after `at`") else { return }
      phase.until = parseExpression("a step")
    } else {
      isRepeated = phase.length != nil
      phase.length = parseExpression("`from`, `to`, `at step` or a length such as `200 steps`")
      guard !panicking, consumeWord("steps", "`steps` after the length") else { return }
    }
    if isRepeated {
      mention(
        "repeated-clause", "expected each clause once, found `\(shown(clause))` again",
        range(clause))
    }
  }
}
