// Elaborator+Origins: where each dimension comes from, kept as values are made.
// Rendering a derivation as text is in Elaborator+Derivations.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// The derivation of a static expression.
  func origin(ofStatic name: String?, expression: Expression, frame: Frame) -> AxisOrigin {
    switch expression.kind {
    case .parenthesized(let inner): return origin(ofStatic: name, expression: inner, frame: frame)
    case .name(let other):
      guard let binding = frame.statics[other] else {
        return .expression(text: other, expansion: nil, range: expression.range)
      }
      if case .expression(_, let expansion, let range) = binding.origin {
        return .expression(text: other, expansion: expansion, range: range)
      }
      return .expression(text: other, expansion: nil, range: binding.range)
    case .integer, .float:
      return .expression(text: text(expression.range), expansion: nil, range: expression.range)
    default:
      let written = text(expression.range)
      let values = expansionText(expression, frame: frame)
      let expansion = values == written ? nil : values
      if let name {
        return .expression(
          text: name,
          expansion: ([written] + [expansion].compactMap { $0 }).joined(separator: " = "),
          range: expression.range)
      }
      return .expression(text: written, expansion: expansion, range: expression.range)
    }
  }

  /// The derivation of a dimension in a type.
  func origin(ofDimension expression: Expression, frame: Frame) -> AxisOrigin {
    if case .name(let name) = expression.kind, let binding = frame.dimensions[name] {
      return binding.origin
    }
    return origin(ofStatic: nil, expression: expression, frame: frame)
  }

  /// An expression with the values of its names: `6 × 128`.
  func expansionText(_ expression: Expression, frame: Frame) -> String {
    switch expression.kind {
    case .name(let name): return frame.statics[name]?.value.text ?? name
    case .integer(let value, let digits): return value.map(String.init) ?? digits
    case .parenthesized(let inner): return "(" + expansionText(inner, frame: frame) + ")"
    case .unary(let symbol, let operand):
      return symbol.rawValue + expansionText(operand, frame: frame)
    case .binary(let symbol, let left, let right):
      let sign = symbol == .multiply ? "×" : symbol.rawValue
      return expansionText(left, frame: frame) + " \(sign) " + expansionText(right, frame: frame)
    case .call(let call):
      let arguments = call.arguments.map { expansionText($0.value, frame: frame) }
      return text(call.callee.range) + "(" + arguments.joined(separator: ", ") + ")"
    case .member:
      return staticInteger(expression, frame: frame).map(String.init) ?? text(expression.range)
    default: return text(expression.range)
    }
  }

  /// Gives the results of an operation their derivations.
  mutating func describe(
    _ results: [ValueID], operation: any Operation, operands: [ValueID], pattern: PatternSyntax?,
    bindings: [SizeBinding], frame: inout Frame
  ) {
    // The builder is never held in a variable here: describing would copy all of its values.
    let values = operands.compactMap { frame.builder?.values[$0.index] }
    for result in results {
      guard let shape = frame.builder?.shape(of: result) else { return }
      var origins: [AxisOrigin]
      if let pattern, let output = pattern.output, output.axes.count == shape.count,
        !output.axes.contains(where: { $0.kind == .ellipsis })
      {
        origins = patternOrigins(
          pattern, output: output, operands: values, sizes: operation.attributes, bindings: bindings
        )
      } else {
        origins = alignedOrigins(shape, operands: values)
      }
      if origins.count != shape.count { origins = [] }
      frame.builder?.describe(result, origins: origins)
    }
  }

  /// The axis that a slice from 0 cuts has the size that its call says.
  mutating func describeSlice(
    _ results: [ValueID], _ operation: any Operation, _ call: CallSyntax, _ frame: inout Frame
  ) {
    guard let result = results.first, operation.attributes.dimension("from")?.constant == 0,
      let given = operation.attributes.integer("axis"),
      let end = call.arguments.last(where: { $0.label?.text == "to" })?.value,
      !names(in: end).isEmpty, var origins = frame.builder?.values[result.index].origins
    else { return }
    let axis = given < 0 ? given + origins.count : given
    guard origins.indices.contains(axis), origins[axis] == .unknown else { return }
    origins[axis] = origin(ofStatic: nil, expression: end, frame: frame)
    frame.builder?.describe(result, origins: origins)
  }

  /// Axes that a result shares with an operand, aligned from the right.
  private func alignedOrigins(_ shape: [Dimension], operands: [Value]) -> [AxisOrigin] {
    shape.indices.map { axis in
      let back = shape.count - axis
      for operand in operands where operand.origins.count == operand.type.rank {
        let position = operand.type.rank - back
        guard position >= 0, operand.type.shape[position] == shape[axis] else { continue }
        return passed(operand, axis: position)
      }
      return .unknown
    }
  }

  /// The same axis of a later value; named values are mentioned on the way.
  private func passed(_ operand: Value, axis: Int) -> AxisOrigin {
    guard operand.origins.indices.contains(axis) else { return .unknown }
    guard let name = operand.name else { return operand.origins[axis] }
    if case .passed(_, _, let from) = operand.origins[axis] {
      // Only the nearest name is kept: a chain of them helps nobody.
      return .passed(value: name, axis: axis, from: from)
    }
    return .passed(value: name, axis: axis, from: operand.origins[axis])
  }

  private func patternOrigins(
    _ pattern: PatternSyntax, output: AxisListSyntax, operands: [Value], sizes: Attributes,
    bindings: [SizeBinding]
  ) -> [AxisOrigin] {
    var known: [String: AxisOrigin] = [:]
    for (list, operand) in zip(pattern.inputs, operands) {
      let hasEllipsis = list.axes.contains { $0.kind == .ellipsis }
      for (position, axis) in list.axes.enumerated() {
        let index =
          hasEllipsis ? operand.type.rank - (list.axes.count - position) : position
        guard operand.type.shape.indices.contains(index) else { continue }
        switch axis.kind {
        case .name(let name):
          if known[name] == nil { known[name] = passed(operand, axis: index) }
        case .group(let parts):
          split(
            parts, range: axis.range, of: operand, axis: index, sizes: sizes, bindings: bindings,
            into: &known)
        default: continue
        }
      }
    }
    return output.axes.map { axis in
      switch axis.kind {
      case .name(let name): return known[name] ?? size(of: name, sizes: sizes, bindings: bindings)
      case .group(let parts):
        let names = parts.compactMap { if case .name(let name) = $0.kind { name } else { nil } }
        return .merged(
          text: text(axis.range), parts: names.map { known[$0] ?? .unknown })
      default: return .unknown
      }
    }
  }

  private func size(
    of name: String, sizes: Attributes, bindings: [SizeBinding]
  ) -> AxisOrigin {
    guard let dimension = sizes.dimension(name) else { return .unknown }
    let binding = bindings.first { $0.name.text == name }
    return .pattern(
      axis: name, size: dimension.description,
      reason: binding.map { "set by `\(text($0.range))`" } ?? "given in the call",
      range: binding?.range)
  }

  private func split(
    _ parts: [AxisSyntax], range: SourceRange, of operand: Value, axis: Int, sizes: Attributes,
    bindings: [SizeBinding], into known: inout [String: AxisOrigin]
  ) {
    let whole = operand.type.shape[axis]
    var rest = whole
    for part in parts {
      switch part.kind {
      case .number(let number): rest = rest.floorDivided(by: Dimension(number))
      case .name(let name):
        if let size = sizes.dimension(name) { rest = rest.floorDivided(by: size) }
      default: continue
      }
    }
    let source = operand.name ?? operand.range.map { text($0) } ?? "the operand"
    for part in parts {
      guard case .name(let name) = part.kind, known[name] == nil else { continue }
      if sizes.dimension(name) != nil {
        known[name] = self.size(of: name, sizes: sizes, bindings: bindings)
        continue
      }
      let others = parts.compactMap { other -> String? in
        switch other.kind {
        case .number(let number): return String(number)
        case .name(let otherName) where otherName != name:
          return sizes.dimension(otherName)?.description
        default: return nil
        }
      }
      let quotient = ([whole.description] + others).joined(separator: " / ")
      known[name] = .merged(
        text:
          "\(name)|\(rest)|from \(source) \(operand.type.shapeText) split as \(text(range)): \(quotient)",
        parts: operand.origins.indices.contains(axis) ? [operand.origins[axis]] : [])
    }
  }

  // MARK: Config fields

  /// Where a field's value is written: `config, line 3`.
  func place(
    of range: SourceRange, isDefault: Bool, path: String, _ line: Int, home: Int
  ) -> String {
    let isFilledFromFile = overrides.contains { override in
      override.range.map { library.sources[$0.source].path != "--set" } ?? false
    }
    // A line alone is one of the file that was asked for.
    if range.source == library.files[home].syntax.source, !isFilledFromFile {
      return "config, line \(line)"
    }
    if path.hasPrefix("--") { return "config, \(path)" }
    return "config, \(isFilledFromFile && isDefault ? "default of " : "")\(path), line \(line)"
  }

  /// How a field comes about that is computed: `: 4 * width = 4 × 64`.
  func sum(_ expression: Expression, _ value: StaticValue, frame: Frame) -> String {
    let written = text(expression.range)
    guard !names(in: expression).isEmpty, written.count <= 60 else { return "" }
    let values = expansionText(expression, frame: frame)
    return values == value.text ? "" : ": \(written)" + (values == written ? "" : " = \(values)")
  }

  // MARK: Across calls

  /// The derivations of a call's result, told in the caller's words.
  func outerOrigins(
    of value: Value, site: CallSite, result: ValueID, types: [TensorType]
  ) -> [AxisOrigin] {
    value.origins.map { translate($0, statics: site.statics) }
  }

  func translate(_ origin: AxisOrigin, statics: [String: StaticBinding]) -> AxisOrigin {
    switch origin {
    case .passed(_, _, let from): return translate(from, statics: statics)
    case .expression(let text, _, _):
      if let binding = statics[text], binding.origin != .unknown { return binding.origin }
      return origin
    default: return origin
    }
  }

  /// The arguments with which a layer was made.
  func staticArguments(
    of layer: LayerValue, element: DefinitionID? = nil, frame: Frame
  ) -> [String: StaticBinding] {
    guard let definition = frame.definition, layer.reference.base == .own,
      let last = layer.reference.steps.last
    else { return [:] }
    var owner = definition
    if layer.reference.steps.count > 1 {
      let above = InstanceReference(steps: Array(layer.reference.steps.dropLast()))
      guard let found = self.definition(of: above, within: definition) else { return [:] }
      owner = found.index
    }
    return element.flatMap { contexts[owner].elementArguments[$0] }
      ?? contexts[owner].childArguments[last.child] ?? [:]
  }

  /// Where a layer is declared.
  func declarationRange(of layer: LayerValue, frame: Frame) -> SourceRange? {
    guard let definition = frame.definition, layer.reference.base == .own,
      layer.reference.steps.count == 1
    else { return nil }
    let children = program.definitions[definition].children
    let index = layer.reference.steps[0].child
    return children.indices.contains(index) ? children[index].range : nil
  }
}
