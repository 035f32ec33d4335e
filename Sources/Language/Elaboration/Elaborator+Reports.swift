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
    // `input of `cross`` reads better the other way round.
    let parts = kind.split(separator: " of `")
    let missing =
      parts.count == 2
      ? "`\(parts[1]) has no \(parts[0]) `\(name.text)`" : "there is no \(kind) `\(name.text)`"
    var diagnostic = Diagnostic(
      id: "unknown-name", severity: .error,
      message: missing + (near.map { "; did you mean `\($0)`?" } ?? ""), range: name.range)
    if let near {
      diagnostic.fixes = [
        .renaming(name.range, to: near)
      ]
    } else if !unique.isEmpty, unique.count <= 24 {
      diagnostic.facts = [.line("known: " + unique.joined(separator: ", "))]
    }
    report(diagnostic, definition: definition)
  }

  mutating func reportRedefinition(_ name: Name, first: Name) {
    reportRedefinition(name, "`\(name.text)` is set twice", first: first.range, definition: nil)
  }

  mutating func reportRedefinition(
    _ name: Name, _ message: String, first: SourceRange?, definition: Int?
  ) {
    report(
      Diagnostic(
        id: "duplicate-name", severity: .error, message: message, range: name.range,
        notes: first.map { [Note(message: "the first stands here", range: $0)] } ?? []),
      definition: definition)
  }

  mutating func reportArity(
    _ block: Name, parameters: [StaticParameter], found: Int, range: SourceRange
  ) {
    let signature = parameters.map { "\($0.name.text): \($0.type.text)" }.joined(separator: ", ")
    report(
      Diagnostic(
        id: "wrong-argument-count", severity: .error,
        message: "`\(block.text)` takes \(counted(parameters.count, "argument")), found \(found)",
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
        message:
          "`\(schema.name)` takes \(needed) operand\(needed == "1" ? "" : "s"), found \(found)",
        range: range,
        facts: [.line(schema.shapes)]), definition: frame.definition)
  }

  mutating func reportInputCount(
    _ callee: String, inputs: [SignatureItem], missing: [SignatureItem], found: Int,
    range: SourceRange, frame: Frame
  ) {
    let signature = inputs.map { text($0.range) }.joined(separator: ", ")
    var facts: [Fact] = [.line("forward(\(signature))")]
    if !missing.isEmpty {
      facts.append(.line("missing: " + missing.map { text($0.range) }.joined(separator: ", ")))
    }
    report(
      Diagnostic(
        id: "wrong-argument-count", severity: .error,
        message: "`\(callee)` takes \(counted(inputs.count, "tensor")), found \(found)",
        range: range, facts: facts), definition: frame.definition)
  }

  /// `1 tensor`, `2 tensors`.
  func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
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
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - type: the type as it is declared.
  ///   - owner: what needs it, such as "`in` of `linear`".
  ///   - written: the expression that gives the value.
  ///   - frame: the names of that expression.
  /// - Returns: the value as that type; `.invalid` after a report.
  mutating func coerce(
    _ value: StaticValue, to type: Name, of owner: String, written: Expression, frame: Frame
  ) -> StaticValue {
    switch (type.text, value) {
    case (_, .invalid), (_, .none): return value
    case ("Int", .integer), ("Float", .float), ("Bool", .boolean), ("String", .string),
      ("List", .list), ("Dim", .integer), ("Dim", .dimension):
      return value
    case ("Float", .integer(let number, _)): return .float(Double(number))
    case ("Int", .float(let number)), ("Dim", .float(let number)):
      if let whole = Int(exactly: number) { return .literal(whole) }
      reportFraction(number, written, needs: "\(owner) needs a whole number", frame: frame)
      return .invalid
    case (_, .layer(let layer)):
      if case .single(let definition) = layer.form {
        let block = contexts[definition.index].name
        if type.text == "layer" || type.text == block { return value }
        report(
          Diagnostic(
            id: "wrong-argument-type", severity: .error,
            message: "\(owner) needs a layer of type \(type.text), found one of type \(block)",
            range: written.range, notes: declarationNote(of: type)), definition: frame.definition)
        return .invalid
      }
    default: break
    }
    report(
      Diagnostic(
        id: "wrong-argument-type", severity: .error,
        message: "\(owner) needs \(type.text), found \(value.kindName) \(value.text)",
        range: written.range, notes: declarationNote(of: type)), definition: frame.definition)
    return .invalid
  }

  /// Where a type is declared, unless that is the prelude, which explains nothing.
  private func declarationNote(of type: Name) -> [Note] {
    guard type.range.source != library.files[library.preludeFile].syntax.source else { return [] }
    return [Note(message: "the type is declared here", range: type.range)]
  }

  /// Reports a fraction where a whole number is needed.
  mutating func reportFraction(
    _ value: Double, _ written: Expression, needs: String, frame: Frame
  ) {
    let code = text(written.range)
    var facts = expansionFacts(written, frame: frame)
    var fixes: [FixIt] = []
    if case .binary(.divide, let whole, let part) = written.kind,
      let a = staticInteger(whole, frame: frame), let b = staticInteger(part, frame: frame), b > 0
    {
      facts.insert(.line("\(a) = \(b) × \(a / b) + \(a % b)"), at: 0)
      let near = divisors(of: a, near: b, part: part, frame: frame)
      facts.insert(contentsOf: near.facts, at: 1)
      fixes = near.fixes
    } else if written.kind != .invalid {
      fixes = [
        FixIt(
          message: "round towards zero (changes the model)",
          edits: [Edit(range: written.range, replacement: "int(\(code))")], effect: .model)
      ]
    }
    report(
      Diagnostic(
        id: "not-a-whole-number", severity: .error,
        message: "`\(code)` is \(value), but \(needs)", range: written.range, facts: facts,
        fixes: fixes), definition: frame.definition,
      cause: "\(code) = \(value) in \(frame.definition ?? -1)")
  }

  /// The whole number that an expression stands for, without a report.
  func staticInteger(_ expression: Expression, frame: Frame) -> Int? {
    guard findings.count <= Elaborator.mostSuggestions else { return nil }
    var trial = self
    var frame = frame
    frame.builder = nil
    return trial.evaluateStatic(expression, frame: &frame).integerValue
  }
}

extension Int {
  /// The digits as the language writes large numbers: `1_000_000`.
  var grouped: String {
    let digits = String(magnitude)
    guard digits.count > 3 else { return String(self) }
    var result = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position) % 3 == 0 { result.append("_") }
      result.append(digit)
    }
    return (self < 0 ? "-" : "") + result
  }
}

extension FixIt {
  /// Another name in the place of a misspelt one.
  static func renaming(_ range: SourceRange, to name: String) -> FixIt {
    FixIt(
      message: "write `\(name)`", edits: [Edit(range: range, replacement: name)], effect: .model)
  }
}

extension ElementType {
  /// The type that a name from elsewhere means, such as `int32` or `float16`.
  static func named(like word: String) -> ElementType? {
    switch word.lowercased() {
    case "int", "int32", "integer", "long32": .i32
    case "int64", "long": .i64
    case "float", "float32", "single", "fp32": .f32
    case "double", "float64", "fp64": .f64
    case "half", "float16", "fp16": .f16
    case "bfloat16", "bfloat": .bf16
    case "boolean": .bool
    default:
      Nearest.match(word, in: ElementType.allCases.map(\.rawValue)).flatMap {
        ElementType(rawValue: $0)
      }
    }
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
