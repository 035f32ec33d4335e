// Elaborator+Members: the members of a block or model, in order: lets, weights, requirements.
// Instantiating layers is in Elaborator+Definitions.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// Opens a definition that its members will fill.
  mutating func openContext(file: Int, name: String, nameRange: SourceRange?) -> Int {
    let index = contexts.count
    contexts.append(BlockContext(file: file, name: name, nameRange: nameRange))
    program.definitions.append(Definition(block: name, range: nameRange))
    return index
  }

  /// Writes what the frame learned back to the context and the definition.
  mutating func closeContext(_ index: Int, frame: Frame, arguments: [String]) {
    contexts[index].statics = frame.statics
    contexts[index].weights = frame.weights
    program.definitions[index].arguments = arguments
    for (name, binding) in frame.statics {
      if let value = binding.value.integerValue { program.definitions[index].statics[name] = value }
    }
  }

  /// Processes members in order.
  ///
  /// - Parameters:
  ///   - members: the members.
  ///   - files: the file of each; empty when all belong to the frame's file.
  ///   - frame: the names, which grow.
  ///   - state: what `freeze` and `adapt` mean here.
  mutating func process(
    _ members: [Member], files: [Int] = [], frame: inout Frame, state: SelectionState
  ) {
    guard let definition = frame.definition else { return }
    for (position, member) in members.enumerated() {
      if !files.isEmpty { frame.file = files[position] }
      switch member {
      case .require(let condition, let range):
        require(condition, range: range, frame: &frame)
      case .binding(let binding):
        bind(binding, frame: &frame, state: state)
      case .parameter(let parameter):
        addParameter(parameter, frame: &frame, state: state)
        let name = parameter.name.text
        if frame.weights[name] == nil {
          // It was reported; what reads it need not be reported once more.
          frame.statics[name] = StaticBinding(value: .invalid, range: parameter.name.range)
        }
      case .conditional(let conditional):
        guard let holds = condition(conditional.condition, frame: &frame) else { continue }
        _ = nested(at: conditional.range, definition: definition) { elaborator in
          elaborator.process(
            holds ? conditional.then : conditional.otherwise, frame: &frame, state: state)
        }
      case .forward(let forward):
        if contexts[definition].forward != nil, !contexts[definition].isModel {
          report(
            Diagnostic(
              id: "duplicate-forward", severity: .error,
              message: "a block has one forward, this is the second",
              range: forward.signatureRange), definition: definition)
          continue
        }
        contexts[definition].forward = forward
      case .dtype(let name, _):
        if let type = ElementType(rawValue: name.text), type.kind == .real {
          elementType = type
        } else {
          let names = ElementType.allCases.filter { $0.kind == .real }.map(\.rawValue)
          let near = ElementType.named(like: name.text).flatMap { $0.kind == .real ? $0 : nil }
          report(
            Diagnostic(
              id: "unknown-name", severity: .error,
              message: "weights are real numbers, and `\(name.text)` is no type of them"
                + (near.map { "; did you mean `\($0.rawValue)`?" } ?? ""), range: name.range,
              facts: [.line("known: " + names.sorted().joined(separator: ", "))],
              fixes: near.map { [FixIt.renaming(name.range, to: $0.rawValue)] } ?? []))
        }
      case .family, .expect, .config, .dim, .freeze, .adapt, .policy:
        if !contexts[definition].isModel {
          report(
            Diagnostic(
              id: "misplaced-member", severity: .error,
              message: "only a model can say this, `\(contexts[definition].name)` is a block",
              range: member.range), definition: definition)
        }
      }
    }
  }

  // MARK: Requirements

  private mutating func require(_ condition: Expression, range: SourceRange, frame: inout Frame) {
    guard let definition = frame.definition else { return }
    if mentionsUnboundDimension(condition, frame: frame) {
      contexts[definition].obligations.append(condition)
      return
    }
    decideRequirement(condition, frame: &frame)
  }

  /// Decides a requirement whose names are all bound.
  mutating func decideRequirement(_ condition: Expression, frame: inout Frame) {
    // Conjuncts are decided one by one, so that the message names the one that fails.
    if case .binary(.and, let left, let right) = condition.kind {
      decideRequirement(left, frame: &frame)
      decideRequirement(right, frame: &frame)
      return
    }
    switch decide(condition, frame: &frame) {
    case .some(.proved), .none: return
    case .some(let verdict): reportRequirement(condition, verdict: verdict, frame: &frame)
    }
  }

  // MARK: Weights

  private func weightNote(_ name: String, definition: Int) -> [Note] {
    let first = program.definitions[definition].parameters.first { $0.name == name }
    return (first?.range).map { [Note(message: "the first stands here", range: $0)] } ?? []
  }

  /// The place to blame for an expression: in the prelude, what the user gave for its name.
  private func userRange(_ expression: Expression, frame: Frame) -> SourceRange {
    guard frame.file == library.preludeFile else { return expression.range }
    let prelude = expression.range.source
    return names(in: expression).compactMap { frame.statics[$0]?.range }
      .first { $0.source != prelude } ?? expression.range
  }

  private mutating func addParameter(
    _ member: ParameterMember, frame: inout Frame, state: SelectionState
  ) {
    guard let definition = frame.definition else { return }
    // Whatever goes wrong below is told once, not again where the weight is read.
    if frame.statics[member.name.text] == nil, frame.weights[member.name.text] == nil {
      frame.statics[member.name.text] = StaticBinding(value: .invalid, range: member.name.range)
    }
    if frame.weights[member.name.text] != nil {
      report(
        Diagnostic(
          id: "duplicate-name", severity: .error,
          message: "`\(member.name.text)` is already a weight of this block",
          range: member.name.range, notes: weightNote(member.name.text, definition: definition)),
        definition: definition)
      return
    }
    var sizes: [Dimension] = []
    var formula: [Dimension] = []
    for expression in member.type.dimensions {
      let value = evaluateStatic(expression, frame: &frame)
      guard case .integer(let size, let form) = value else {
        if value != .invalid {
          report(
            Diagnostic(
              id: "weight-size-not-static", severity: .error,
              message: "a weight needs whole numbers as sizes, found \(value.kindName)"
                + " `\(text(expression.range))`", range: expression.range), definition: definition)
        }
        return
      }
      guard size >= 1 else {
        if wrongSizes.contains(size) { return }
        report(
          Diagnostic(
            id: "size-out-of-range", severity: .error,
            message:
              "axis \(sizes.count) of `\(member.name.text)` would be \(size), at least 1 is needed",
            range: userRange(expression, frame: frame),
            facts: expansionFacts(expression, frame: frame)), definition: definition)
        wrongSizes.insert(size)
        return
      }
      sizes.append(Dimension(size))
      formula.append(form)
    }
    if let initialiser = member.initialiser, let alias = weightReference(initialiser, frame: &frame)
    {
      addAlias(member, reference: alias, sizes: sizes, frame: &frame)
      return
    }
    let type = TensorType(elementType, sizes)
    guard let count = type.byteCount.constant, count > 0, !type.byteCount.isOverflow else {
      report(
        Diagnostic(
          id: "size-overflow", severity: .error,
          message:
            "`\(member.name.text)` of `\(contexts[definition].name)` would need more bytes than"
            + " a 64-bit number can count", range: member.range,
          facts: [.line("\(sizes.map(\.description).joined(separator: " × ")) elements")]
            + member.type.dimensions.flatMap { expansionFacts($0, frame: frame) }),
        definition: definition)
      return
    }
    let (written, wrapper) = unwrapped(member.initialiser)
    let trainable = wrapper == nil && isTrainable(member.name.text, state: state)
    let index = program.definitions[definition].parameters.count
    var declaration = ParameterDeclaration(
      name: member.name.text, type: type, formula: formula,
      initialiser: initialiser(written, frame: &frame),
      trainable: trainable, range: member.range)
    declaration.isBuffer = wrapper == "buffer"
    program.definitions[definition].parameters.append(declaration)
    contexts[definition].weightOrigins[member.name.text] = member.type.dimensions.map {
      origin(ofDimension: $0, frame: frame)
    }
    frame.statics[member.name.text] = nil
    frame.weights[member.name.text] = ParameterReference(
      instance: InstanceReference(), parameter: index)
  }

  private mutating func addAlias(
    _ member: ParameterMember, reference: ParameterReference, sizes: [Dimension],
    frame: inout Frame
  ) {
    guard let definition = frame.definition else { return }
    if let owner = declaration(of: reference, definition: definition), owner.type.shape != sizes {
      let found = TensorType(elementType, sizes)
      report(
        Diagnostic(
          id: "tied-shapes-differ", severity: .error,
          message:
            "`\(member.name.text)` is declared \(found.shapeText), but the weight it is tied to"
            + " is \(owner.type.shapeText)", range: member.type.range, label: found.shapeText,
          facts: member.type.dimensions.flatMap { expansionFacts($0, frame: frame) },
          notes: member.initialiser.map {
            [Note(message: "it is tied here", range: $0.range, label: owner.type.shapeText)]
          } ?? []), definition: definition)
      return
    }
    program.definitions[definition].aliases.append(
      ParameterAlias(name: member.name.text, reference: reference, range: member.range))
    frame.statics[member.name.text] = nil
    frame.weights[member.name.text] = reference
  }

  /// What stands inside `fixed(zeros)` and `buffer(zeros)`.
  ///
  /// The one is a weight of the checkpoint that no training moves, the other numbers of the
  /// checkpoint that are not even counted among its weights.
  private func unwrapped(_ expression: Expression?) -> (Expression?, wrapper: String?) {
    guard case .call(let call)? = expression?.kind, case .name(let name) = call.callee.kind,
      name == "fixed" || name == "buffer", call.arguments.count == 1
    else { return (expression, nil) }
    return (call.arguments[0].value, name)
  }

  private mutating func initialiser(_ expression: Expression?, frame: inout Frame) -> Initialiser {
    guard let expression else { return .normal(0.02) }
    let names = ["zeros", "ones", "kaiming_uniform", "normal", "constant", "sinusoid"]
    switch expression.kind {
    case .name("zeros"): return .zeros
    case .name("ones"): return .ones
    case .name("sinusoid"): return .sinusoid
    case .name("kaiming_uniform"): return .kaimingUniform
    case .conditional(let condition, let then, let otherwise):
      guard case .boolean(let holds) = evaluateStatic(condition, frame: &frame),
        let chosen = (holds ? then : otherwise).result
      else { break }
      return initialiser(chosen, frame: &frame)
    case .call(let call):
      guard case .name(let name) = call.callee.kind, call.arguments.count == 1 else { break }
      guard let value = evaluateStatic(call.arguments[0].value, frame: &frame).asDouble else {
        break
      }
      if name == "normal", value >= 0 { return .normal(value) }
      if name == "constant" { return .constant(value) }
    default: break
    }
    let word = text(expression.range)
    let near = Nearest.match(word, in: names)
    report(
      Diagnostic(
        id: "unknown-initialiser", severity: .error,
        message: "`\(word)` is not a way to fill a weight"
          + (near.map { "; did you mean `\($0)`?" } ?? ""), range: expression.range,
        facts: [
          .line("known: zeros, ones, kaiming_uniform, normal(deviation), constant(value)")
        ], fixes: near.map { [FixIt.renaming(expression.range, to: $0)] } ?? []),
      definition: frame.definition)
    return .zeros
  }
}
