// Members of blocks, adapters and models.
// One function a keyword; `forward`, claims and selections have files of their own.
import Diagnostics

extension Parser {
  static let memberWords = [
    "family", "dtype", "config", "dim", "require", "let", "param", "forward", "expect", "freeze",
    "adapt", "allow", "treat",
  ]

  /// `{ members }`, the cursor being before the brace.
  mutating func parseMembers(_ owner: String) -> [Member] {
    recoverToBody()
    var members: [Member] = []
    braced(owner) { parser in
      if let member = parser.parseMember() { members.append(member) }
    }
    return members
  }

  private mutating func parseMember() -> Member? {
    guard kind == .identifier else {
      unexpected("a member such as `let`, `forward` or `expect`")
      return nil
    }
    if let member = parseMemberWithoutKeyword() { return member }
    var word = text(current)
    if word == "if" { return parseConditionalMembers() }
    if !Self.memberWords.contains(word) {
      guard let meant = Nearest.match(word, in: Self.memberWords) else {
        report(
          "unknown-member",
          "expected a member such as `let`, `forward` or `expect`, found `\(shown(current))`",
          range(current))
        return nil
      }
      misspelt(
        current, meant: meant, id: "unknown-member",
        "a member such as `let`, `forward` or `expect`")
      word = meant
    }
    return parseMember(word)
  }

  private mutating func parseMember(_ word: String) -> Member? {
    let start = current.lower
    switch word {
    case "let": return parseLet(start, after: advance())
    case "param": return parseParameter(start, after: advance())
    case "forward": return parseForward()
    case "expect": return parseExpectation().map(Member.expect)
    case "family":
      advance()
      guard let value = parseString("a model type in quotes") else { return nil }
      return .family(value: value.text, range: range(from: start))
    case "dtype":
      advance()
      guard let type = parseName("an element type such as `f32`") else { return nil }
      return .dtype(type, range: range(from: start))
    case "config":
      advance()
      let fields = commaSeparated { $0.parseConfigField() }
      return .config(fields, range: range(from: start))
    case "dim":
      advance()
      let bounds = commaSeparated { $0.parseDimensionBound() }
      return .dim(bounds, range: range(from: start))
    case "require":
      advance()
      let condition = parseCondition("a condition after `require`")
      return .require(condition, range: range(from: start))
    case "freeze":
      advance()
      guard let selection = parseSelection() else { return nil }
      return .freeze(selection, range: range(from: start))
    case "allow", "treat":
      advance()
      return parsePolicy(word, from: start).map(Member.policy)
    default: return parseAdapt()
    }
  }

  /// `q = linear(…)` and `w: [a, b]`, where `let` or `param` was forgotten.
  private mutating func parseMemberWithoutKeyword() -> Member? {
    guard kind == .identifier, peek(1) == .equals || peek(1) == .colon, !isReserved,
      !isWord("let"), !isWord("param")
    else { return nil }
    let start = current.lower
    let word = peek(1) == .equals ? "let" : "param"
    let message = "expected `\(word)` before the name `\(shown(current))`"
    let edit = Edit(range: SourceRange(source: source, at: start), replacement: "\(word) ")
    let fixes: [FixIt] = [.mending("insert `\(word)`", [edit])]
    if word == "let" {
      mention("missing-let", message, range(current), fixes: fixes)
    } else {
      mention("missing-param", message, range(current), fixes: fixes)
    }
    return word == "let" ? parseLet(start, after: nil) : parseParameter(start, after: nil)
  }

  /// Items between commas up to the end of the statement; a line may end after a comma.
  mutating func commaSeparated<Item>(_ parseItem: (inout Parser) -> Item?) -> [Item] {
    var items: [Item] = []
    repeat {
      permitAfterComma()
      guard let item = parseItem(&self) else { break }
      items.append(item)
    } while !panicking && take(.comma) != nil
    return items
  }

  private mutating func permitAfterComma() {
    if index > 0, tokens[index - 1].kind == .comma { permitLineBreak() }
  }

  private mutating func parseLet(_ start: Int, after keyword: Token?) -> Member? {
    guard let name = parseName("a name after `let`"),
      consumeEquals("`=` and a value for `\(name.text)`")
    else { return nil }
    let value = parseExpression("a value for `\(name.text)`")
    return .binding(LetBinding(name: name, value: value, range: range(from: start)))
  }

  private mutating func parseParameter(_ start: Int, after keyword: Token?) -> Member? {
    guard let name = parseName("a name after `param`"),
      consume(.colon, "`:` and the dimensions of `\(name.text)`, as in `\(name.text): [width]`"),
      let type = parseType("the dimensions of `\(name.text)`")
    else { return nil }
    var initialiser: Expression?
    if take(.equals) != nil {
      permitOperand()
      initialiser = parseExpression("an initialiser for `\(name.text)`")
    }
    return .parameter(
      ParameterMember(name: name, type: type, initialiser: initialiser, range: range(from: start)))
  }

  /// `=`, after which the line may end; where it is missing or doubled it is taken as read.
  mutating func consumeEquals(_ expectation: @autoclosure () -> String) -> Bool {
    if take(.equals) == nil {
      if kind == .equalEqual {
        mention(
          "double-equals", "expected \(expectation()), found `==`", range(current),
          fixes: [replacing(range(current), with: "=")])
        advance()
      } else if startsOperand {
        mention(
          "unexpected-token", "expected \(expectation()), found \(found)", foundRange,
          fixes: [inserting(" =", at: previousEnd)])
      } else {
        unexpected(expectation())
        return false
      }
    }
    permitOperand()
    return true
  }

  /// Whether the cursor stands on what can only be the start of a value here.
  private var startsOperand: Bool {
    switch kind {
    case .identifier, .integer, .float, .string: true
    default: false
    }
  }

  private mutating func parseConfigField() -> ConfigField? {
    let start = current.lower
    guard let name = parseName("the name of a config field") else { return nil }
    var type: Name?
    if kind == .colon, peek(1) != .identifier {
      mention(
        "colon-in-config", "expected `=` before the value of `\(name.text)`, found `:`",
        range(current), fixes: [replacing(range(current), with: " =")])
      advance()
    } else {
      if take(.colon) != nil { type = parseName("a type such as `Int`") }
      guard consumeEquals("`=` and a value for `\(name.text)`") else { return nil }
    }
    let value = parseExpression("a value for `\(name.text)`")
    let (keys, acceptsNone) = takeWord("from") == nil ? ([], false) : parseConfigKeys()
    return ConfigField(
      name: name, type: type, value: value, keys: keys, acceptsNone: acceptsNone,
      range: range(from: start))
  }

  /// Reads `"n_embd" | "hidden_size"`, and whether `| none` ends it; `none` alone means that no key
  /// fills the field, not even one of the base model's.
  private mutating func parseConfigKeys() -> ([Name], acceptsNone: Bool) {
    var keys: [Name] = []
    repeat {
      if !keys.isEmpty { permitLineBreak() }
      if takeWord("none") != nil { return (keys, true) }
      guard let key = parseString("a key of `config.json` in quotes") else { break }
      keys.append(key)
    } while take(.bar) != nil
    return (keys, false)
  }

  private mutating func parseConditionalMembers() -> Member? {
    guard enter() else { return nil }
    defer { leave() }
    let start = advance().lower
    let condition = parseCondition("a condition after `if`")
    let then = parseMembers("`if`")
    var otherwise: [Member] = []
    if !panicking, takeElse() {
      if isReserved, text(current) == "if" {
        if let nested = parseConditionalMembers() { otherwise = [nested] }
      } else {
        otherwise = parseMembers("`else`")
      }
    }
    return .conditional(
      ConditionalMembers(
        condition: condition, then: then, otherwise: otherwise, range: range(from: start)))
  }

  /// Takes `else`, which may also start a line.
  mutating func takeElse() -> Bool {
    guard current.kind == .identifier, text(current) == "else" else { return false }
    permitLineBreak()
    advance()
    return true
  }
}
