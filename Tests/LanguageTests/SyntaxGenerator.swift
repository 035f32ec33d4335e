// SyntaxGenerator: random syntax trees that the grammar can express.
// They have no places in a source, as trees from a builder have none.
import Diagnostics
import Language

/// Makes random declarations from a seed.
struct SyntaxGenerator {
  private var random: SeededGenerator
  private let place = SourceRange(source: SourceID(index: 0), at: 0)
  /// Words that other grammars would reserve are among the names on purpose.
  private let names = [
    "a", "b", "x_1", "width", "data", "shape", "config", "param", "forward", "steps", "model",
    "train", "in", "with", "a_rather_long_name_for_a_single_layer", "T", "B",
  ]

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func file() -> SyntaxFile {
    SyntaxFile(
      source: SourceID(index: 0), declarations: several(1...3) { $0.declaration() }, comments: [])
  }

  // MARK: Choices

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  private mutating func chance(_ oneIn: Int) -> Bool { number(1...oneIn) == 1 }

  private mutating func several<Item>(
    _ range: ClosedRange<Int>, _ make: (inout SyntaxGenerator) -> Item
  ) -> [Item] {
    (0..<number(range)).map { _ in make(&self) }
  }

  private mutating func perhaps<Item>(_ make: (inout SyntaxGenerator) -> Item) -> Item? {
    chance(2) ? make(&self) : nil
  }

  private mutating func name() -> Name { Name(names[number(0...names.count - 1)], place) }

  // MARK: Declarations

  private mutating func declaration() -> Declaration {
    switch number(0...4) {
    case 0: return .importFile(ImportDeclaration(path: string(), pathRange: place, range: place))
    case 1: return .block(block())
    case 2: return .adapter(AdapterDeclaration(block: block(), base: name(), baseType: name()))
    case 3:
      return .model(
        ModelDeclaration(
          name: name(), base: perhaps { $0.name() }, members: members(2), documentation: [],
          range: place))
    default:
      return .train(
        TrainDeclaration(model: name(), members: several(0...6) { $0.trainMember() }, range: place))
    }
  }

  private mutating func block() -> BlockDeclaration {
    let parameters = several(0...6) { generator in
      StaticParameter(
        name: generator.name(), type: generator.name(),
        defaultValue: generator.perhaps { $0.expression(2) }, range: generator.place)
    }
    return BlockDeclaration(
      name: name(), config: perhaps { $0.place }, parameters: parameters, members: members(2),
      documentation: [], range: place)
  }

  private mutating func members(_ depth: Int) -> [Member] { several(0...5) { $0.member(depth) } }

  private mutating func member(_ depth: Int) -> Member {
    switch number(0...12) {
    case 0: return .family(value: string(), range: place)
    case 1: return .dtype(name(), range: place)
    case 2: return .config(several(1...5) { $0.field() }, range: place)
    case 3: return .dim(several(1...4) { $0.bound() }, range: place)
    case 4: return .require(expression(3), range: place)
    case 5:
      return .parameter(
        ParameterMember(
          name: name(), type: type(), initialiser: perhaps { $0.expression(2) }, range: place))
    case 6 where depth > 0:
      return .conditional(
        ConditionalMembers(
          condition: expression(2), then: members(depth - 1), otherwise: members(depth - 1),
          range: place))
    case 7: return .forward(forward())
    case 8: return .expect(expectation())
    case 9: return .freeze(selection(), range: place)
    case 10:
      return .adapt(
        AdaptMember(selection: selection(), adapter: .init(.call(call(2)), place), range: place))
    default: return .binding(LetBinding(name: name(), value: expression(4), range: place))
    }
  }

  private mutating func field() -> ConfigField {
    let keys = several(0...3) { Name($0.string(), $0.place) }
    return ConfigField(
      name: name(), type: perhaps { $0.name() }, value: expression(2), keys: keys,
      acceptsNone: number(0...3) == 0, range: place)
  }

  private mutating func bound() -> DimensionBound {
    let condition: DimensionBound.Condition =
      switch number(0...3) {
      case 0: .none
      case 1: .comparison([.less, .greaterOrEqual, .equal][number(0...2)], expression(2, level: 4))
      case 2:
        .within(
          lower: expression(1, level: 4), upper: expression(2, level: 4), closed: chance(2))
      default: .divisible(by: expression(1, level: 6))
      }
    return DimensionBound(name: name(), condition: condition, range: place)
  }

  private mutating func forward() -> ForwardMember {
    let inputs = several(0...4) { generator in
      SignatureItem(name: generator.name(), type: generator.type(), range: generator.place)
    }
    let results = several(1...3) { generator in
      SignatureItem(
        name: generator.perhaps { $0.name() }, type: generator.type(), range: generator.place)
    }
    return ForwardMember(
      inputs: inputs, results: results, body: code(2), signatureRange: place, range: place)
  }

  private mutating func code(_ depth: Int, result: Expression? = nil) -> CodeBlock {
    CodeBlock(statements: several(0...4) { $0.statement(depth) }, result: result, range: place)
  }

  private mutating func statement(_ depth: Int) -> Statement {
    switch number(0...3) {
    case 0: return .returning(several(1...3) { $0.expression(2) }, range: place)
    case 1 where depth > 0:
      return .conditional(
        condition: expression(2), then: code(depth - 1), otherwise: perhaps { $0.code(depth - 1) },
        range: place)
    default:
      let targets = several(1...3) { generator in
        BindingTarget(name: generator.name(), type: generator.perhaps { $0.type() })
      }
      return .binding(targets: targets, value: expression(4), range: place)
    }
  }

  private mutating func type() -> TypeSyntax {
    let dimensions = several(0...4) { generator in
      generator.chance(6)
        ? Expression(.ellipsis, generator.place) : generator.expression(1)
    }
    return TypeSyntax(element: perhaps { $0.name() }, dimensions: dimensions, range: place)
  }

  // MARK: Claims, paths and training

  private mutating func expectation() -> Expectation {
    var arguments: [Argument]?
    var bindings: [SizeBinding] = []
    if chance(2) {
      arguments = several(0...3) { $0.claimArgument() }
      bindings = several(0...2) { $0.binding() }
    }
    return Expectation(
      words: several(1...3) { $0.name() }, arguments: arguments, bindings: bindings,
      subjectPath: perhaps { $0.path() }, comparison: [.equal, .less, .notEqual][number(0...2)],
      value: expression(2, level: 4), unit: perhaps { $0.name() }, subjectRange: place,
      range: place)
  }

  private mutating func claimArgument() -> Argument {
    guard chance(3) else { return argument(2) }
    return Argument(label: nil, value: Expression(.of(expression(1), path()), place))
  }

  private mutating func selection() -> Selection {
    chance(2)
      ? Selection(all: true, paths: [], exceptions: several(0...3) { $0.path() }, range: place)
      : Selection(all: false, paths: several(1...4) { $0.path() }, exceptions: [], range: place)
  }

  private mutating func path() -> Path {
    let globs = ["*", "ln_*", "*_norm", "**", "x*y"]
    let components = several(1...3) { generator in
      let text =
        generator.chance(3) ? globs[generator.number(0...4)] : generator.name().text
      var index: Path.Component.Index?
      switch generator.number(0...5) {
      case 0: index = .all
      case 1: index = .one(generator.expression(1))
      case 2:
        index = .range(
          lower: generator.expression(1), upper: generator.expression(1),
          closed: generator.chance(2))
      default: break
      }
      return Path.Component(name: Name(text, generator.place), index: index)
    }
    return Path(components: components, range: place)
  }

  private mutating func trainMember() -> TrainMember {
    switch number(0...12) {
    case 0:
      return .batch(
        several(1...3) { $0.binding() }, accumulate: perhaps { $0.expression(1) }, range: place)
    case 1: return .data(expression(1), unit: name(), range: place)
    case 2:
      return .length(
        expression(2), unit: Name(chance(2) ? "steps" : "epochs", place), range: place)
    case 3: return .loss(expression(3), range: place)
    case 4: return .optimizer(expression(3), range: place)
    case 5: return .decay(selection(), range: place)
    case 6:
      return .schedule(
        several(1...4) { $0.phase() }, convention: perhaps { $0.name() }, range: place)
    case 7: return .clip(name(), expression(1), range: place)
    case 8: return .seed(expression(0), range: place)
    case 9:
      let scaling = perhaps { generator in
        LossScaling(factor: generator.perhaps { $0.expression(1) }, range: generator.place)
      }
      return .precision(name(), scaling: scaling, range: place)
    case 10:
      let properties = several(1...3) { generator in
        DeviceProperty(
          name: generator.name(), value: generator.expression(1),
          unit: generator.perhaps { $0.name() }, range: generator.place)
      }
      return .device(properties, range: place)
    case 11: return .vary(name(), several(1...4) { $0.expression(1) }, range: place)
    default: return .expect(expectation())
    }
  }

  private mutating func phase() -> SchedulePhase {
    SchedulePhase(
      kind: chance(3) ? Name(name().text + "." + name().text, place) : name(),
      length: perhaps { $0.expression(0) }, from: perhaps { $0.expression(1) },
      to: perhaps { $0.expression(1) }, until: perhaps { $0.expression(1) },
      arguments: several(0...2) { $0.argument(1) }, range: place)
  }

  // MARK: Expressions

  private mutating func string() -> String {
    let parts = ["n_embd", "gpt2", " ", "\"", "\\", "\n", "\t", "é×", "// no comment", "{"]
    return several(0...3) { parts[$0.number(0...parts.count - 1)] }.joined()
  }

  /// An expression that holds together at least as tightly as `level`, parenthesised if need be.
  private mutating func expression(_ depth: Int, level: Int = 0) -> Expression {
    let (kind, found) = depth > 0 && !chance(4) ? inner(depth - 1) : leaf()
    let expression = Expression(kind, place)
    return found >= level ? expression : Expression(.parenthesized(expression), place)
  }

  private mutating func leaf() -> (Expression.Kind, Int) {
    switch number(0...9) {
    case 0: (.integer(1_024, text: "1_024"), 8)
    case 1: (.integer(nil, text: "99999999999999999999"), 8)
    case 2: (.float(2e-4, text: "2e-4"), 8)
    case 3: (.string(string()), 8)
    case 4: (.boolean(chance(2)), 8)
    case 5: chance(2) ? (.infinity, 8) : (.none, 8)
    default: (.name(name().text), 9)
    }
  }

  private mutating func inner(_ depth: Int) -> (Expression.Kind, Int) {
    switch number(0...12) {
    case 0:
      return (
        .list(
          several(0...4) { generator in
            generator.chance(8)
              ? Expression(.ellipsis, generator.place) : generator.expression(depth)
          }), 8
      )
    case 1: return (.tuple(several(2...3) { $0.expression(depth) }), 8)
    case 2:
      return (.unary(chance(2) ? .negate : .not, expression(depth, level: 6)), 6)
    case 3, 4, 5: return binary(depth)
    case 6: return (.member(expression(depth, level: 9), name()), 9)
    case 7: return (.index(expression(depth, level: 9), expression(depth)), 9)
    case 8:
      return (
        .conditional(
          condition: expression(depth), then: valueBlock(depth), otherwise: valueBlock(depth)), 0
      )
    case 9:
      let cases = several(0...3) { generator in
        MatchCase(
          patterns: generator.several(0...2) { $0.expression(1, level: 6) },
          body: generator.valueBlock(depth), range: generator.place)
      }
      return (.match(subject: expression(depth), cases: cases), 0)
    case 10:
      return (
        .repetition(
          count: expression(1), index: perhaps { $0.name() }, shared: chance(2),
          body: .init(.call(call(depth, isPlain: true)), place)), 0
      )
    default: return (.call(call(depth)), 9)
    }
  }

  private mutating func binary(_ depth: Int) -> (Expression.Kind, Int) {
    let levels: [(BinaryOperator, Int, Int, Int)] = [
      (.or, 1, 1, 2), (.and, 2, 2, 3), (.equal, 3, 4, 4), (.lessOrEqual, 3, 4, 4),
      (.add, 4, 4, 5), (.subtract, 4, 4, 5), (.multiply, 5, 5, 6), (.divide, 5, 5, 6),
      (.floorDivide, 5, 5, 6), (.modulo, 5, 5, 6), (.power, 7, 8, 6),
    ]
    let (sign, level, left, right) = levels[number(0...levels.count - 1)]
    return (
      .binary(sign, expression(depth, level: left), expression(depth, level: right)), level
    )
  }

  /// Statements and a value that does not itself start with `if`.
  private mutating func valueBlock(_ depth: Int) -> CodeBlock {
    let result = expression(depth, level: 1)
    return CodeBlock(
      statements: chance(4) ? several(1...2) { $0.statement(0) } : [], result: result, range: place)
  }

  private mutating func argument(_ depth: Int) -> Argument {
    Argument(label: perhaps { $0.name() }, value: expression(depth))
  }

  private mutating func binding() -> SizeBinding {
    SizeBinding(name: name(), value: expression(1), range: place)
  }

  private mutating func call(_ depth: Int, isPlain: Bool = false) -> CallSyntax {
    let callee =
      !isPlain && chance(4)
      ? expression(depth, level: 9) : Expression(.name(name().text), place)
    guard chance(3) else {
      return CallSyntax(
        callee: callee, arguments: several(0...4) { $0.argument(depth) }, pattern: nil,
        bindings: [])
    }
    let operands = several(1...3) { Argument(label: nil, value: $0.expression(depth)) }
    let labelled = several(0...2) { Argument(label: $0.name(), value: $0.expression(depth)) }
    let pattern = PatternSyntax(
      inputs: several(1...3) { $0.axes(1...4) },
      output: perhaps { $0.axes(0...4) }, range: place)
    return CallSyntax(
      callee: callee, arguments: operands + labelled, pattern: pattern,
      bindings: several(0...2) { $0.binding() })
  }

  private mutating func axes(_ range: ClosedRange<Int>) -> AxisListSyntax {
    AxisListSyntax(axes: several(range) { $0.axis(2) }, range: place)
  }

  private mutating func axis(_ depth: Int) -> AxisSyntax {
    let kind: AxisSyntax.Kind =
      switch number(0...7) {
      case 0: .number(number(0...9))
      case 1 where depth > 0: .group(several(0...3) { $0.axis(depth - 1) })
      case 2 where depth > 0: .bracket(several(1...2) { $0.axis(depth - 1) })
      case 3: .ellipsis
      default: .name(name().text)
      }
    return AxisSyntax(kind, place)
  }
}
