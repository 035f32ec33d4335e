// Elaborator+Signatures: tensor types as they are written, and matching operands against them.
// A mismatch is reported where the user wrote the operand, with the derivation of both sides.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// The type that an annotation means, with the dimensions known here.
  mutating func resolve(_ syntax: TypeSyntax, frame: inout Frame) -> TensorType? {
    var shape: [Dimension] = []
    for expression in syntax.dimensions {
      if case .ellipsis = expression.kind {
        guard let leading = frame.ellipsis else {
          report(
            Diagnostic(
              id: "dimension-not-bound", severity: .error,
              message: "`...` has no meaning here: no input of this forward has one",
              range: expression.range), definition: frame.definition)
          return nil
        }
        shape += leading
        continue
      }
      let value = evaluateStatic(expression, frame: &frame)
      guard let dimension = value.asDimension else {
        if case .float(let number) = value {
          reportFraction(number, expression, needs: "a dimension is a whole number", frame: frame)
        } else if value != .invalid {
          report(
            Diagnostic(
              id: "not-a-dimension", severity: .error,
              message: "a dimension is a whole number or a symbol, found \(value.kindName)"
                + " \(value.text)", range: expression.range), definition: frame.definition)
        }
        return nil
      }
      if let constant = dimension.constant, constant < 0 {
        if !wrongSizes.insert(constant).inserted { return nil }
        report(
          Diagnostic(
            id: "size-out-of-range", severity: .error,
            message: "a dimension can't be \(constant)", range: expression.range,
            facts: expansionFacts(expression, frame: frame)), definition: frame.definition)
        return nil
      }
      shape.append(dimension)
    }
    return TensorType(element(of: syntax, frame: frame), shape)
  }

  private mutating func element(of syntax: TypeSyntax, frame: Frame) -> ElementType {
    guard let name = syntax.element else { return elementType }
    if let element = ElementType(rawValue: name.text) { return element }
    let meant = ElementType.named(like: name.text)
    report(
      Diagnostic(
        id: "unknown-name", severity: .error,
        message: "there is no element type `\(name.text)`"
          + (meant.map { "; did you mean `\($0.rawValue)`?" } ?? ""), range: name.range,
        facts: [
          .line("known: " + ElementType.allCases.map(\.rawValue).sorted().joined(separator: ", "))
        ], fixes: meant.map { [FixIt.renaming(name.range, to: $0.rawValue)] } ?? []),
      definition: frame.definition)
    return meant ?? elementType
  }

  /// Matches an operand against an input of a signature, binding its dimensions.
  mutating func match(
    _ item: SignatureItem, operand: Value, position: Int, site: CallSite, frame: inout Frame,
    caller: Frame, callee: Int
  ) -> Bool {
    let type = operand.type
    let wanted = element(of: item.type, frame: frame)
    let mismatch = SignatureMismatch(
      item: item, operand: operand, position: position, site: site, callee: callee)
    guard wanted.kind == type.element.kind else {
      reportElementMismatch(mismatch, wanted: wanted, caller: caller)
      return false
    }
    let dimensions = item.type.dimensions
    let ellipsis = dimensions.firstIndex { $0.kind == .ellipsis }
    let fixed = dimensions.count - (ellipsis == nil ? 0 : 1)
    guard ellipsis == nil ? type.rank == fixed : type.rank >= fixed else {
      reportRankMismatch(mismatch, fixed: fixed, open: ellipsis != nil, caller: caller)
      return false
    }
    let before = ellipsis ?? dimensions.count
    let leading = type.rank - fixed
    if ellipsis != nil {
      let found = Array(type.shape[before..<(before + leading)])
      if let known = frame.ellipsis, !sameType(TensorType(.f32, known), TensorType(.f32, found)) {
        reportEllipsisMismatch(mismatch, known: known, found: found, caller: caller)
        return false
      }
      frame.ellipsis = frame.ellipsis ?? found
    }
    for (index, expression) in dimensions.enumerated() where expression.kind != .ellipsis {
      let axis = index < before ? index : index - 1 + leading
      let found = type.shape[axis]
      if case .name(let name) = expression.kind, name.first?.isUppercase == true,
        frame.dimensions[name] == nil, frame.statics[name] == nil
      {
        let origin = operand.origins.indices.contains(axis) ? operand.origins[axis] : .unknown
        frame.dimensions[name] = DimensionBinding(size: found, origin: origin)
        continue
      }
      guard let needed = evaluateStatic(expression, frame: &frame).asDimension else { return false }
      let verdict = needed == found ? Verdict.proved : prover.areEqual(found, needed)
      guard case .proved = verdict else {
        reportAxisMismatch(
          mismatch, axis: axis, needed: needed, expression: expression, verdict: verdict,
          frame: frame, caller: caller)
        return false
      }
    }
    return true
  }

  /// Checks a returned value against the signature; false after a report.
  mutating func checkResult(
    _ value: ValueID, _ type: TensorType, item: SignatureItem, range: SourceRange, frame: Frame
  ) -> Bool {
    guard let found = frame.builder?.values[value.index], !fits(found.type, type) else {
      return true
    }
    var diagnostic = Diagnostic(
      id: "result-mismatch", severity: .error,
      message: "forward promises \(type.shapeText), but returns \(found.type.shapeText)",
      range: range, label: found.type.shapeText,
      notes: [Note(message: "the promise stands here", range: item.type.range)])
    diagnostic.facts = comparison(
      needs: type.shape,
      needsOrigins: item.type.dimensions.map { origin(ofDimension: $0, frame: frame) },
      found: found, frame: frame)
    report(diagnostic, definition: frame.definition)
    return false
  }

  /// Checks an annotated binding.
  mutating func checkAnnotation(
    _ value: ValueID, _ type: TensorType, syntax: TypeSyntax, name: Name, frame: Frame
  ) {
    guard let found = frame.builder?.values[value.index], !fits(found.type, type) else { return }
    var diagnostic = Diagnostic(
      id: "annotation-mismatch", severity: .error,
      message: "`\(name.text)` is annotated \(type.shapeText), but is \(found.type.shapeText)",
      range: syntax.range, label: found.type.shapeText)
    diagnostic.facts = comparison(
      needs: type.shape,
      needsOrigins: syntax.dimensions.map { origin(ofDimension: $0, frame: frame) },
      found: found, frame: frame)
    if let range = found.range {
      diagnostic.notes.append(Note(message: "`\(name.text)` is computed here", range: range))
    }
    report(diagnostic, definition: frame.definition)
  }

  /// Gives a result the derivations of its signature, where that says more than its history.
  mutating func describeResult(_ value: ValueID, item: SignatureItem, frame: inout Frame) {
    guard let known = frame.builder?.values[value.index] else { return }
    let dimensions = item.type.dimensions
    let ellipsis = dimensions.firstIndex { $0.kind == .ellipsis }
    let leading = known.type.rank - (dimensions.count - (ellipsis == nil ? 0 : 1))
    guard ellipsis == nil ? leading == 0 : leading >= 0 else { return }
    var origins =
      known.origins.count == known.type.rank
      ? known.origins : Array(repeating: AxisOrigin.unknown, count: known.type.rank)
    for (index, expression) in dimensions.enumerated() where expression.kind != .ellipsis {
      let axis = ellipsis.map { index > $0 ? index - 1 + leading : index } ?? index
      if case .name(let name) = expression.kind {
        guard frame.statics[name] != nil else { continue }
      } else {
        // An expression explains what nothing else does.
        let names = names(in: expression)
        guard origins[axis] == .unknown, !names.isEmpty,
          names.allSatisfy({ frame.statics[$0] != nil })
        else { continue }
      }
      origins[axis] = origin(ofDimension: expression, frame: frame)
    }
    frame.builder?.describe(value, origins: origins)
  }

  /// Same shape and the same kind of element.
  private func fits(_ found: TensorType, _ promised: TensorType) -> Bool {
    found.element.kind == promised.element.kind
      && sameType(TensorType(.f32, found.shape), TensorType(.f32, promised.shape))
  }
}
