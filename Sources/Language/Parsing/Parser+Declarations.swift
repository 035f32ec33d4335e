// Declarations: `import`, `block`, `adapter`, `model` and `train`, and their documentation.
// Apart from members, which recover line by line; declarations recover from keyword to keyword.
import Diagnostics

extension Parser {
  static let declarationWords = ["import", "block", "adapter", "model", "train"]

  /// Whether the cursor stands on what can only be a declaration, wherever it is found.
  var startsDeclaration: Bool {
    let token = current
    guard token.kind == .identifier, token.startsLine || index == 0 else { return false }
    let next = self.token(1)
    guard !next.startsLine else { return false }
    switch text(token) {
    case "import": return next.kind == .string
    case "block", "adapter":
      return next.kind == .identifier
        && (self.token(2).kind == .leftParenthesis || self.token(2).kind == .leftBrace)
    case "model":
      return next.kind == .identifier
        && (self.token(2).kind == .leftBrace || self.token(2).kind == .equals)
    case "train": return next.kind == .identifier && self.token(2).kind == .leftBrace
    default: return false
    }
  }

  mutating func parseDeclarations() -> [Declaration] {
    var declarations: [Declaration] = []
    permitLineBreak()
    while kind != .endOfFile {
      let start = index
      reportedDepth = false
      if let declaration = parseDeclaration() { declarations.append(declaration) }
      if panicking { skipToDeclaration(since: start) }
      if index == start { advance() }
      permitLineBreak()
    }
    return declarations
  }

  private mutating func skipToDeclaration(since start: Int) {
    panicking = false
    while current.kind != .endOfFile {
      if index > start, startsDeclaration { return }
      advance()
    }
  }

  private mutating func parseDeclaration() -> Declaration? {
    let list = "`import`, `block`, `adapter`, `model` or `train`"
    guard kind == .identifier else {
      unexpected(list)
      return nil
    }
    var word = text(current)
    if !Self.declarationWords.contains(word) {
      guard let meant = misspeltDeclaration(word) else {
        report(
          "unknown-declaration", "expected \(list), found `\(shown(current))`", range(current),
          notes: strayMemberNotes(word))
        return nil
      }
      misspelt(current, meant: meant, id: "unknown-declaration", list)
      word = meant
    }
    switch word {
    case "import": return parseImport()
    case "block": return parseBlock()
    case "adapter": return parseAdapter()
    case "model": return parseModel()
    default: return parseTrain()
    }
  }

  private func misspeltDeclaration(_ word: String) -> String? {
    guard peek(1) == .identifier || peek(1) == .string else { return nil }
    return Nearest.match(word, in: Self.declarationWords)
  }

  private func strayMemberNotes(_ word: String) -> [Note] {
    guard Self.memberWords.contains(word) || word == "let" else { return [] }
    return [Note(message: "`\(word)` stands inside a block or a model")]
  }

  private mutating func parseImport() -> Declaration? {
    let start = advance().lower
    guard let path = parseString("a path in quotes after `import`") else { return nil }
    return .importFile(
      ImportDeclaration(path: path.text, pathRange: path.range, range: range(from: start)))
  }

  private mutating func parseBlock() -> Declaration? {
    let documentation = documentation(above: current)
    let start = advance().lower
    guard let name = parseName("a name after `block`") else { return nil }
    let (config, parameters) = parseStaticParameters()
    let members = parseMembers("block `\(name.text)`")
    return .block(
      BlockDeclaration(
        name: name, config: config, parameters: parameters, members: members,
        documentation: documentation, range: range(from: start)))
  }

  private mutating func parseAdapter() -> Declaration? {
    let documentation = documentation(above: current)
    let start = advance().lower
    guard let name = parseName("a name after `adapter`") else { return nil }
    let (config, parameters) = parseStaticParameters()
    recoverToBody()
    guard consumeWord("for", "`for` and the wrapped layer, as in `for base: linear`"),
      let base = parseName("a name for the wrapped layer"),
      consume(.colon, "`:` and the block that may be wrapped"),
      let baseType = parseName("the block that may be wrapped")
    else { return nil }
    let members = parseMembers("adapter `\(name.text)`")
    let block = BlockDeclaration(
      name: name, config: config, parameters: parameters, members: members,
      documentation: documentation, range: range(from: start))
    return .adapter(AdapterDeclaration(block: block, base: base, baseType: baseType))
  }

  private mutating func parseModel() -> Declaration? {
    let documentation = documentation(above: current)
    let start = advance().lower
    guard let name = parseName("a name after `model`") else { return nil }
    var base: Name?
    if take(.equals) != nil {
      base = parseName("the model to start from")
      if base == nil { return nil }
    }
    let members = parseMembers("model `\(name.text)`")
    return .model(
      ModelDeclaration(
        name: name, base: base, members: members, documentation: documentation,
        range: range(from: start)))
  }

  private mutating func parseTrain() -> Declaration? {
    let start = advance().lower
    guard let model = parseName("the name of a model after `train`") else { return nil }
    var members: [TrainMember] = []
    braced("`train \(model.text)`") { parser in
      if let member = parser.parseTrainMember() { members.append(member) }
    }
    return .train(TrainDeclaration(model: model, members: members, range: range(from: start)))
  }

  /// `(width: Int, causal: Bool = false)`; a block without parameters may leave them out.
  ///
  /// `config` at the front stands for the fields of the model's config.
  private mutating func parseStaticParameters() -> (SourceRange?, [StaticParameter]) {
    var config: SourceRange?
    var parameters: [StaticParameter] = []
    guard kind == .leftParenthesis else { return (nil, []) }
    delimited(.rightParenthesis, "the parameters") { parser in
      if config == nil, parameters.isEmpty, parser.isWord("config"), parser.peek(1) != .colon {
        config = parser.range(parser.advance())
      } else if let parameter = parser.parseStaticParameter() {
        parameters.append(parameter)
      }
    }
    return (config, parameters)
  }

  private mutating func parseStaticParameter() -> StaticParameter? {
    let start = current.lower
    guard let name = parseName("the name of a parameter"),
      consume(.colon, "`:` and a type after `\(name.text)`, as in `\(name.text): Int`"),
      let type = parseName("a type such as `Int`")
    else { return nil }
    var value: Expression?
    if take(.equals) != nil { value = parseExpression("a default after `=`") }
    return StaticParameter(
      name: name, type: type, defaultValue: value, range: range(from: start))
  }

  /// The `//` lines that end on the line above `token`, without their slashes.
  private func documentation(above token: Token) -> [String] {
    var line = file.lineNumber(ofUTF8Offset: token.lower)
    var texts: [String] = []
    var candidate = commentCount(before: token.lower)
    while candidate > 0 {
      let comment = comments[candidate - 1]
      guard file.lineNumber(ofUTF8Offset: comment.range.lower) == line - 1 else { break }
      guard file.lineStarts[line - 2] + indentation(ofLine: line - 1) == comment.range.lower else {
        break
      }
      let text = comment.text.dropFirst(2)
      texts.append(String(text.first == " " ? text.dropFirst() : text))
      line -= 1
      candidate -= 1
    }
    return texts.reversed()
  }

  private func indentation(ofLine line: Int) -> Int {
    var end = file.lineStarts[line - 1]
    while end < file.bytes.count, Lexer.isBlank(file.bytes[end]) { end += 1 }
    return end - file.lineStarts[line - 1]
  }

  /// How many comments stand before `offset`, by binary search.
  private func commentCount(before offset: Int) -> Int {
    var low = 0
    var high = comments.count
    while low < high {
      let middle = low + (high - low) / 2
      if comments[middle].range.lower < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
