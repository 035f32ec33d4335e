// Elaborator+Reports: the diagnostics that several parts of the elaborator share.
// Each names both sides and, where there is one, the near miss.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// A name that means nothing, with the nearest that does.
  mutating func reportUnknown(
    _ name: Name, kind: String, candidates: [String], definition: Int? = nil
  ) {
    // The search is as long as the list of names; a file of nothing but mistakes needs no help.
    let helps = findings.count < Elaborator.mostSuggestions
    let unique = helps ? Array(Set(candidates)).sorted() : []
    let near = Nearest.match(name.text, in: unique)
    var diagnostic = Diagnostic(
      id: "unknown-name", severity: .error,
      message: "there is no \(kind) `\(name.text)`"
        + (near.map { "; did you mean `\($0)`?" } ?? ""), range: name.range)
    if let near {
      diagnostic.fixes = [
        FixIt(
          message: "write `\(near)`", edits: [Edit(range: name.range, replacement: near)],
          effect: .model)
      ]
    } else if !unique.isEmpty, unique.count <= 24 {
      diagnostic.facts = [.line("known: " + unique.joined(separator: ", "))]
    }
    report(diagnostic, definition: definition)
  }

  mutating func reportRedefinition(_ name: Name, first: Name) {
    report(
      Diagnostic(
        id: "duplicate-name", severity: .error, message: "`\(name.text)` is set twice",
        range: name.range, notes: [Note(message: "the first stands here", range: first.range)]))
  }

  mutating func reportArity(
    _ block: Name, parameters: [StaticParameter], found: Int, range: SourceRange
  ) {
    let signature = parameters.map { "\($0.name.text): \($0.type.text)" }.joined(separator: ", ")
    report(
      Diagnostic(
        id: "wrong-argument-count", severity: .error,
        message: "`\(block.text)` takes \(parameters.count) arguments, found \(found)",
        range: range,
        facts: [.line("\(block.text)(\(signature))")],
        notes: [Note(message: "it is declared here", range: block.range)]))
  }

  mutating func reportOperandCount(
    _ schema: OperationSchema, found: Int, range: SourceRange, frame: Frame
  ) {
    let required = schema.operands.filter { !$0.optional }.count
    let most = schema.operands.count
    let needed =
      schema.variadic
      ? "at least \(required)" : required == most ? "\(most)" : "\(required) to \(most)"
    report(
      Diagnostic(
        id: "wrong-argument-count", severity: .error,
        message: "`\(schema.name)` takes \(needed) operands, found \(found)", range: range,
        facts: [.line(schema.shapes)]), definition: frame.definition)
  }

  mutating func reportInputCount(
    _ callee: String, inputs: [SignatureItem], found: Int, range: SourceRange, frame: Frame
  ) {
    let signature = inputs.map { text($0.range) }.joined(separator: ", ")
    report(
      Diagnostic(
        id: "wrong-argument-count", severity: .error,
        message: "`\(callee)` takes \(inputs.count) tensors, found \(found)", range: range,
        facts: [.line("forward(\(signature))")]), definition: frame.definition)
  }

  mutating func reportNotATensor(_ value: StaticValue, range: SourceRange, frame: Frame) {
    if value == .invalid { return }
    let hint: String
    if case .layer = value {
      hint = "a layer is applied to get a tensor: `\(text(range))(x)`"
    } else {
      hint = "`fill(value, shape)` makes a constant tensor"
    }
    report(
      Diagnostic(
        id: "not-a-tensor", severity: .error,
        message: "`\(text(range))` is a \(value.kindName), but a tensor is needed", range: range,
        facts: [.line(hint)]), definition: frame.definition)
  }

  mutating func reportTuple(_ range: SourceRange, frame: Frame) {
    report(
      Diagnostic(
        id: "not-a-tensor", severity: .error,
        message: "`\(text(range))` gives several tensors: name them first, as in `a, b = …`",
        range: range), definition: frame.definition)
  }

  /// Fits a static value to the type of a parameter.
  mutating func coerce(
    _ value: StaticValue, to type: Name, range: SourceRange, what: String
  ) -> StaticValue {
    switch (type.text, value) {
    case (_, .invalid), (_, .none): return value
    case ("Int", .integer), ("Float", .float), ("Bool", .boolean), ("String", .string),
      ("List", .list), ("Dim", .integer), ("Dim", .dimension):
      return value
    case ("Float", .integer(let number, _)): return .float(Double(number))
    case ("Int", .float(let number)):
      if let whole = Int(exactly: number) { return .literal(whole) }
    case (_, .layer(let layer)):
      if case .single(let definition) = layer.form {
        let block = contexts[definition.index].name
        if type.text == "layer" || type.text == block { return value }
        report(
          Diagnostic(
            id: "wrong-argument-type", severity: .error,
            message: "`\(what)` needs a layer of type \(type.text), found one of type \(block)",
            range: range))
        return .invalid
      }
    default: break
    }
    report(
      Diagnostic(
        id: "wrong-argument-type", severity: .error,
        message: "`\(what)` needs \(type.text), found \(value.kindName) \(value.text)", range: range
      ))
    return .invalid
  }

  // MARK: Requirements

  mutating func reportRequirement(_ condition: Expression, verdict: Verdict, frame: inout Frame) {
    let written = text(condition.range)
    var facts: [Fact] = []
    var numbers: String?
    if case .binary(let symbol, let left, let right) = condition.kind, symbol.isComparison {
      numbers =
        expansionText(left, frame: frame) + " \(symbol.rawValue) "
        + expansionText(right, frame: frame)
      if case .binary(.modulo, let whole, let part) = left.withoutParentheses.kind,
        let a = evaluateStatic(whole, frame: &frame).integerValue,
        let b = evaluateStatic(part, frame: &frame).integerValue, b > 0, a > 0
      {
        facts.append(.line("\(a) = \(b) × \(a / b) + \(a % b)"))
        let near = nearestDivisors(of: a, to: b)
        if !near.isEmpty {
          facts.append(
            .line(
              "nearest values of `\(text(part.range))` that divide \(a): "
                + near.map(String.init).joined(separator: ", ")))
        }
      }
    }
    facts += expansionFacts(condition, frame: frame)
    switch verdict {
    case .proved: return
    case .refuted(let witness):
      if !witness.values.isEmpty { facts += self.facts(of: verdict) }
    case .unknown: facts += self.facts(of: verdict)
    }
    var notes: [Note] = []
    for name in Set(names(in: condition)).sorted() {
      guard let binding = frame.statics[name], case .expression(_, _, let range) = binding.origin,
        let place = range,
        place.source != condition.range.source || place.lower != condition.range.lower,
        place.source != library.files[library.preludeFile].syntax.source
      else { continue }
      notes.append(Note(message: "`\(name)` is set here", range: place, label: binding.value.text))
    }
    var range = condition.range
    if frame.file == library.preludeFile, let site = callSites.last {
      range = site.range
    } else if frame.file == library.preludeFile, let place = notes.first?.range {
      range = place
    }
    let undecided: Bool
    if case .unknown = verdict { undecided = true } else { undecided = false }
    if let definition = frame.definition { contexts[definition].breaksRequirement = true }
    report(
      Diagnostic(
        id: "requirement-failed", severity: .error,
        message: undecided
          ? "`\(written)` is required, and can't be shown to hold"
          : "`\(written)` is required"
            + (numbers.map { ", but \($0) is false" } ?? ", but is false"),
        range: range, facts: facts, notes: notes), definition: frame.definition)
  }

  private func nearestDivisors(of number: Int, to wanted: Int) -> [Int] {
    guard number <= 1 << 24 else { return [] }
    let divisors = (1...max(1, Int(Double(number).squareRoot()) + 1)).filter { number % $0 == 0 }
      .flatMap { [$0, number / $0] }
    let below = divisors.filter { $0 < wanted }.max()
    let above = divisors.filter { $0 > wanted }.min()
    return [below, above].compactMap { $0 }
  }

  // MARK: Bounds

  /// Where the symbols of a claim are bounded.
  func boundNotes(_ claim: Constraint) -> [Note] {
    claim.symbols.sorted().compactMap { symbol in
      guard let bound = boundSyntax[symbol.name] else { return nil }
      return Note(message: "`\(symbol.name)` is bounded here", range: bound.range)
    }
  }

  /// Tightens the upper bound of the one symbol of a claim so that the claim holds.
  func boundFixes(_ claim: Constraint) -> [FixIt] {
    guard case .atLeast(let large, let small) = claim, claim.symbols.count == 1,
      let symbol = claim.symbols.first, let bound = boundSyntax[symbol.name],
      let coefficients = (large - small).coefficients(in: symbol), coefficients.count == 2,
      let constant = coefficients[0].constant, let slope = coefficients[1].constant, slope < 0,
      constant >= 0
    else { return [] }
    let limit = constant / -slope
    let name = program.config.first { $0.integer == limit }?.name ?? "\(limit)"
    let edit: Edit
    switch bound.condition {
    case .within(_, let upper, let closed):
      edit = Edit(range: upper.range, replacement: closed ? name : "\(limit + 1)")
    case .comparison(.greaterOrEqual, let lower):
      edit = Edit(
        range: bound.range, replacement: "\(symbol.name) in \(text(lower.range))...\(name)")
    case .none: edit = Edit(range: bound.range, replacement: "\(symbol.name) in 1...\(name)")
    default: return []
    }
    return [
      FixIt(
        message: "bound \(symbol.name) by \(name) (applies without changing parameters)",
        edits: [edit], effect: .none)
    ]
  }
}

extension Expression {
  /// The expression inside any parentheses.
  var withoutParentheses: Expression {
    var current = self
    while case .parenthesized(let inner) = current.kind { current = inner }
    return current
  }
}

extension String {
  /// The text with the first occurrence of `old` replaced.
  func replacingFirst(_ old: String, with new: String) -> String {
    guard let range = firstRange(of: old) else { return self }
    return replacingCharacters(in: range, with: new)
  }

  private func firstRange(of other: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) {
        return start..<index(start, offsetBy: other.count)
      }
      start = index(after: start)
    }
    return nil
  }

  private func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
    String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
