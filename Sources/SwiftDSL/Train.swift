// Train: a training plan in Swift, one type a line of the `train` section.
// Apart from members of models, which say what is trained and not how.
import Diagnostics
import Language

/// A line of a ``Train`` section, opaque outside the package.
public struct TrainLine: Sendable {
  let member: TrainMember
}

/// Collects the lines of a ``Train`` section.
@resultBuilder
public enum TrainBuilder {
  /// One line after the other.
  public static func buildBlock(_ parts: [TrainLine]...) -> [TrainLine] { parts.flatMap { $0 } }
  /// One line.
  public static func buildExpression(_ part: TrainLine) -> [TrainLine] { [part] }
  /// Lines of a Swift `if`.
  public static func buildOptional(_ parts: [TrainLine]?) -> [TrainLine] { parts ?? [] }
  /// The first branch of a Swift `if`.
  public static func buildEither(first parts: [TrainLine]) -> [TrainLine] { parts }
  /// The second branch of a Swift `if`.
  public static func buildEither(second parts: [TrainLine]) -> [TrainLine] { parts }
  /// Lines of a Swift `for`.
  public static func buildArray(_ parts: [[TrainLine]]) -> [TrainLine] { parts.flatMap { $0 } }
}

/// `train model { lines }`.
public struct Train: DeclarationSyntax {
  let model: String
  let lines: [TrainLine]

  /// A training plan for the model of a name.
  public init(_ model: String, @TrainBuilder lines: () -> [TrainLine]) {
    self.model = model
    self.lines = lines()
  }

  /// The section as a declaration.
  public var declaration: SyntaxDeclaration {
    SyntaxDeclaration(
      declaration: .train(
        TrainDeclaration(
          model: Name(model, .nowhere), members: lines.map(\.member), range: .nowhere)))
  }
}

extension TrainLine {
  /// `batch B = 8, T = 512, accumulate 4`.
  public static func batch(
    _ sizes: KeyValuePairs<String, Term>, accumulate: Term? = nil
  ) -> TrainLine {
    let bindings = sizes.map { name, size in
      SizeBinding(name: Name(name, .nowhere), value: size.expression, range: .nowhere)
    }
    return TrainLine(
      member: .batch(bindings, accumulate: accumulate?.expression, range: .nowhere))
  }

  /// `data 65_000_000 tokens`.
  public static func data(tokens: Term) -> TrainLine {
    TrainLine(
      member: .data(tokens.expression, unit: Name("tokens", .nowhere), range: .nowhere))
  }

  /// `data 2_000 examples`.
  public static func data(examples: Term) -> TrainLine {
    TrainLine(
      member: .data(examples.expression, unit: Name("examples", .nowhere), range: .nowhere))
  }

  /// `steps 10_000`.
  public static func steps(_ count: Term) -> TrainLine {
    TrainLine(
      member: .length(count.expression, unit: Name("steps", .nowhere), range: .nowhere))
  }

  /// `epochs 5`.
  public static func epochs(_ count: Term) -> TrainLine {
    TrainLine(
      member: .length(count.expression, unit: Name("epochs", .nowhere), range: .nowhere))
  }

  /// `loss next_token_loss(logits, …)`.
  public static func loss(_ value: Term) -> TrainLine {
    TrainLine(member: .loss(value.expression, range: .nowhere))
  }

  /// `optimizer adamw(rate: 6e-4, betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)`.
  public static func adamw(
    rate: Double, betas: (Double, Double)? = nil, epsilon: Double? = nil, decay: Double? = nil
  ) -> TrainLine {
    optimizer(
      "adamw", ("rate", number(rate)), ("betas", pair(betas)), ("epsilon", epsilon.map(number)),
      ("decay", decay.map(number)))
  }

  /// `optimizer adam(rate: 6e-4, betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)`; the decay is added to
  /// the gradients.
  public static func adam(
    rate: Double, betas: (Double, Double)? = nil, epsilon: Double? = nil, decay: Double? = nil
  ) -> TrainLine {
    optimizer(
      "adam", ("rate", number(rate)), ("betas", pair(betas)), ("epsilon", epsilon.map(number)),
      ("decay", decay.map(number)))
  }

  /// `optimizer sgd(rate: 0.1, momentum: 0.9, nesterov: true, dampening: 0, decay: 1e-4)`.
  public static func sgd(
    rate: Double, momentum: Double? = nil, nesterov: Bool? = nil, dampening: Double? = nil,
    decay: Double? = nil
  ) -> TrainLine {
    optimizer(
      "sgd", ("rate", number(rate)), ("momentum", momentum.map(number)),
      ("nesterov", nesterov.map { Term(booleanLiteral: $0).expression }),
      ("dampening", dampening.map(number)), ("decay", decay.map(number)))
  }

  private static func number(_ value: Double) -> Expression {
    Term(floatLiteral: value).expression
  }

  private static func pair(_ values: (Double, Double)?) -> Expression? {
    values.map { Expression(.tuple([number($0.0), number($0.1)]), .nowhere) }
  }

  private static func optimizer(
    _ name: String, _ arguments: (label: String, value: Expression?)...
  ) -> TrainLine {
    let call = CallSyntax(
      callee: Term(stringLiteral: name).expression,
      arguments: arguments.compactMap { label, value in
        value.map { Argument(label: Name(label, .nowhere), value: $0) }
      }, pattern: nil, bindings: [])
    return TrainLine(member: .optimizer(Expression(.call(call), .nowhere), range: .nowhere))
  }

  /// `schedule warmup 200 steps, then cosine to 6e-5 at step 10_000`.
  public static func schedule(_ phases: Phase..., countedAs convention: String? = nil) -> TrainLine
  {
    TrainLine(
      member: .schedule(
        phases.map(\.syntax), convention: convention.map { Name($0, .nowhere) }, range: .nowhere))
  }

  /// `clip global_norm 1.0`.
  public static func clip(globalNorm bound: Double) -> TrainLine {
    TrainLine(
      member: .clip(
        Name("global_norm", .nowhere), Term(floatLiteral: bound).expression, range: .nowhere))
  }

  /// `seed 1337`.
  public static func seed(_ seed: Term) -> TrainLine {
    TrainLine(member: .seed(seed.expression, range: .nowhere))
  }

  /// `precision bf16`, `precision f16 scaled by 65_536`.
  public static func precision(_ element: String, scaling: LossScale = .none) -> TrainLine {
    let syntax: LossScaling? =
      switch scaling {
      case .none: nil
      case .dynamic: LossScaling(factor: nil, range: .nowhere)
      case .fixed(let factor): LossScaling(factor: factor.expression, range: .nowhere)
      }
    return TrainLine(
      member: .precision(Name(element, .nowhere), scaling: syntax, range: .nowhere))
  }

  /// `device memory 16 GiB, peak 312 TFLOPS, mfu 0.4, count 8`.
  public static func device(_ properties: Property...) -> TrainLine {
    TrainLine(member: .device(properties.map(\.syntax), range: .nowhere))
  }

  /// `vary rate = 1e-4, 3e-4, 1e-3`.
  public static func vary(_ name: String, _ values: Term...) -> TrainLine {
    TrainLine(
      member: .vary(Name(name, .nowhere), values.map(\.expression), range: .nowhere))
  }

  /// `allow finding because "reason"`.
  public static func allow(_ finding: String, because reason: String) -> TrainLine {
    TrainLine(member: .policy(FindingPolicy(finding, nil, reason)))
  }

  /// `treat finding as note because "reason"`; severities are `error`, `warning` and `note`.
  public static func treat(
    _ finding: String, as severity: String, because reason: String
  ) -> TrainLine {
    TrainLine(member: .policy(FindingPolicy(finding, severity, reason)))
  }
}

/// How a loss in 16 bits is kept from vanishing.
public enum LossScale: Sendable {
  /// Not at all.
  case none
  /// By a factor that whoever trains finds.
  case dynamic
  /// By this factor.
  case fixed(Term)
}

/// A property of the machine that trains.
public struct Property: Sendable {
  let syntax: DeviceProperty

  private init(_ name: String, _ value: Term, unit: String?) {
    syntax = DeviceProperty(
      name: Name(name, .nowhere), value: value.expression, unit: unit.map { Name($0, .nowhere) },
      range: .nowhere)
  }

  /// `memory 16 GiB`.
  public static func memory(_ amount: Term, _ unit: String) -> Property {
    Property("memory", amount, unit: unit)
  }

  /// `peak 312 TFLOPS`.
  public static func peak(_ amount: Term, _ unit: String? = nil) -> Property {
    Property("peak", amount, unit: unit)
  }

  /// `mfu 0.4`.
  public static func mfu(_ share: Term) -> Property { Property("mfu", share, unit: nil) }

  /// `count 8`.
  public static func count(_ count: Term) -> Property { Property("count", count, unit: nil) }
}

/// One phase of a schedule.
public struct Phase: Sendable {
  let syntax: SchedulePhase

  /// `kind(arguments) length steps from rate to rate at step until`, each part as far as it is given.
  public init(
    _ kind: String, _ arguments: KeyValuePairs<String, Term> = [:], steps length: Term? = nil,
    from: Term? = nil, to: Term? = nil, atStep until: Term? = nil
  ) {
    syntax = SchedulePhase(
      kind: Name(kind, .nowhere), length: length?.expression, from: from?.expression,
      to: to?.expression, until: until?.expression,
      arguments: arguments.map { name, value in
        Argument(label: Name(name, .nowhere), value: value.expression)
      }, range: .nowhere)
  }

  /// `warmup 200 steps`.
  public static func warmup(steps: Term, from: Term? = nil) -> Phase {
    Phase("warmup", steps: steps, from: from)
  }
}
