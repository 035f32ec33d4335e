// Elaborator+Model: a model and the models it derives from, its config, dimensions and selections.
// Derivation is settled here, on syntax, so that the rest sees one list of members.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// A member and the file whose names it sees.
  struct PlacedMember {
    var member: Member
    var file: Int
  }

  mutating func elaborateModel(
    _ reference: DeclarationReference, requestedFrom file: Int
  ) -> ElaboratedModel? {
    guard let chain = derivation(of: reference), let last = chain.last else { return nil }
    program.name = last.model.name.text
    let index = openContext(
      file: last.file, name: last.model.name.text, nameRange: last.model.name.range)
    contexts[index].isModel = true
    var frame = Frame(definition: index, file: last.file, statics: [:], weights: [:])
    let members = merge(chain)
    for member in last.model.members {
      switch member {
      case .config(_, let range), .dim(_, let range), .dtype(_, let range): dimensionPlace = range
      default: continue
      }
    }
    bindConfig(chain, frame: &frame)
    configStatics = frame.statics
    bindDimensions(members, frame: &frame)
    prover = Prover(assuming: program.assumptions)
    let state = selections(members, frame: frame)
    process(members.map(\.member), files: members.map(\.file), frame: &frame, state: state)
    closeContext(index, frame: frame, arguments: [])
    reportUnmatchedSelections()
    let root = DefinitionID(index: index)
    program.root = root
    program.entry = entryFunction(root)
    let expectations = elaborateExpectations(last.model.members, frame: frame)
    reportUnused()
    let isSound = !hasErrors
    let plan = elaboratePlan(chain: chain, file: file, frame: frame)
    return ElaboratedModel(
      program: program, expectations: expectations, plan: plan, statics: contexts.map(\.statics),
      range: last.model.name.range,
      elementType: elementType, policies: policies(of: chain),
      unreadFields: unreadFields(of: chain), baseFields: fields(of: chain.dropLast()),
      isSound: isSound)
  }

  /// The models from the first base to the one asked for.
  private mutating func derivation(
    of reference: DeclarationReference
  ) -> [(model: ModelDeclaration, file: Int)]? {
    var chain: [(model: ModelDeclaration, file: Int)] = []
    var seen: Set<DeclarationReference> = []
    var current = reference
    while case .model(let model) = library[current] {
      guard seen.insert(current).inserted else {
        report(
          Diagnostic(
            id: "cyclic-derivation", severity: .error,
            message: "model `\(model.name.text)` derives from itself",
            range: model.base?.range ?? model.name.range,
            facts: [
              .line(
                (chain.reversed().map(\.model.name.text) + [model.name.text])
                  .joined(separator: " -> "))
            ]))
        return nil
      }
      chain.insert((model, current.file), at: 0)
      guard let base = model.base else { return chain }
      guard let next = library.files[current.file].names[base.text] else {
        let models = library.files[current.file].names.keys.filter { name in
          if let found = library.files[current.file].names[name], case .model = library[found] {
            return true
          }
          return false
        }
        reportUnknown(base, kind: "model", candidates: models)
        return nil
      }
      guard case .model = library[next] else {
        report(
          Diagnostic(
            id: "not-a-model", severity: .error,
            message: "`\(base.text)` is not a model, so nothing can derive from it",
            range: base.range))
        return nil
      }
      current = next
    }
    return chain
  }

  /// Base members first; a derived `let` or `forward` stands in the place of the base's.
  private func merge(_ chain: [(model: ModelDeclaration, file: Int)]) -> [PlacedMember] {
    var result: [PlacedMember] = []
    for (position, level) in chain.enumerated() {
      for member in level.model.members {
        let placed = PlacedMember(member: member, file: level.file)
        switch member {
        case .expect, .config, .policy: continue
        case .forward:
          result.removeAll { if case .forward = $0.member { true } else { false } }
          result.append(placed)
        case .binding(let binding) where position > 0:
          let old = result.firstIndex { other in
            if case .binding(let known) = other.member {
              return known.name.text == binding.name.text
            }
            return false
          }
          if let old { result[old] = placed } else { result.append(placed) }
        default: result.append(placed)
        }
      }
    }
    return result
  }

  // MARK: Config

  private mutating func bindConfig(
    _ chain: [(model: ModelDeclaration, file: Int)], frame: inout Frame
  ) {
    var order: [String] = []
    var fields: [String: (field: ConfigField, file: Int)] = [:]
    for (position, level) in chain.enumerated() {
      for case .config(let list, _) in level.model.members {
        for field in list {
          if let known = fields[field.name.text] {
            if known.file == level.file, position == 0 || chain.count == 1 {
              reportRedefinition(field.name, first: known.field.name)
              continue
            }
            var merged = field
            if merged.keys.isEmpty, !merged.acceptsNone {
              merged.keys = known.field.keys
              merged.acceptsNone = known.field.acceptsNone
            }
            if merged.type == nil { merged.type = known.field.type }
            fields[field.name.text] = (merged, level.file)
          } else {
            if position > 0 {
              checkNewField(field.name, chain: chain.suffix(from: position), order)
            }
            order.append(field.name.text)
            fields[field.name.text] = (field, level.file)
          }
        }
      }
    }
    for name in order {
      guard let (field, file) = fields[name] else { continue }
      frame.file = file
      bindConfigField(field, home: chain.last?.file ?? file, frame: &frame)
    }
    for override in overrides where frame.statics[override.name] == nil {
      if override.name.first?.isUppercase == true { continue }
      var name = Name(override.name, SourceRange(source: SourceID(index: 0), at: 0))
      guard let range = override.range else { continue }
      name.range = range
      let written = library.sources[range.source].text
      if written.hasPrefix(override.name + "=") {
        name.range = SourceRange(
          source: range.source, lower: 0, upper: override.name.utf8.count)
      }
      reportUnknown(name, kind: "config field", candidates: order)
    }
  }

  /// A field that a derived model adds, that nothing reads and that the base has almost.
  private mutating func checkNewField(
    _ name: Name, chain: ArraySlice<(model: ModelDeclaration, file: Int)>, _ known: [String]
  ) {
    // Nobody loses the overview of a few fields and slips; numbered names are alike on purpose.
    guard known.count <= 64, let near = Nearest.match(name.text, in: known),
      near.filter(\.isLetter) != name.text.filter(\.isLetter)
    else { return }
    let mentions = Set(chain.map(\.file)).reduce(0) { count, file in
      let words = library.files[file].syntax.source
      return count
        + library.sources[words].text.split {
          !($0.isLetter || $0.isNumber || $0 == "_")
        }.count { $0 == name.text }
    }
    guard mentions == 1 else { return }
    reportUnknown(name, kind: "config field", candidates: known)
  }

  private mutating func bindConfigField(
    _ field: ConfigField, home: Int, frame: inout Frame
  ) {
    let name = field.name.text
    let override = overrides.first { $0.name == name }
    var value: StaticValue
    var range = field.value.range
    if let override, override.value != .none || field.acceptsNone {
      usedOverrides.insert(name)
      value = override.value
      range = override.range ?? range
    } else {
      value = evaluateStatic(field.value, frame: &frame)
    }
    if override != nil, let kind = field.type?.text ?? implied(field.value) {
      let given = Expression(.invalid, range)
      let type = field.type ?? Name(kind, field.range)
      value = coerce(value, to: type, of: "config field `\(name)`", written: given, frame: frame)
    } else if let type = field.type {
      value = coerce(
        value, to: type, of: "config field `\(name)`", written: field.value, frame: frame)
    }
    if case .integer(let number, let formula) = value, formula.symbols.isEmpty {
      value = .integer(number, formula: Dimension(Symbol(name)))
    }
    let line = library.sources[range.source].lineNumber(ofUTF8Offset: range.lower)
    let whole = library.sources[range.source].path
    let path = whole.split(separator: "/").last.map(String.init) ?? whole
    var expansion = place(of: range, isDefault: override == nil, path: path, line, home: home)
    if override == nil { expansion += sum(field.value, value, frame: frame) }
    let origin = AxisOrigin.expression(text: name, expansion: expansion, range: range)
    frame.statics[name] = StaticBinding(
      value: value, range: range, expression: field.value, origin: origin)
    program.config.append(
      ConfigValue(
        name: name, text: value.text, integer: value.integerValue, range: range,
        overridden: override != nil))
  }

  /// The type of a field that declares none: that of its value, for what cannot be mistaken.
  private func implied(_ value: Expression) -> String? {
    switch value.kind {
    case .integer: "Int"
    case .float: "Float"
    case .boolean: "Bool"
    case .string: "String"
    default: nil
    }
  }

  // MARK: Dimensions

  private mutating func bindDimensions(_ members: [PlacedMember], frame: inout Frame) {
    var latest: [String: Int] = [:]
    for (index, placed) in members.enumerated() {
      if case .dim(let bounds, _) = placed.member {
        for bound in bounds { latest[bound.name.text] = index }
      }
    }
    for (index, placed) in members.enumerated() {
      guard case .dim(let bounds, _) = placed.member else { continue }
      for bound in bounds where latest[bound.name.text] == index {
        declare(bound.name, frame: &frame)
        boundSyntax[bound.name.text] = bound
        guard let constraint = constraints(bound, frame: &frame) else { continue }
        for item in constraint { program.assumptions.add(item) }
        let symbol = Symbol(bound.name.text)
        let limits = program.assumptions.bounds(of: symbol)
        if let lower = limits.lower, let upper = limits.upper, lower > upper {
          report(
            Diagnostic(
              id: "contradictory-bounds", severity: .error,
              message: "no \(bound.name.text) is both at least \(lower) and at most \(upper)",
              range: bound.range, facts: boundFacts(bound, frame: frame)))
        }
      }
    }
  }

  /// What the names in a bound stand for.
  private func boundFacts(_ bound: DimensionBound, frame: Frame) -> [Fact] {
    switch bound.condition {
    case .none: []
    case .comparison(_, let value), .divisible(let value): expansionFacts(value, frame: frame)
    case .within(let lower, let upper, _):
      expansionFacts(lower, frame: frame) + expansionFacts(upper, frame: frame)
    }
  }

  /// Makes a dimension known; a second time does nothing.
  mutating func declare(_ name: Name, frame: inout Frame) {
    let symbol = Symbol(name.text)
    if !program.dimensions.contains(where: { $0.symbol == symbol }) {
      guard program.dimensions.count < Elaborator.mostDimensions else {
        report(
          Diagnostic(
            id: "model-too-large", severity: .error,
            message: "the model has more than \(Elaborator.mostDimensions) dimensions",
            range: name.range))
        // Known and unbounded, so that nothing more is said of it.
        frame.dimensions[name.text] = DimensionBinding(size: Dimension(symbol), origin: .unknown)
        return
      }
      program.dimensions.append(DeclaredDimension(symbol: symbol, range: name.range))
      // An axis is never shorter than nothing.
      program.assumptions.add(.atLeast(Dimension(symbol), 0))
    }
    frame.dimensions[name.text] = DimensionBinding(
      size: Dimension(symbol), origin: .symbol(name: name.text, range: name.range))
  }

  private mutating func constraints(
    _ bound: DimensionBound, frame: inout Frame
  ) -> [Constraint]? {
    let size = Dimension(Symbol(bound.name.text))
    func value(_ expression: Expression) -> Dimension? {
      let value = evaluateStatic(expression, frame: &frame)
      if let dimension = value.asDimension { return dimension }
      if value != .invalid {
        report(
          Diagnostic(
            id: "not-a-dimension", severity: .error,
            message: "a bound must be a whole number or a dimension, found \(value.kindName)",
            range: expression.range))
      }
      return nil
    }
    switch bound.condition {
    case .none: return []
    case .comparison(let comparison, let expression):
      guard let other = value(expression) else { return nil }
      switch comparison {
      case .greaterOrEqual: return [.atLeast(size, other)]
      case .greater: return [.atLeast(size, other + 1)]
      case .lessOrEqual: return [.atLeast(other, size)]
      case .less: return [.atLeast(other, size + 1)]
      case .equal: return [.equal(size, other)]
      case .notEqual: return [.notEqual(size, other)]
      default: return nil
      }
    case .within(let lower, let upper, let closed):
      guard let low = value(lower), let high = value(upper) else { return nil }
      return [.atLeast(size, low), .atLeast(closed ? high : high - 1, size)]
    case .divisible(let expression):
      guard let other = value(expression) else { return nil }
      return [.divisible(size, by: other)]
    }
  }
}

extension StaticValue {
  /// The number, for a whole number.
  package var integerValue: Int? {
    if case .integer(let value, _) = self { value } else { nil }
  }
}
