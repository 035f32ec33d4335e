// Patterns: the axes of each operand, `b t (3 h d) -> 3 b h t d`.
// Apart from expressions: here a space separates and parentheses group axes.
import Diagnostics

extension Parser {
  /// One operand's axes and, after `->`, the output's; continues `pattern` if there is one.
  mutating func parsePatternOperand(into pattern: inout PatternSyntax?) {
    let start = pattern?.range.lower ?? current.lower
    let inputs = (pattern?.inputs ?? []) + [parseAxisList()]
    if inputs.last?.axes.isEmpty == true, !panicking {
      unexpected("the axes of an operand", id: "missing-axes")
    }
    var output: AxisListSyntax?
    if !panicking, take(.arrow) != nil { output = parseAxisList() }
    pattern = PatternSyntax(inputs: inputs, output: output, range: range(from: start))
  }

  /// Axes up to a comma, an arrow or a closing parenthesis.
  private mutating func parseAxisList() -> AxisListSyntax {
    let start = current.lower
    let axes = parseAxes()
    guard !axes.isEmpty else {
      return AxisListSyntax(axes: [], range: SourceRange(source: source, at: previousEnd))
    }
    return AxisListSyntax(axes: axes, range: range(from: start))
  }

  private mutating func parseAxes() -> [AxisSyntax] {
    var axes: [AxisSyntax] = []
    while !panicking, !startsBindingLine, let axis = parseAxis() { axes.append(axis) }
    return axes
  }

  private mutating func parseAxis() -> AxisSyntax? {
    let start = current.lower
    switch kind {
    case .identifier:
      let token = advance()
      return AxisSyntax(.name(text(token)), range(token))
    case .integer:
      let token = advance()
      guard let size = Int(text(token).filter { $0 != "_" }) else {
        mention(
          "invalid-number", "expected a size below 2^63, found `\(shown(token))`", range(token))
        return AxisSyntax(.number(0), range(token))
      }
      return AxisSyntax(.number(size), range(token))
    case .invalidNumber:
      panic()
      return nil
    case .ellipsis:
      return AxisSyntax(.ellipsis, range(advance()))
    case .leftParenthesis:
      return parseAxisGroup(.rightParenthesis).map { AxisSyntax(.group($0), range(from: start)) }
    case .leftBracket:
      return parseAxisGroup(.rightBracket).map { AxisSyntax(.bracket($0), range(from: start)) }
    default: return nil
    }
  }

  /// `(h d)` or `[s]`, the cursor being on the opening sign.
  private mutating func parseAxisGroup(_ close: Token.Kind) -> [AxisSyntax]? {
    guard enter() else { return nil }
    defer { leave() }
    let open = advance()
    openDelimiters += 1
    defer { openDelimiters -= 1 }
    let axes = parseAxes()
    guard !panicking else { return nil }
    guard kind == close else {
      let sign = close.spelling ?? ""
      report(
        close == .rightBracket ? "unclosed-bracket" : "unclosed-parenthesis",
        "expected `\(sign)` after the axes, found \(found)",
        SourceRange(source: source, at: previousEnd), notes: [openedHere(open)],
        fixes: [inserting(sign, at: previousEnd)])
      return nil
    }
    advance()
    return axes
  }
}
