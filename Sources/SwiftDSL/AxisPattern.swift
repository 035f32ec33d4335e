// AxisPattern: the axes of rearrange, einsum and reductions, as a string literal.
// Swift has no syntax for them, so the language's own parser reads the literal.
import Diagnostics
import Language

/// A pattern such as `"b t (h d) -> b h t d"` or `"b h t [s]"`.
public struct AxisPattern: Sendable, ExpressibleByStringLiteral {
  let syntax: PatternSyntax?

  /// Reads a pattern; one that can't be read is reported when the built file is checked.
  public init(stringLiteral text: String) {
    var map = SourceMap()
    let wrapped = "block p() {\n  forward(x: []) -> [] {\n    return f(x : \(text))\n  }\n}\n"
    let source = map.add(path: "pattern", text: wrapped)
    let (file, found) = Parser.parse(source, in: map)
    guard found.isEmpty, case .block(let block) = file.declarations.first,
      case .forward(let forward) = block.members.first,
      case .returning(let values, _) = forward.body.statements.first,
      case .call(let call) = values.first?.kind
    else {
      syntax = nil
      return
    }
    syntax = call.pattern
  }
}
