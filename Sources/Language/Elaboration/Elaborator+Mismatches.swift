// Elaborator+Mismatches: the diagnostics of calls that do not fit: signatures and operations.
// Errors inside the prelude are told at the user's call, in the user's names.
import Diagnostics
import Dimensions
import IR

/// An operand that does not fit an input.
struct SignatureMismatch {
  var item: SignatureItem
  var operand: Value
  var position: Int
  var site: CallSite
  /// The definition called.
  var callee: Int

  /// The range of the argument, as the user wrote it.
  var range: SourceRange {
    site.arguments.indices.contains(position) ? site.arguments[position] : site.range
  }

  var inputName: String { item.name?.text ?? "input \(position)" }
}

extension Elaborator {
  private func declarationNote(_ mismatch: SignatureMismatch, argument: String?) -> [Note] {
    guard let range = mismatch.site.calleeRange else {
      return [Note(message: "its input is declared here", range: mismatch.item.range)]
    }
    if let argument, let binding = mismatch.site.statics[argument], let place = binding.range {
      return [
        Note(
          message:
            "`\(mismatch.site.calleeText)` is declared here with \(argument == "in" ? "input size" : "`\(argument)` =") `\(text(place))`",
          range: place)
      ]
    }
    return [Note(message: "`\(mismatch.site.calleeText)` is declared here", range: range)]
  }

  mutating func reportAxisMismatch(
    _ mismatch: SignatureMismatch, axis: Int, needed: Dimension, expression: Expression,
    verdict: Verdict, frame: Frame, caller: Frame
  ) {
    let found = mismatch.operand.type
    let callee = mismatch.site.calleeText
    let last = axis == found.rank - 1
    let message: String
    if last {
      message =
        "`\(callee)` needs a last axis of \(needed), but its input ends in \(found.shape[axis])"
    } else {
      message =
        "`\(callee)` needs axis \(axis) of `\(mismatch.inputName)` to be \(needed), found \(found.shape[axis])"
    }
    var diagnostic = Diagnostic(
      id: "shape-mismatch", severity: .error, message: message, range: mismatch.range,
      label: found.shapeText)
    var argument: String?
    if case .name(let name) = expression.kind { argument = name }
    let open = mismatch.item.type.dimensions.first?.kind == .ellipsis
    let needs: [Dimension]
    var origins: [AxisOrigin]
    if open {
      needs = [needed]
      origins = [origin(ofDimension: expression, frame: frame)]
    } else {
      needs = found.shape.indices.map { $0 == axis ? needed : found.shape[$0] }
      origins = mismatch.item.type.dimensions.map { origin(ofDimension: $0, frame: frame) }
    }
    if let argument, let binding = mismatch.site.statics[argument], binding.origin != .unknown {
      origins[open ? 0 : axis] = binding.origin
    }
    diagnostic.facts = [.blank]
    diagnostic.facts += comparison(
      needs: needs, needsOrigins: origins, found: mismatch.operand, frame: caller, open: open)
    if needed.constant == nil || found.shape[axis].constant == nil {
      diagnostic.facts += assumptionFacts(needed - found.shape[axis]) + facts(of: verdict)
    }
    diagnostic.notes = declarationNote(mismatch, argument: argument)
    if let fix = renameFix(mismatch, argument: argument, found: found.shape[axis], caller: caller) {
      diagnostic.fixes.append(fix)
    }
    report(diagnostic, definition: caller.definition)
  }

  /// Proposes the static name that has the size found, in place of the argument that has not.
  private func renameFix(
    _ mismatch: SignatureMismatch, argument: String?, found: Dimension, caller: Frame
  ) -> FixIt? {
    guard let argument, let binding = mismatch.site.statics[argument], let range = binding.range,
      binding.expression != nil, let size = found.constant, let definition = caller.definition
    else { return nil }
    let names = contexts[definition].statics.filter { $0.value.value.integerValue == size }.keys
    let derived = originText(mismatch.operand).flatMap { text in
      names.first { text.contains($0) }
    }
    guard let name = derived ?? (names.count == 1 ? names.first : nil),
      library.sources.text(in: range) != name
    else { return nil }
    return FixIt(
      message: "give `\(mismatch.site.calleeText)` the size that arrives, `\(name)` = \(size)"
        + " (changes the parameters)",
      edits: [Edit(range: range, replacement: name)], effect: .parameters)
  }

  private func originText(_ value: Value) -> String? {
    guard let origin = value.origins.last else { return nil }
    return derivation(value.type.shape[value.type.rank - 1], origin).joined(separator: " ")
  }

  mutating func reportElementMismatch(
    _ mismatch: SignatureMismatch, wanted: ElementType, caller: Frame
  ) {
    let found = mismatch.operand.type
    report(
      Diagnostic(
        id: "wrong-element-type", severity: .error,
        message: "`\(mismatch.site.calleeText)` needs \(wanted.kind.rawValue) elements as"
          + " `\(mismatch.inputName)`, found \(found.element.rawValue)", range: mismatch.range,
        label: found.description, notes: declarationNote(mismatch, argument: nil)),
      definition: caller.definition)
  }

  mutating func reportRankMismatch(
    _ mismatch: SignatureMismatch, fixed: Int, open: Bool, caller: Frame
  ) {
    let found = mismatch.operand.type
    let shape = mismatch.item.type.dimensions.map { text($0.range) }.joined(separator: ", ")
    report(
      Diagnostic(
        id: "rank-mismatch", severity: .error,
        message: "`\(mismatch.site.calleeText)` needs \(open ? "at least " : "")\(fixed) axes as"
          + " `\(mismatch.inputName)`, found \(found.rank)", range: mismatch.range,
        label: found.shapeText,
        facts: [.line("needs: [\(shape)]"), .line("found: \(found.shapeText)")],
        notes: declarationNote(mismatch, argument: nil)), definition: caller.definition)
  }

  mutating func reportEllipsisMismatch(
    _ mismatch: SignatureMismatch, known: [Dimension], found: [Dimension], caller: Frame
  ) {
    report(
      Diagnostic(
        id: "shape-mismatch", severity: .error,
        message: "the leading axes of `\(mismatch.inputName)` differ from those of the first input",
        range: mismatch.range, label: mismatch.operand.type.shapeText,
        facts: [
          .line("needs: [\(known.map(\.description).joined(separator: ", ")), ...]"),
          .line("found: [\(found.map(\.description).joined(separator: ", ")), ...]"),
        ]), definition: caller.definition)
  }

  // MARK: Operations

  mutating func reportFault(
    _ fault: Fault, schema: OperationSchema, operands: [ValueID], ranges: [SourceRange],
    pattern: PatternSyntax?, range: SourceRange, frame: Frame
  ) {
    guard let builder = frame.builder else { return }
    var primary = range
    var label: String?
    if let operand = fault.operand, ranges.indices.contains(operand) {
      primary = ranges[operand]
      label = builder.type(of: operands[operand]).shapeText
    }
    if let place = fault.place, let pattern, let axis = axis(at: place, in: pattern) {
      primary = axis.range
    }
    var message = fault.message
    var site: CallSite?
    var position = callSites.count - 1
    var current = frame.file
    var value = fault.operand.flatMap { operands.indices.contains($0) ? operands[$0] : nil }
    // Climb out of the prelude to the call that a user wrote.
    while current == library.preludeFile, position >= 0 {
      site = callSites[position]
      primary = callSites[position].range
      if position == callSites.count - 1, let id = value,
        let input = inputPosition(of: id, frame: frame),
        callSites[position].arguments.indices.contains(input)
      {
        primary = callSites[position].arguments[input]
      }
      current = library.files.firstIndex { $0.syntax.source == primary.source } ?? 0
      value = nil
      position -= 1
    }
    if let site, fault.kind == "index-out-of-range" {
      message = message.replacingFirst("the table", with: "`\(site.calleeText)`")
    } else if let site {
      message = "`\(site.calleeText)`: " + message
    }
    var diagnostic = Diagnostic(
      id: fault.kind, severity: .error, message: message, range: primary, label: label)
    if let needs = fault.needs { diagnostic.facts.append(.line("needs: \(needs)")) }
    if let found = fault.found {
      var line = "found: \(found)"
      if let operand = fault.operand, let axis = fault.axis, operands.indices.contains(operand) {
        let value = builder.values[operands[operand].index]
        if value.origins.indices.contains(axis), value.type.shape.indices.contains(axis) {
          let lines = derivation(value.type.shape[axis], value.origins[axis])
          if let first = lines.first { line += "     " + first }
          diagnostic.facts.append(.line(line))
          for more in lines.dropFirst() { diagnostic.facts.append(.continuation("      " + more)) }
          line = ""
        }
      }
      if !line.isEmpty { diagnostic.facts.append(.line(line)) }
    }
    if let claim = fault.claim, let verdict = fault.verdict {
      let symbolic = !claim.symbols.isEmpty
      if symbolic {
        if fault.needs == nil { diagnostic.facts.append(.line("needs: \(claim)")) }
        for symbol in claim.symbols.sorted() {
          diagnostic.facts += assumptionFacts(Dimension(symbol))
        }
        diagnostic.facts += facts(of: verdict)
        diagnostic.notes += boundNotes(claim)
        diagnostic.fixes += boundFixes(claim)
      }
    }
    let owner = site == nil ? frame.definition : callerDefinition(frame)
    report(diagnostic, definition: owner)
  }

  /// The definition of the innermost user code around a fault in the prelude.
  private func callerDefinition(_ frame: Frame) -> Int? {
    callSites.last?.definition ?? frame.definition
  }

  private func inputPosition(of value: ValueID, frame: Frame) -> Int? {
    guard let builder = frame.builder else { return nil }
    for node in builder.nodes {
      if case .input(let position) = node.kind, node.results.first == value { return position }
    }
    return nil
  }

  private func axis(at place: Fault.PatternPlace, in pattern: PatternSyntax) -> AxisSyntax? {
    let list: AxisListSyntax?
    if let input = place.list {
      list = pattern.inputs.indices.contains(input) ? pattern.inputs[input] : nil
    } else {
      list = pattern.output
    }
    guard let list, list.axes.indices.contains(place.axis) else { return nil }
    return list.axes[place.axis]
  }
}
