// Elaborator+Operations: calls of operations: operands, attributes and patterns.
// The schema of each operation drives it, so that a new operation needs no line here.
import Diagnostics
import Dimensions
import IR
import Operations

extension Elaborator {
  /// A call of an operation as it is written.
  mutating func callOperation(
    _ operation: any Operation.Type, _ call: CallSyntax, range: SourceRange, frame: inout Frame
  ) -> Term {
    let schema = operation.schema
    var operands: [Term] = []
    var ranges: [SourceRange] = []
    var attributes = Attributes()
    var positional = schema.positional
    var failed = false
    for argument in call.arguments {
      if let label = argument.label {
        if let slot = schema.operands.firstIndex(where: { $0.name == label.text }),
          slot == operands.count
        {
          operands.append(evaluate(argument.value, frame: &frame))
          ranges.append(argument.value.range)
        } else if let attribute = schema.attributes.first(where: { $0.name == label.text }) {
          guard let value = attributeValue(argument.value, attribute, frame: &frame) else {
            failed = true
            continue
          }
          attributes.values[label.text] = value
        } else {
          let known = schema.attributes.map(\.name) + schema.operands.map(\.name)
          reportUnknown(
            label, kind: "argument of `\(schema.name)`", candidates: known,
            definition: frame.definition)
          failed = true
        }
      } else if operands.count < schema.operands.count || schema.variadic {
        operands.append(evaluate(argument.value, frame: &frame))
        ranges.append(argument.value.range)
      } else if let name = positional.first,
        let attribute = schema.attributes.first(where: { $0.name == name })
      {
        positional.removeFirst()
        guard let value = attributeValue(argument.value, attribute, frame: &frame) else {
          failed = true
          continue
        }
        attributes.values[name] = value
      } else {
        let extra = call.arguments.dropFirst(schema.operands.count).map(\.range)
        reportOperandCount(
          schema, found: call.arguments.count,
          range: extra.first?.union(extra[extra.count - 1]) ?? range, frame: frame)
        return .invalid
      }
    }
    if failed || operands.contains(where: \.isInvalid) { return .invalid }
    let required = schema.operands.filter { !$0.optional }.count
    guard operands.count >= required else {
      reportOperandCount(schema, found: operands.count, range: range, frame: frame)
      return .invalid
    }
    guard bindPattern(call, schema: schema, range: range, attributes: &attributes, frame: &frame)
    else { return .invalid }
    for attribute in schema.attributes
    where !attribute.optional && attributes.values[attribute.name] == nil {
      report(
        Diagnostic(
          id: "missing-argument", severity: .error,
          message: "`\(schema.name)` needs `\(attribute.name)`", range: range,
          facts: [.line(schema.shapes)]), definition: frame.definition)
      return .invalid
    }
    return build(
      operation, attributes: attributes, operands: operands, ranges: ranges,
      call: call, range: range, frame: &frame)
  }

  /// An operation by name, for operators.
  mutating func apply(
    _ name: String, _ operands: [Term], _ ranges: [SourceRange],
    attributes: [String: AttributeValue] = [:], range: SourceRange, frame: inout Frame
  ) -> Term {
    guard let operation = Catalogue.operation(named: name) else {
      preconditionFailure("the catalogue has no operation \(name)")
    }
    return build(
      operation, attributes: Attributes(attributes), operands: operands, ranges: ranges,
      call: nil, range: range, frame: &frame)
  }

  private mutating func build(
    _ type: any Operation.Type, attributes: Attributes, operands: [Term], ranges: [SourceRange],
    call: CallSyntax?, range: SourceRange, frame: inout Frame
  ) -> Term {
    guard frame.builder != nil else {
      report(
        Diagnostic(
          id: "not-static", severity: .error,
          message: "`\(type.schema.name)` makes a tensor, and tensors exist only inside forward",
          range: range), definition: frame.definition)
      return .invalid
    }
    // `stack(experts[*].weight)`: each tensor is an operand of its own.
    if type.schema.variadic, operands.contains(where: \.isTuple) {
      var spread: [(Term, SourceRange)] = []
      for (operand, range) in zip(operands, ranges) {
        if case .tuple(let several) = operand {
          spread += several.map { (.tensor($0), range) }
        } else {
          spread.append((operand, range))
        }
      }
      return build(
        type, attributes: attributes, operands: spread.map { $0.0 }, ranges: spread.map { $0.1 },
        call: call, range: range, frame: &frame)
    }
    var values: [ValueID] = []
    let tensors = operands.compactMap { if case .tensor(let value) = $0 { value } else { nil } }
    let given = zip(operands.indices, operands).compactMap { position, operand in
      if case .tensor(let value) = operand { (position, value) } else { nil }
    }
    do throws(Fault) {
      // Before numbers are lifted to tensors: their element type is that of the tensors.
      for (position, value) in given {
        guard let found = frame.builder?.type(of: value) else { continue }
        try checkKind(type.schema, position, found)
      }
    } catch {
      var positions = Array(repeating: given.first?.1, count: operands.count)
      for (position, value) in given { positions[position] = value }
      reportFault(
        error,
        of: RejectedCall(
          operation: type, attributes: attributes, operands: positions.compactMap { $0 },
          ranges: ranges, call: call, range: range), frame: frame)
      return .invalid
    }
    for (position, operand) in operands.enumerated() {
      switch operand {
      case .tensor(let value): values.append(value)
      case .tuple:
        reportTuple(ranges[position], frame: frame)
        return .invalid
      case .fixed(let fixed):
        let kinds = type.schema.operands[min(position, type.schema.operands.count - 1)].kinds
        let like = tensors.first { tensor in
          guard let kind = frame.builder?.type(of: tensor).element.kind else { return false }
          return kind != .mask && kinds.contains(kind)
        }
        guard let lifted = lift(fixed, like: like, range: ranges[position], frame: &frame) else {
          reportNotATensor(fixed, range: ranges[position], frame: frame)
          return .invalid
        }
        values.append(lifted)
      }
    }
    frame.builder?.range = range
    do {
      let operation = try type.init(attributes)
      // The builder is never held in a variable here: emitting would copy all of its values.
      let types = values.compactMap { frame.builder?.type(of: $0) }
      let known = values.map { frame.ranges[$0] }
      try operation.checkValues(of: types, ranges: known, prover: prover)
      guard let results = try frame.builder?.emit(operation, values) else { return .invalid }
      if let bounds = operation.valueRange(of: types, ranges: known), let result = results.first {
        frame.ranges[result] = bounds
      }
      describe(
        results, operation: operation, operands: values, pattern: call?.pattern,
        bindings: call?.bindings ?? [], frame: &frame)
      if let call, operation.name == "slice" { describeSlice(results, operation, call, &frame) }
      return results.count == 1 ? .tensor(results[0]) : .tuple(results)
    } catch {
      reportFault(
        error,
        of: RejectedCall(
          operation: type, attributes: attributes, operands: values, ranges: ranges, call: call,
          range: range), frame: frame)
      return .invalid
    }
  }

  private func checkKind(
    _ schema: OperationSchema, _ position: Int, _ type: TensorType
  ) throws(Fault) {
    let operand = schema.operands[min(position, schema.operands.count - 1)]
    guard !operand.kinds.contains(type.element.kind) else { return }
    let kinds = operand.kinds.map(\.rawValue).joined(separator: " or ")
    // A comparison makes the mask that numbers were meant to be.
    let hint = operand.kinds == [.mask] ? ", as a comparison such as `!= 0` makes one" : ""
    throw Fault(
      "wrong-element-type",
      "`\(schema.name)` needs \(kinds.hasPrefix("integer") ? "an" : "a") \(kinds) tensor as its \(operand.name), found"
        + " \(type.element.rawValue)",
      operand: position, needs: kinds + hint, found: type.description)
  }

  /// A static number as a tensor of rank 0.
  mutating func lift(
    _ value: StaticValue, like other: ValueID?, range: SourceRange, frame: inout Frame
  ) -> ValueID? {
    guard let number = value.asDouble, frame.builder != nil else { return nil }
    var element = elementType
    if let other, let found = frame.builder?.type(of: other).element {
      element = found
      if element.kind == .index, number.rounded() != number { element = elementType }
    }
    frame.builder?.range = range
    guard
      let fill = try? Fill(
        Attributes([
          "value": .float(number), "shape": .dimensions([]), "element": .element(element),
        ])),
      let result = try? frame.builder?.emit(fill, [ValueID]()).first
    else { return nil }
    if element.kind == .index {
      frame.ranges[result] = fill.valueRange(of: [], ranges: [])
    }
    return result
  }

  // MARK: Attributes

  private mutating func attributeValue(
    _ expression: Expression, _ schema: AttributeSchema, frame: inout Frame
  ) -> AttributeValue? {
    let value = evaluateStatic(expression, frame: &frame)
    if value == .invalid { return nil }
    switch (schema.kind, value) {
    case (.integer, .integer(let number, _)): return .integer(number)
    case (.float, _):
      if let number = value.asDouble { return .float(number) }
    case (.boolean, .boolean(let flag)): return .boolean(flag)
    case (.string, .string(let word)): return .string(word)
    case (.element, .string(let word)):
      if let element = ElementType(rawValue: word) { return .element(element) }
      reportUnknown(
        Name(word, expression.range), kind: "element type",
        candidates: ElementType.allCases.map(\.rawValue), definition: frame.definition)
      return nil
    case (.dimension, _):
      if let dimension = value.asDimension { return .dimension(dimension) }
    case (.dimensions, .list(let values)):
      let dimensions = values.compactMap(\.asDimension)
      if dimensions.count == values.count { return .dimensions(dimensions) }
    default: break
    }
    report(
      Diagnostic(
        id: "wrong-argument-type", severity: .error,
        message: "`\(schema.name)` needs a \(schema.kind.rawValue), found \(value.kindName)"
          + " \(value.text)", range: expression.range), definition: frame.definition)
    return nil
  }

  private mutating func bindPattern(
    _ call: CallSyntax, schema: OperationSchema, range: SourceRange,
    attributes: inout Attributes, frame: inout Frame
  ) -> Bool {
    guard let pattern = call.pattern else {
      if schema.pattern == .none { return true }
      report(
        Diagnostic(
          id: "missing-pattern", severity: .error,
          message: "`\(schema.name)` needs a pattern after ` : `", range: range,
          facts: [.line(schema.shapes)]), definition: frame.definition)
      return false
    }
    guard schema.pattern != .none else {
      report(
        Diagnostic(
          id: "unexpected-pattern", severity: .error,
          message: "`\(schema.name)` takes no pattern", range: pattern.range,
          facts: [.line(schema.shapes)]), definition: frame.definition)
      return false
    }
    if (schema.pattern == .arrow) != (pattern.output != nil) {
      let what = schema.pattern == .arrow ? "needs `->` and a result" : "has no `->`"
      report(
        Diagnostic(
          id: "wrong-pattern", severity: .error,
          message: "the pattern of `\(schema.name)` \(what)",
          range: pattern.output.map(\.range) ?? pattern.range,
          facts: [.line(schema.shapes)]), definition: frame.definition)
      return false
    }
    attributes.pattern = Pattern(
      inputs: pattern.inputs.map { $0.axes.map(lower) }, output: pattern.output?.axes.map(lower))
    for binding in call.bindings {
      guard schema.acceptsSizes else {
        report(
          Diagnostic(
            id: "unexpected-size", severity: .error,
            message: "`\(schema.name)` takes no sizes of axes", range: binding.range),
          definition: frame.definition)
        return false
      }
      let value = evaluateStatic(binding.value, frame: &frame)
      guard let size = value.asDimension else {
        if value != .invalid {
          report(
            Diagnostic(
              id: "wrong-argument-type", severity: .error,
              message: "the size of axis `\(binding.name.text)` must be a whole number, found"
                + " \(value.kindName) \(value.text)", range: binding.value.range),
            definition: frame.definition)
        }
        return false
      }
      attributes.values[binding.name.text] = .dimension(size)
    }
    return true
  }

  private func lower(_ axis: AxisSyntax) -> PatternAxis {
    switch axis.kind {
    case .name(let name): .name(name)
    case .number(let number): .number(number)
    case .group(let axes): .group(axes.map(lower))
    case .bracket(let axes): .bracket(axes.map(lower))
    case .ellipsis: .ellipsis
    }
  }
}
