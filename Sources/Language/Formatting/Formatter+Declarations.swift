// Layouts of declarations, their members and the head of `forward`.
// One case a kind; training lines have a file of their own.
import Diagnostics

extension Formatter {
  mutating func layout(of declarations: [Declaration]) -> Layout {
    var pieces: [Piece] = []
    var follows = false
    for declaration in declarations {
      let isImport = if case .importFile = declaration { true } else { false }
      pieces.append(
        Piece(declaration.range, wantsBlank: !(isImport && follows)) { formatter in
          formatter.documented(declaration)
        })
      follows = isImport
    }
    let rows = rows(pieces, open: 0, close: Int.max)
    return .joined(rows, by: .hardLine)
  }

  /// A tree that nobody wrote has no comments, so its documentation is printed from the tree.
  private mutating func documented(_ declaration: Declaration) -> Layout {
    let layout = layout(of: declaration)
    guard source == nil, !declaration.documentation.isEmpty else { return layout }
    let lines = declaration.documentation.map {
      Layout.text($0.isEmpty ? "//" : "// " + $0)
    }
    return .joined(lines + [layout], by: .hardLine)
  }

  private mutating func layout(of declaration: Declaration) -> Layout {
    switch declaration {
    case .importFile(let node): return .text("import " + Self.quoted(node.path))
    case .block(let node):
      let head = head("block", node)
      return .sequence([head, .text(" "), body(node.members, after: headEnd(node), node.range)])
    case .adapter(let node):
      let head = head("adapter", node.block)
      let base = " for \(node.base.text): \(node.baseType.text) "
      let end = node.baseType.range.upper
      return .sequence([head, .text(base), body(node.block.members, after: end, node.block.range)])
    case .model(let node):
      let base = node.base.map { " = \($0.text)" } ?? ""
      let end = node.base?.range.upper ?? node.name.range.upper
      return .sequence([
        .text("model \(node.name.text)\(base) "), body(node.members, after: end, node.range),
      ])
    case .train(let node):
      let columns = columns(of: node.members)
      let pieces = zip(node.members, columns).map { member, columns in
        Piece(member.range) { $0.layout(of: member, columns) }
      }
      let open = position(of: .leftBrace, from: node.model.range.upper)
      return .sequence([
        .text("train \(node.model.text) "), braces(at: (open, node.range.upper - 1), pieces),
      ])
    }
  }

  private func headEnd(_ node: BlockDeclaration) -> Int {
    node.parameters.last?.range.upper ?? node.config?.upper ?? node.name.range.upper
  }

  private mutating func head(_ keyword: String, _ node: BlockDeclaration) -> Layout {
    let open = position(of: .leftParenthesis, from: node.name.range.upper)
    let close = position(of: .rightParenthesis, from: headEnd(node))
    let config = node.config.map { [Piece($0, separator: ",") { _ in .text("config") }] } ?? []
    let pieces =
      config
      + node.parameters.map { parameter in
        Piece(parameter.range, separator: ",") { $0.layout(of: parameter) }
      }
    // A block may leave its parentheses out; then `open` is one further down.
    let isWritten = open < position(of: .leftBrace, from: node.name.range.upper)
    let list =
      isWritten || !pieces.isEmpty
      ? delimited("(", ")", at: (open, close), pieces) : .text("()")
    return .sequence([.text("\(keyword) \(node.name.text)"), list])
  }

  private mutating func layout(of parameter: StaticParameter) -> Layout {
    let head = Layout.text("\(parameter.name.text): \(parameter.type.text)")
    guard let value = parameter.defaultValue else { return head }
    return .sequence([head, .text(" = "), layout(of: value)])
  }

  private mutating func body(_ members: [Member], after end: Int, _ range: SourceRange) -> Layout {
    braces(
      at: (position(of: .leftBrace, from: end), range.upper - 1), pieces(of: members))
  }

  private func pieces(of members: [Member]) -> [Piece] {
    let columns = columns(of: members)
    return members.indices.map { index in
      let member = members[index]
      let columns = columns[index]
      // Only a tree without a source has no blank lines of its own.
      let wantsBlank =
        source == nil && index > 0 && members[index - 1].group != member.group
      return Piece(member.range, wantsBlank: wantsBlank) { $0.layout(of: member, columns) }
    }
  }

  private mutating func layout(of member: Member, _ columns: Columns) -> Layout {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
    }
    let word = padded(member.keyword ?? "", columns.keyword) + " "
    switch member {
    case .family(let value, _): return .text(word + Self.quoted(value))
    case .dtype(let name, _): return .text(word + name.text)
    case .config(let fields, _): return .sequence([.text(word), config(fields, word.count)])
    case .dim(let bounds, _):
      let pieces = bounds.map { bound in
        Piece(bound.range, separator: ",") { $0.layout(of: bound) }
      }
      return .sequence([.text(word), commaList(pieces, hanging: word.count)])
    case .require(let condition, _): return .sequence([.text(word), layout(of: condition)])
    case .binding(let node):
      let name = padded(node.name.text, columns.name)
      return .sequence([.text("let \(name) = "), layout(of: node.value)])
    case .parameter(let node):
      let name = padded(node.name.text + ":", columns.name + 1)
      let type = layout(of: node.type)
      guard let initialiser = node.initialiser else {
        return .sequence([.text("param \(name) "), type])
      }
      let width = type.flatText?.unicodeScalars.count ?? columns.type
      let gap = String(repeating: " ", count: max(0, columns.type - width))
      return .sequence([
        .text("param \(name) "), type, .text(gap + " = "), layout(of: initialiser),
      ])
    case .conditional(let node): return layout(of: node)
    case .forward(let node): return layout(of: node)
    case .expect(let node): return layout(of: node, columns)
    case .freeze(let selection, _): return .sequence([.text(word), layout(of: selection)])
    case .policy(let node): return layout(of: node)
    case .adapt(let node):
      return .sequence([
        .text("adapt "), layout(of: node.selection), .text(" with "), layout(of: node.adapter),
      ])
    }
  }

  private mutating func layout(of node: ConditionalMembers) -> Layout {
    let condition = layout(of: node.condition)
    let open = position(of: .leftBrace, from: node.condition.range.upper)
    hoistComments(before: open)
    let close = position(of: .rightBrace, from: node.then.last?.range.upper ?? open)
    let then = braces(at: (open, close), pieces(of: node.then))
    let head: [Layout] = [.text("if "), condition, .text(" "), then]
    guard !node.otherwise.isEmpty || hasComment(before: node.range.upper - 1) else {
      return .sequence(head)
    }
    if node.otherwise.count == 1, case .conditional(let nested)? = node.otherwise.first {
      return .sequence(head + [.text(" else "), layout(of: nested)])
    }
    let second = position(of: .leftBrace, from: close)
    let last = braces(at: (second, node.range.upper - 1), pieces(of: node.otherwise))
    return .sequence(head + [.text(" else "), last])
  }

  private mutating func layout(of node: ForwardMember) -> Layout {
    let open = position(of: .leftParenthesis, from: node.range.lower)
    let close = position(of: .rightParenthesis, from: node.inputs.last?.range.upper ?? open)
    let inputs = delimited(
      "(", ")", at: (open, close), node.inputs.map { signatureItem($0, separator: ",") })
    var results: Layout
    if node.results.count == 1, let only = node.results.first {
      results = layout(of: only)
    } else {
      let open = position(of: .leftParenthesis, from: close)
      let end = position(of: .rightParenthesis, from: node.results.last?.range.upper ?? open)
      results = delimited(
        "(", ")", at: (open, end), node.results.map { signatureItem($0, separator: ",") })
    }
    hoistComments(before: node.body.range.lower)
    return .sequence([
      .text("forward"), inputs, .text(" -> "), results, .text(" "), braces(node.body),
    ])
  }

  private func signatureItem(_ item: SignatureItem, separator: String) -> Piece {
    Piece(item.range, separator: separator) { $0.layout(of: item) }
  }

  private mutating func layout(of item: SignatureItem) -> Layout {
    .sequence([.text(item.name.map { $0.text + ": " } ?? ""), layout(of: item.type)])
  }
}
