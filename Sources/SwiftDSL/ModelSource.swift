// ModelSource: a model file written in Swift, as the text that the language would have.
// The text goes the ordinary way, so that diagnostics point into something that can be read.
import Diagnostics
import Language

/// A static parameter of a block.
public struct Parameter: Sendable {
  let name: String
  let type: String
  let standard: Term?

  /// A parameter of a type such as `Int`, `Bool`, or the name of a block.
  public init(_ name: String, _ type: String = "Int", default standard: Term? = nil) {
    self.name = name
    self.type = type
    self.standard = standard
  }
}

/// Something at the top of a file.
public protocol DeclarationSyntax: Sendable {
  /// The declaration, opaque outside the package.
  var declaration: SyntaxDeclaration { get }
}

/// A declaration of the syntax tree, opaque outside the package.
public struct SyntaxDeclaration: Sendable {
  let declaration: Declaration
}

/// `block name(parameters) { members }`.
public struct Block: DeclarationSyntax {
  let name: String
  let parameters: [Parameter]
  let body: [any MemberSyntax]

  /// A block.
  public init(
    _ name: String, _ parameters: Parameter..., @MemberBuilder members: () -> [any MemberSyntax]
  ) {
    self.name = name
    self.parameters = parameters
    body = members()
  }

  /// The block as a declaration.
  public var declaration: SyntaxDeclaration {
    let statics = parameters.map { parameter in
      StaticParameter(
        name: Name(parameter.name, .nowhere), type: Name(parameter.type, .nowhere),
        defaultValue: parameter.standard?.expression, range: .nowhere)
    }
    return SyntaxDeclaration(
      declaration: .block(
        BlockDeclaration(
          name: Name(name, .nowhere), parameters: statics,
          members: body.flatMap(\.members).map(\.member), documentation: [], range: .nowhere)))
  }
}

/// `model name { members }`, perhaps derived from another.
public struct Model: DeclarationSyntax {
  let name: String
  let base: String?
  let body: [any MemberSyntax]

  /// A model.
  public init(
    _ name: String, from base: String? = nil, @MemberBuilder members: () -> [any MemberSyntax]
  ) {
    self.name = name
    self.base = base
    body = members()
  }

  /// The model as a declaration.
  public var declaration: SyntaxDeclaration {
    SyntaxDeclaration(
      declaration: .model(
        ModelDeclaration(
          name: Name(name, .nowhere), base: base.map { Name($0, .nowhere) },
          members: body.flatMap(\.members).map(\.member), documentation: [], range: .nowhere)))
  }
}

/// Collects declarations.
@resultBuilder
public enum DeclarationBuilder {
  /// One declaration after the other.
  public static func buildBlock(_ parts: any DeclarationSyntax...) -> [any DeclarationSyntax] {
    parts
  }
}

/// A model file built in Swift.
public struct ModelSource: Sendable {
  /// The file in the model language, formatted.
  public let text: String

  /// Builds a file.
  ///
  /// - Parameters:
  ///   - imports: files whose blocks are used.
  ///   - declarations: blocks and models; the last model is the one analysed.
  public init(
    importing imports: [String] = [],
    @DeclarationBuilder declarations: () -> [any DeclarationSyntax]
  ) {
    let imported = imports.map { path in
      Declaration.importFile(
        ImportDeclaration(path: path, pathRange: .nowhere, range: .nowhere))
    }
    let file = SyntaxFile(
      source: SourceID(index: 0),
      declarations: imported + declarations().map(\.declaration.declaration), comments: [])
    text = Formatter.format(file, SourceMap())
  }
}
