// FoldedPath+Syntax: paths of claims, from the language's expressions and paths.
// Here because the language must not know the analysis, nor the analysis the syntax.
import Analysis
import Diagnostics
import Language

extension FoldedPath {
  /// The path that an expression such as `decoder[0].cross` writes; `nil` for anything else.
  init?(_ expression: Expression) {
    switch expression.kind {
    case .name(let name): self.init([Component(name)])
    case .member(let base, let name):
      guard let path = FoldedPath(base) else { return nil }
      self = path.appending(name.text)
    case .index(let base, let index):
      guard var path = FoldedPath(base), let last = path.components.last, last.elements == nil,
        case .integer(.some(let element), _) = index.kind, element >= 0, element < .max
      else { return nil }
      path.components[path.components.count - 1].elements = element..<(element + 1)
      self = path
    case .parenthesized(let inner): self.init(inner)
    default: return nil
    }
  }

  /// The path as written in the source; `nil` when an index is no literal number.
  init?(_ path: Path) {
    var components: [Component] = []
    for component in path.components {
      switch component.index {
      case .none, .some(.all): components.append(Component(component.name.text))
      case .some(.one(let expression)):
        guard case .integer(.some(let element), _) = expression.kind, element >= 0, element < .max
        else { return nil }
        components.append(Component(component.name.text, element..<(element + 1)))
      case .some(.range(let lower, let upper, let closed)):
        guard case .integer(.some(let low), _) = lower.kind,
          case .integer(.some(let high), _) = upper.kind, low >= 0, high < .max, high >= low
        else { return nil }
        components.append(Component(component.name.text, low..<(closed ? high + 1 : high)))
      }
    }
    self.init(components)
  }
}

extension Expression {
  /// Where the components of a path stand, from the first.
  var pathComponents: [SourceRange] {
    switch kind {
    case .name: [range]
    case .member(let base, let name): base.pathComponents + [name.range]
    case .index(let base, _): base.pathComponents
    case .parenthesized(let inner): inner.pathComponents
    default: []
    }
  }
}
