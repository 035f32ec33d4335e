// The syntax tree of a model file: declarations, members and statements, each with its range.
// Expressions, patterns and the training section have files of their own.
import Diagnostics

/// A word of the source and where it stands.
package struct Name: Hashable, Sendable {
  package var text: String
  package var range: SourceRange

  package init(_ text: String, _ range: SourceRange) {
    self.text = text
    self.range = range
  }
}

/// A comment, kept so that the formatter loses nothing.
package struct Comment: Hashable, Sendable {
  /// The text with its leading `//`.
  package var text: String
  package var range: SourceRange

  package init(text: String, range: SourceRange) {
    self.text = text
    self.range = range
  }
}

/// One parsed file.
package struct SyntaxFile: Hashable, Sendable {
  package var source: SourceID
  package var declarations: [Declaration]
  package var comments: [Comment]

  package init(source: SourceID, declarations: [Declaration], comments: [Comment]) {
    self.source = source
    self.declarations = declarations
    self.comments = comments
  }
}

/// A declaration at the top of a file.
package enum Declaration: Hashable, Sendable {
  /// `import "gpt2.model"`
  case importFile(ImportDeclaration)
  /// `block attention(width: Int) { … }`
  case block(BlockDeclaration)
  /// `adapter lora(rank: Int) for base: linear { … }`
  case adapter(AdapterDeclaration)
  /// `model a { … }` or `model b = a { … }`
  case model(ModelDeclaration)
  /// `train a { … }`
  case train(TrainDeclaration)
}

/// `import "path"`.
package struct ImportDeclaration: Hashable, Sendable {
  package var path: String
  /// The range of the quoted path.
  package var pathRange: SourceRange
  package var range: SourceRange

  package init(path: String, pathRange: SourceRange, range: SourceRange) {
    self.path = path
    self.pathRange = pathRange
    self.range = range
  }
}

/// A static parameter of a block: `width: Int`, `causal: Bool = false`, `table: embedding`.
package struct StaticParameter: Hashable, Sendable {
  package var name: Name
  /// `Int`, `Float`, `Bool`, `String`, `Dim`, or the name of a block (then a layer is passed).
  package var type: Name
  package var defaultValue: Expression?
  package var range: SourceRange

  package init(name: Name, type: Name, defaultValue: Expression?, range: SourceRange) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    self.range = range
  }
}

/// `block name(parameters) { members }`.
package struct BlockDeclaration: Hashable, Sendable {
  package var name: Name
  /// Where `config` stands before the parameters: the fields of the model's config are then names
  /// of the block, and fill parameters of the same name.
  package var config: SourceRange?
  package var parameters: [StaticParameter]
  package var members: [Member]
  /// The `//` lines that stand directly above: what `explain` prints.
  package var documentation: [String]
  package var range: SourceRange

  package init(
    name: Name, config: SourceRange? = nil, parameters: [StaticParameter], members: [Member],
    documentation: [String], range: SourceRange
  ) {
    self.name = name
    self.config = config
    self.parameters = parameters
    self.members = members
    self.documentation = documentation
    self.range = range
  }
}

/// `adapter name(parameters) for base: linear { members }`.
package struct AdapterDeclaration: Hashable, Sendable {
  /// The adapter as a block: its parameters, members and documentation.
  package var block: BlockDeclaration
  /// The name under which the wrapped layer is known inside.
  package var base: Name
  /// The block that may be wrapped.
  package var baseType: Name

  package init(block: BlockDeclaration, base: Name, baseType: Name) {
    self.block = block
    self.base = base
    self.baseType = baseType
  }
}

/// `model name { members }` or `model name = base { members }`.
package struct ModelDeclaration: Hashable, Sendable {
  package var name: Name
  package var base: Name?
  package var members: [Member]
  package var documentation: [String]
  package var range: SourceRange

  package init(
    name: Name, base: Name?, members: [Member], documentation: [String], range: SourceRange
  ) {
    self.name = name
    self.base = base
    self.members = members
    self.documentation = documentation
    self.range = range
  }
}

/// What may stand inside a block, an adapter or a model.
package enum Member: Hashable, Sendable {
  /// `family "gpt2"`: the Hugging Face `model_type` that this model describes.
  case family(value: String, range: SourceRange)
  /// `dtype f32`
  case dtype(Name, range: SourceRange)
  /// `config vocab = 50_257, width: Int = 768 from "n_embd" | "hidden_size"`
  case config([ConfigField], range: SourceRange)
  /// `dim B >= 1, T in 1...context`
  case dim([DimensionBound], range: SourceRange)
  /// `require width % heads == 0`
  case require(Expression, range: SourceRange)
  /// `let name = expression`
  case binding(LetBinding)
  /// `param weight: [out, in] = kaiming_uniform`
  case parameter(ParameterMember)
  /// `if condition { members } else { members }`
  case conditional(ConditionalMembers)
  /// `forward(x: [B, T, width]) -> [B, T, width] { … }`
  case forward(ForwardMember)
  /// `expect parameters == 124_439_808`
  case expect(Expectation)
  /// `freeze all except h[*].ln_*`
  case freeze(Selection, range: SourceRange)
  /// `adapt h[*].attn.c_attn with lora(rank: 8)`
  case adapt(AdaptMember)
  /// `allow head-width-unusual because "…"`
  case policy(FindingPolicy)
}

/// One field of a `config` line.
package struct ConfigField: Hashable, Sendable {
  package var name: Name
  package var type: Name?
  package var value: Expression
  /// The keys of a `config.json` that fill the field, first match wins.
  package var keys: [Name]
  /// Whether `| none` stands after the keys: `null` is then a value, not a default to be taken.
  ///
  /// Without keys, as in `from none`, nothing fills the field.
  package var acceptsNone: Bool
  package var range: SourceRange

  package init(
    name: Name, type: Name?, value: Expression, keys: [Name], acceptsNone: Bool = false,
    range: SourceRange
  ) {
    self.name = name
    self.type = type
    self.value = value
    self.keys = keys
    self.acceptsNone = acceptsNone
    self.range = range
  }
}

/// One item of a `dim` line.
package struct DimensionBound: Hashable, Sendable {
  /// What is known of the dimension.
  package indirect enum Condition: Hashable, Sendable {
    case none
    /// `B >= 1`; the operator is one of `>=`, `>`, `<=`, `<`, `==`, `!=`.
    case comparison(BinaryOperator, Expression)
    /// `T in 1...context`, or `1..<context` when not closed.
    case within(lower: Expression, upper: Expression, closed: Bool)
    /// `T % 8 == 0`
    case divisible(by: Expression)
  }

  package var name: Name
  package var condition: Condition
  package var range: SourceRange

  package init(name: Name, condition: Condition, range: SourceRange) {
    self.name = name
    self.condition = condition
    self.range = range
  }
}

/// `let name = value`.
package struct LetBinding: Hashable, Sendable {
  package var name: Name
  package var value: Expression
  package var range: SourceRange

  package init(name: Name, value: Expression, range: SourceRange) {
    self.name = name
    self.value = value
    self.range = range
  }
}

/// `param name: [dims] = initialiser`.
package struct ParameterMember: Hashable, Sendable {
  package var name: Name
  package var type: TypeSyntax
  package var initialiser: Expression?
  package var range: SourceRange

  package init(name: Name, type: TypeSyntax, initialiser: Expression?, range: SourceRange) {
    self.name = name
    self.type = type
    self.initialiser = initialiser
    self.range = range
  }
}

/// `if condition { members } else { members }` among the members of a block.
package struct ConditionalMembers: Hashable, Sendable {
  package var condition: Expression
  package var then: [Member]
  package var otherwise: [Member]
  package var range: SourceRange

  package init(
    condition: Expression, then: [Member], otherwise: [Member], range: SourceRange
  ) {
    self.condition = condition
    self.then = then
    self.otherwise = otherwise
    self.range = range
  }
}

/// An input or a named result of `forward`: `x: [B, T, width]`.
package struct SignatureItem: Hashable, Sendable {
  /// Absent only for an unnamed result.
  package var name: Name?
  package var type: TypeSyntax
  package var range: SourceRange

  package init(name: Name?, type: TypeSyntax, range: SourceRange) {
    self.name = name
    self.type = type
    self.range = range
  }
}

/// `forward(inputs) -> results { body }`; several results stand in parentheses.
package struct ForwardMember: Hashable, Sendable {
  package var inputs: [SignatureItem]
  package var results: [SignatureItem]
  package var body: CodeBlock
  /// The range of `forward(…) -> …`, without the body.
  package var signatureRange: SourceRange
  package var range: SourceRange

  package init(
    inputs: [SignatureItem], results: [SignatureItem], body: CodeBlock,
    signatureRange: SourceRange, range: SourceRange
  ) {
    self.inputs = inputs
    self.results = results
    self.body = body
    self.signatureRange = signatureRange
    self.range = range
  }
}

/// A tensor type: `i32[B, S]`, `[..., width]`.
package struct TypeSyntax: Hashable, Sendable {
  package var element: Name?
  /// Dimensions; `...` is an ``Expression`` of kind `ellipsis`.
  package var dimensions: [Expression]
  package var range: SourceRange

  package init(element: Name?, dimensions: [Expression], range: SourceRange) {
    self.element = element
    self.dimensions = dimensions
    self.range = range
  }
}

/// Statements and, for a branch used as a value, the last expression.
package struct CodeBlock: Hashable, Sendable {
  package var statements: [Statement]
  package var result: Expression?
  package var range: SourceRange

  package init(statements: [Statement], result: Expression?, range: SourceRange) {
    self.statements = statements
    self.result = result
    self.range = range
  }
}

/// A statement inside `forward`.
package enum Statement: Hashable, Sendable {
  /// `x = …`, `x: [B, T] = …`, `q, k, v = …`
  case binding(targets: [BindingTarget], value: Expression, range: SourceRange)
  /// `return a` or `return a, b`
  case returning([Expression], range: SourceRange)
  /// `if condition { … } else { … }` on a static condition; its bindings stay visible.
  case conditional(
    condition: Expression, then: CodeBlock, otherwise: CodeBlock?, range: SourceRange)
}

/// The left side of a binding.
package struct BindingTarget: Hashable, Sendable {
  package var name: Name
  package var type: TypeSyntax?

  package init(name: Name, type: TypeSyntax?) {
    self.name = name
    self.type = type
  }
}
