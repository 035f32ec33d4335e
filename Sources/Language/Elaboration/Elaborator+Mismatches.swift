// Elaborator+Mismatches: the diagnostics of operands that do not fit a signature.
// Faults of operations are in Elaborator+Faults.
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
    // A block that is made and applied at once has no declaration but this call.
    if range == mismatch.site.range { return [] }
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
    if last, mismatch.site.operands.count > 1 {
      message =
        "`\(callee)` needs `\(mismatch.inputName)` to end in \(needed), but it ends in"
        + " \(found.shape[axis])"
    } else if last {
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
    if let fix = swapFix(mismatch, caller: caller) {
      diagnostic.fixes = [fix]
    } else {
      diagnostic.fixes += [
        swapSizesFix(mismatch, argument: argument, found: found.shape[axis]),
        renameFix(mismatch, argument: argument, found: found.shape[axis], caller: caller),
      ].compactMap { $0 }
    }
    report(diagnostic, definition: caller.definition)
  }

  /// Two arguments in the other order, where both then fit.
  private func swapFix(_ mismatch: SignatureMismatch, caller: Frame) -> FixIt? {
    let site = mismatch.site
    guard site.operands.count == 2, site.arguments.count == 2,
      findings.count <= Elaborator.mostSuggestions,
      let inputs = contexts[mismatch.callee].forward?.inputs, inputs.count == 2
    else { return nil }
    var trial = self
    trial.callSites = []
    var inner = forwardFrame(mismatch.callee)
    for (position, operand) in site.operands.reversed().enumerated() {
      guard
        trial.match(
          inputs[position], operand: operand, position: position,
          site: CallSite(range: site.range, calleeText: "", arguments: [], statics: [:]),
          frame: &inner, caller: caller, callee: mismatch.callee)
      else { return nil }
    }
    return FixIt(
      message: "pass the two in the other order (changes the model)",
      edits: [
        Edit(range: site.arguments[0], replacement: text(site.arguments[1])),
        Edit(range: site.arguments[1], replacement: text(site.arguments[0])),
      ], effect: .model)
  }

  /// Two static arguments in the other order, where the size that arrives is the other's.
  private func swapSizesFix(
    _ mismatch: SignatureMismatch, argument: String?, found: Dimension
  ) -> FixIt? {
    let statics = mismatch.site.statics
    guard let argument, let size = found.constant, let range = statics[argument]?.range else {
      return nil
    }
    let others = statics.filter { name, binding in
      name != argument && binding.value.integerValue == size
        && binding.range?.source == range.source && binding.range != range
    }
    guard others.count == 1, let other = others.first?.value.range else { return nil }
    return FixIt(
      message: "swap `\(text(range))` and `\(text(other))` (changes the parameters)",
      edits: [
        Edit(range: range, replacement: text(other)), Edit(range: other, replacement: text(range)),
      ], effect: .parameters)
  }

  /// Proposes the static name that has the size found, in place of the argument that has not.
  private func renameFix(
    _ mismatch: SignatureMismatch, argument: String?, found: Dimension, caller: Frame
  ) -> FixIt? {
    guard let argument, let binding = mismatch.site.statics[argument], let range = binding.range,
      let written = binding.expression, let size = found.constant,
      let definition = caller.definition,
      names(in: written).allSatisfy({ contexts[definition].statics[$0] != nil })
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
        label: found.description, notes: declarationNote(mismatch, argument: nil),
        fixes: elementFix(mismatch, wanted: wanted, caller: caller)), definition: caller.definition)
  }

  /// Integers come from outside, so the signature that lets them in is what to mend.
  private func elementFix(
    _ mismatch: SignatureMismatch, wanted: ElementType, caller: Frame
  ) -> [FixIt] {
    guard wanted.kind == .index, let definition = caller.definition,
      contexts[definition].isModel,
      let item = contexts[definition].forward?.inputs.first(where: {
        $0.name?.text == text(mismatch.range)
      })
    else { return [] }
    let type = item.type
    let place = type.element?.range ?? SourceRange(source: type.range.source, at: type.range.lower)
    return [
      FixIt(
        message: "declare `\(text(mismatch.range))` as \(wanted.rawValue) (changes the model)",
        edits: [Edit(range: place, replacement: wanted.rawValue)], effect: .model)
    ]
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
}
