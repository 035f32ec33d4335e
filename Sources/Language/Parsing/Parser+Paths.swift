// Paths, selections, `adapt` and claims: the parts of the language that speak about other parts.
// Apart from expressions because `*` stands for any characters here.
import Diagnostics

extension Parser {
  /// Reads `decoder[0].cross`, `h[*].attn.c_attn` or `*.ln_*.weight`.
  mutating func parsePath() -> Path? {
    let start = current.lower
    var components: [Path.Component] = []
    repeat {
      guard let name = parsePathName() else { return nil }
      var index: Path.Component.Index?
      if kind == .leftBracket {
        index = parsePathIndex()
        if index == nil { return nil }
      }
      components.append(Path.Component(name: name, index: index))
    } while take(.dot) != nil
    return Path(components: components, range: range(from: start))
  }

  /// A name in which `*` may stand; its parts touch one another.
  private mutating func parsePathName() -> Name? {
    guard isPathPart else {
      unexpected("a path such as `h[*].attn`")
      return nil
    }
    let start = current.lower
    repeat { advance() } while isPathPart && !current.spaceBefore
    let range = range(from: start)
    return Name(file.text(in: range.lower..<range.upper), range)
  }

  private var isPathPart: Bool {
    switch kind {
    case .identifier, .star, .starStar, .integer: true
    default: false
    }
  }

  /// `[0]`, `[*]` or `[0..<6]`, the cursor being on the bracket.
  private mutating func parsePathIndex() -> Path.Component.Index? {
    var index: Path.Component.Index?
    if peek(1) == .rightBracket {
      advance()
      unexpected("an index, a range or `*`")
      return nil
    }
    delimited(.rightBracket, "the index") { parser in
      guard index == nil else { return parser.unexpected("`]`") }
      if parser.kind == .star, parser.peek(1) == .rightBracket {
        parser.advance()
        index = .all
        return
      }
      let lower = parser.parseExpression("an index, a range or `*`")
      guard parser.kind == .ellipsis || parser.kind == .halfOpenRange else {
        index = .one(lower)
        return
      }
      let closed = parser.advance().kind == .ellipsis
      let upper = parser.parseExpression("the end of the range")
      index = .range(lower: lower, upper: upper, closed: closed)
    }
    if index == nil { unexpected("an index, a range or `*`") }
    return panicking ? nil : index
  }

  /// `all`, `all except a, b`, or a list of paths.
  mutating func parseSelection() -> Selection? {
    let start = current.lower
    let isAll = isWord("all") && peek(1) != .dot && peek(1) != .leftBracket
    guard isAll else {
      let paths = commaSeparated { $0.parsePath() }
      guard !panicking else { return nil }
      return Selection(all: false, paths: paths, exceptions: [], range: range(from: start))
    }
    advance()
    var exceptions: [Path] = []
    if kind == .identifier, !isWord("with") {
      guard consumeWord("except", "`except` or the end of the line") else { return nil }
      exceptions = commaSeparated { $0.parsePath() }
    }
    guard !panicking else { return nil }
    return Selection(all: true, paths: [], exceptions: exceptions, range: range(from: start))
  }

  /// Reads `adapt h[*].attn.c_attn with lora(rank: 8)`.
  mutating func parseAdapt() -> Member? {
    let start = advance().lower
    guard let selection = parseSelection(),
      consumeWord("with", "`with` and an adapter, as in `with lora(rank: 8)`")
    else { return nil }
    let adapter = parseExpression("an adapter after `with`")
    return .adapt(
      AdaptMember(selection: selection, adapter: adapter, range: range(from: start)))
  }

  /// `expect trainable parameters(encoder) of model == 4 unit`, the cursor being on `expect`.
  mutating func parseExpectation() -> Expectation? {
    inExpectation = true
    defer { inExpectation = false }
    let start = advance().lower
    let subjectStart = current.lower
    var words: [Name] = []
    while kind == .identifier, words.isEmpty || !isWord("of") {
      let token = advance()
      words.append(Name(text(token), range(token)))
    }
    guard !words.isEmpty else {
      unexpected("what is claimed, such as `parameters`")
      return nil
    }
    let list = kind == .leftParenthesis ? parseArguments() : nil
    var path: Path?
    if !panicking, takeWord("of") != nil {
      path = parsePath()
      if path == nil { return nil }
    }
    let subject = range(from: subjectStart)
    if list?.pattern != nil, !panicking {
      report("unexpected-pattern", "expected arguments of a claim, found a pattern", subject)
    }
    guard !panicking else { return nil }
    guard let comparison = takeComparison() else {
      unexpected("a comparison such as `==` after the claim's subject")
      return nil
    }
    let value = parseExpression("the claimed value", above: .comparison)
    var unit: Name?
    if !panicking, kind == .identifier { unit = parseName("a unit") }
    return Expectation(
      words: words, arguments: list?.arguments, bindings: list?.bindings ?? [],
      subjectPath: path, comparison: comparison, value: value, unit: unit, subjectRange: subject,
      range: range(from: start))
  }
}
