// Elaborator+Expressions: evaluating expressions, static ones and tensors alike.
// Calls, operators on static values and member access have files of their own.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// Evaluates an expression that must be static.
  mutating func evaluateStatic(_ expression: Expression, frame: inout Frame) -> StaticValue {
    switch evaluate(expression, frame: &frame) {
    case .fixed(let value): return value
    case .tensor, .tuple:
      report(
        Diagnostic(
          id: "not-static", severity: .error,
          message: "`\(text(expression.range))` is a tensor, but a static value is needed here",
          range: expression.range), definition: frame.definition)
      return .invalid
    }
  }

  /// Evaluates an expression, unless that would nest too deeply.
  mutating func evaluate(_ expression: Expression, frame: inout Frame) -> Term {
    nested(at: expression.range, definition: frame.definition) { elaborator in
      elaborator.evaluateNested(expression, frame: &frame)
    } ?? .invalid
  }

  private mutating func evaluateNested(_ expression: Expression, frame: inout Frame) -> Term {
    switch expression.kind {
    case .integer(let value, let digits):
      return integer(value, digits: digits, range: expression.range, frame: frame)
    case .float(let value, _): return .fixed(.float(value))
    case .string(let value): return .fixed(.string(value))
    case .boolean(let value): return .fixed(.boolean(value))
    case .infinity: return .fixed(.float(.infinity))
    case .none: return .fixed(.none)
    case .name(let name): return lookUp(name, range: expression.range, frame: &frame)
    case .list(let elements), .tuple(let elements):
      return list(elements, range: expression.range, frame: &frame)
    case .parenthesized(let inner): return evaluate(inner, frame: &frame)
    case .unary(let symbol, let operand):
      return unary(symbol, operand, range: expression.range, frame: &frame)
    case .binary(let symbol, let left, let right):
      return binary(symbol, left, right, range: expression.range, frame: &frame)
    case .call(let call): return evaluateCall(call, range: expression.range, frame: &frame)
    case .member(let base, let name): return member(name, of: base, frame: &frame)
    case .index(let base, let index):
      return element(index, of: base, range: expression.range, frame: &frame)
    case .every(let base): return every(of: base, range: expression.range, frame: &frame)
    case .conditional(let test, let then, let otherwise):
      guard let holds = condition(test, frame: &frame) else { return .invalid }
      return evaluate(block: holds ? then : otherwise, frame: &frame)
    case .match(let subject, let cases):
      guard
        let block = chooseCase(subject, cases, range: expression.range, frame: &frame)
      else { return .invalid }
      return evaluate(block: block, frame: &frame)
    case .repetition(let count, nil, false, let body) where frame.builder != nil:
      return applyRepeatedly(count, body, expression, frame: &frame)
    case .repetition:
      return misplaced(
        "repeat makes a list of layers and stands after `let name =`", expression, frame)
    case .of: return misplaced("`of` is for expectations", expression, frame)
    case .type: return misplaced("a type is not a value here", expression, frame)
    case .ellipsis: return misplaced("`...` stands only among dimensions", expression, frame)
    case .invalid: return .invalid
    }
  }

  private mutating func integer(
    _ value: Int?, digits: String, range: SourceRange, frame: Frame
  ) -> Term {
    if let value { return .fixed(.literal(value)) }
    report(
      Diagnostic(
        id: "number-overflow", severity: .error,
        message: "\(digits) does not fit a 64-bit number", range: range),
      definition: frame.definition)
    return .invalid
  }

  private mutating func list(
    _ elements: [Expression], range: SourceRange, frame: inout Frame
  ) -> Term {
    var values: [StaticValue] = []
    var size = 0
    for element in elements {
      let value = evaluateStatic(element, frame: &frame)
      if value == .invalid { return .invalid }
      size += value.size
      guard size <= Elaborator.largestStatic else {
        report(
          Diagnostic(
            id: "value-too-large", severity: .error,
            message: "a list has more than \(Elaborator.largestStatic) elements, those of its"
              + " lists included", range: range), definition: frame.definition)
        return .invalid
      }
      values.append(value)
    }
    return .fixed(.list(values))
  }

  /// `repeat 12 layer(x, keep)` in a forward: the same layer over and over, its result becoming its
  /// first operand.
  private mutating func applyRepeatedly(
    _ count: Expression, _ body: Expression, _ expression: Expression, frame: inout Frame
  ) -> Term {
    let given = evaluateStatic(count, frame: &frame)
    if given == .invalid { return .invalid }
    guard case .integer(let times, _) = given, times >= 1 else {
      report(
        Diagnostic(
          id: "repeat-count", severity: .error,
          message: "repeat needs a whole number of at least 1, found \(given.text)",
          range: count.range, facts: expansionFacts(count, frame: frame)),
        definition: frame.definition)
      return .invalid
    }
    guard case .call(var call) = body.kind, let operand = call.arguments.first else {
      return misplaced("in a forward, repeat applies a layer to a tensor", expression, frame)
    }
    // No source can spell this name, so nothing is hidden by it.
    let carried = "repeated operand"
    var term = evaluate(operand.value, frame: &frame)
    call.arguments[0].value = Expression(.name(carried), operand.value.range)
    let outer = frame.tensors[carried]
    defer { frame.tensors[carried] = outer }
    for _ in 0..<times {
      guard !term.isInvalid, takeStep() else { return .invalid }
      frame.tensors[carried] = term
      term = evaluateCall(call, range: body.range, frame: &frame)
    }
    return term
  }

  private mutating func misplaced(_ why: String, _ expression: Expression, _ frame: Frame) -> Term {
    report(
      Diagnostic(
        id: "misplaced-expression", severity: .error, message: why, range: expression.range),
      definition: frame.definition)
    return .invalid
  }

  /// Evaluates the statements of a branch and its last expression.
  private mutating func evaluate(block: CodeBlock, frame: inout Frame) -> Term {
    let outer = frame.tensors
    for statement in block.statements { _ = run(statement, frame: &frame) }
    defer { frame.tensors = outer }
    guard let result = block.result else {
      report(
        Diagnostic(
          id: "missing-value", severity: .error,
          message: "this branch has no value: its last line must be an expression",
          range: block.range), definition: frame.definition)
      return .invalid
    }
    return evaluate(result, frame: &frame)
  }

  /// The truth of a static condition; `nil` after a report.
  mutating func condition(_ expression: Expression, frame: inout Frame) -> Bool? {
    switch decide(expression, frame: &frame) {
    case .none: return nil
    case .some(.proved): return true
    case .some(.refuted(let witness)) where witness.values.isEmpty: return false
    case .some:
      report(
        Diagnostic(
          id: "condition-not-static", severity: .error,
          message: "`\(text(expression.range))` holds for some sizes and not for others",
          range: expression.range,
          facts: [
            .line("a branch is chosen when the block is instantiated, before sizes are known")
          ] + sizeFacts(expression, frame: &frame)),
        definition: frame.definition)
      return nil
    }
  }

  /// What is known of the dimensions of an expression.
  private mutating func sizeFacts(_ expression: Expression, frame: inout Frame) -> [Fact] {
    guard case .binary(_, let left, let right) = expression.kind,
      let a = evaluateStatic(left, frame: &frame).asDimension,
      let b = evaluateStatic(right, frame: &frame).asDimension
    else { return [] }
    return assumptionFacts(a - b)
  }

  mutating func chooseCase(
    _ subject: Expression, _ cases: [MatchCase], range: SourceRange, frame: inout Frame
  ) -> CodeBlock? {
    let value = evaluateStatic(subject, frame: &frame)
    guard value != .invalid else { return nil }
    var known: [String] = []
    for branch in cases {
      if branch.patterns.isEmpty { return branch.body }
      for pattern in branch.patterns {
        let candidate = evaluateStatic(pattern, frame: &frame)
        if candidate.isSame(as: value) { return branch.body }
        known.append(candidate.text)
      }
    }
    report(
      Diagnostic(
        id: "no-matching-case", severity: .error,
        message: "no case for \(value.text)", range: subject.range, label: value.text,
        facts: [.line("cases: " + known.joined(separator: ", "))]
          + expansionFacts(subject, frame: frame)), definition: frame.definition)
    return nil
  }

  // MARK: Names

  private mutating func lookUp(_ name: String, range: SourceRange, frame: inout Frame) -> Term {
    if let term = frame.tensors[name] { return term }
    if let reference = frame.weights[name] {
      frame.usedWeights.insert(name)
      return load(reference, name: name, range: range, frame: &frame)
    }
    if let binding = frame.statics[name] {
      // A config field keeps its place wherever it is handed on.
      if let place = binding.range { readPlaces.insert(place) }
      markUsed(binding.value, frame: &frame)
      return .fixed(binding.value)
    }
    if let dimension = frame.dimensions[name] { return .fixed(.dimension(dimension.size)) }
    if frame.introducesDimensions, name.first?.isUppercase == true {
      declare(Name(name, range), frame: &frame)
      return .fixed(.dimension(Dimension(Symbol(name))))
    }
    if name.first?.isUppercase == true {
      let bound = frame.dimensions.keys.sorted()
      let near = Nearest.match(name, in: bound)
      report(
        Diagnostic(
          id: "dimension-not-bound", severity: .error,
          message: "dimension `\(name)` is used before anything fixes it"
            + (near.map { "; did you mean `\($0)`?" } ?? ""), range: range,
          facts: [
            .line("a dimension is bound by `dim`, or by the signature of the forward that uses it")
          ] + (bound.isEmpty ? [] : [.line("bound here: " + bound.joined(separator: ", "))]),
          fixes: near.map { [FixIt.renaming(range, to: $0)] } ?? []), definition: frame.definition)
      return .invalid
    }
    let candidates =
      Array(frame.tensors.keys) + Array(frame.statics.keys) + Array(frame.weights.keys)
      + Array(library.files[frame.file].names.keys)
    reportUnknown(
      Name(name, range), kind: "name", candidates: candidates, definition: frame.definition)
    return .invalid
  }

  /// Remembers that a child is in use, for the warning about unused layers.
  func markUsed(_ value: StaticValue, frame: inout Frame) {
    if case .layer(let layer) = value, layer.reference.base == .own,
      let first = layer.reference.steps.first
    {
      frame.used.insert(first.child)
    }
  }

  // MARK: Weights

  /// Brings a weight into the region, once.
  mutating func load(
    _ reference: ParameterReference, name: String, range: SourceRange, frame: inout Frame
  ) -> Term {
    guard frame.builder != nil else {
      report(
        Diagnostic(
          id: "not-static", severity: .error,
          message: "`\(name)` is a weight; its numbers are not known before training",
          range: range), definition: frame.definition)
      return .invalid
    }
    if let known = frame.loaded[reference] { return .tensor(known) }
    guard let definition = frame.definition,
      let declaration = declaration(of: reference, definition: definition)
    else { return .invalid }
    frame.builder?.range = range
    guard let value = frame.builder?.append(.parameter(reference), types: [declaration.type]).first
    else { return .invalid }
    let written =
      reference.instance == InstanceReference()
      ? contexts[definition].weightOrigins[name]
      : weightOrigins(reference, name, within: definition)
    let origins =
      written
      ?? declaration.formula.enumerated().map { position, formula in
        AxisOrigin.expression(
          text: "axis \(position) of weight `\(name)`",
          expansion: formula.symbols.isEmpty ? nil : formula.description, range: declaration.range)
      }
    frame.builder?.describe(value, name: name, origins: origins)
    frame.loaded[reference] = value
    return .tensor(value)
  }

  /// The derivation of the axes of another layer's weight, in the names of whoever made the layer.
  private func weightOrigins(
    _ reference: ParameterReference, _ name: String, within definition: Int
  ) -> [AxisOrigin]? {
    guard case .own = reference.instance.base, let last = reference.instance.steps.last,
      reference.instance.steps.count == 1,
      let owner = self.definition(of: reference.instance, within: definition),
      let origins = contexts[owner.index].weightOrigins[name]
    else { return nil }
    let statics = contexts[definition].childArguments[last.child] ?? [:]
    return origins.map { translate($0, statics: statics) }
  }

  /// The declaration of a weight, as seen from a definition.
  func declaration(
    of reference: ParameterReference, definition: Int
  ) -> ParameterDeclaration? {
    program.declaration(of: reference, from: DefinitionID(index: definition))
  }

  /// The definition of the layer that a reference leads to.
  func definition(of reference: InstanceReference, within definition: Int) -> DefinitionID? {
    program.definition(of: reference, from: DefinitionID(index: definition))
  }
}
