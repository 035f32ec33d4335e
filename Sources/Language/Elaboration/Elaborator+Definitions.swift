// Elaborator+Definitions: from a block and static arguments to a definition, once for each pair.
// Arguments are matched here, and adapters are wrapped around what they adapt.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// A static argument and, for a layer, where it stands.
  struct BoundArguments {
    var statics: [String: StaticBinding] = [:]
    var values: [StaticValue] = []
    var externals: [InstanceReference] = []
    var printed: [String] = []
  }

  /// Makes a layer of a block.
  ///
  /// - Returns: the instantiation and its arguments; `nil` after a reported mistake.
  mutating func instantiate(
    _ block: DeclarationReference, call: CallSyntax, range: SourceRange, frame: inout Frame,
    state: SelectionState, adaptations due: [Int]
  ) -> (Instantiation, [String: StaticBinding])? {
    guard case .block(let declaration) = library[block] else { return nil }
    if let pattern = call.pattern {
      report(
        Diagnostic(
          id: "unexpected-pattern", severity: .error,
          message: "a block takes static arguments, not a pattern", range: pattern.range),
        definition: frame.definition)
      return nil
    }
    guard
      let bound = bindArguments(
        call.arguments, to: declaration, calleeFile: block.file, range: range, frame: &frame)
    else { return nil }
    guard
      let definition = define(
        declaration, reference: block, arguments: bound, range: range, frame: frame, state: state)
    else { return nil }
    var layer = Instantiation(definition: definition, externals: bound.externals)
    for adaptation in due {
      guard let wrapped = adapt(layer, with: adaptation, range: range, frame: &frame) else {
        continue
      }
      layer = wrapped
    }
    return (layer, bound.statics)
  }

  /// Matches arguments to parameters: by position, then by label, then by the config's names for
  /// blocks that read it, then defaults.
  mutating func bindArguments(
    _ arguments: [Argument], to declaration: BlockDeclaration, calleeFile: Int,
    range: SourceRange, frame: inout Frame
  ) -> BoundArguments? {
    let parameters = declaration.parameters
    let block = declaration.name
    var given: [String: Argument] = [:]
    var failed = false
    var position = 0
    for argument in arguments {
      let name: String
      if let label = argument.label {
        guard parameters.contains(where: { $0.name.text == label.text }) else {
          reportUnknown(
            label, kind: "parameter of `\(block.text)`", candidates: parameters.map(\.name.text))
          failed = true
          continue
        }
        name = label.text
      } else {
        guard position < parameters.count else {
          reportArity(
            block, parameters: parameters, found: arguments.count,
            range: argument.range.union(arguments[arguments.count - 1].range))
          return nil
        }
        name = parameters[position].name.text
        position += 1
      }
      if given[name] != nil {
        report(
          Diagnostic(
            id: "duplicate-argument", severity: .error, message: "`\(name)` is given twice",
            range: argument.range,
            notes: given[name].map { [Note(message: "the first stands here", range: $0.range)] }
              ?? []), definition: frame.definition)
        failed = true
      }
      given[name] = argument
    }
    var bound = BoundArguments()
    let config = declaration.config == nil ? [:] : configStatics
    var calleeFrame = Frame(definition: nil, file: calleeFile, statics: config, weights: [:])
    bound.statics = config
    for parameter in parameters {
      let name = parameter.name.text
      var binding: StaticBinding
      if let argument = given[name] {
        let value = evaluateStatic(argument.value, frame: &frame)
        binding = StaticBinding(
          value: coerce(
            value, to: parameter.type, of: "`\(name)` of `\(block.text)`", written: argument.value,
            frame: frame),
          range: argument.value.range, expression: argument.value,
          origin: origin(ofStatic: nil, expression: argument.value, frame: frame))
      } else if let field = config[name] {
        // What a number is coerced to is the same wherever it is read.
        binding = field
        binding.value = coerce(
          field.value, to: parameter.type, of: "`\(name)` of `\(block.text)`",
          written: Expression(.name(name), field.range ?? parameter.range), frame: frame)
      } else if let standard = parameter.defaultValue {
        let value = evaluateStatic(standard, frame: &calleeFrame)
        binding = StaticBinding(
          value: coerce(
            value, to: parameter.type, of: "`\(name)` of `\(block.text)`", written: standard,
            frame: calleeFrame),
          range: standard.range, expression: standard,
          origin: origin(ofStatic: nil, expression: standard, frame: calleeFrame))
      } else {
        report(
          Diagnostic(
            id: "missing-argument", severity: .error,
            message: "`\(block.text)` needs `\(name): \(parameter.type.text)`", range: range,
            notes: [Note(message: "`\(name)` is declared here", range: parameter.range)]),
          definition: frame.definition)
        failed = true
        continue
      }
      if binding.value == .invalid {
        failed = true
        continue
      }
      if case .layer(let layer) = binding.value {
        guard case .single(let definition) = layer.form else {
          report(
            Diagnostic(
              id: "not-a-layer", severity: .error,
              message: "`\(name)` needs one layer, found a list", range: binding.range),
            definition: frame.definition)
          failed = true
          continue
        }
        let external = InstanceReference(base: .external(bound.externals.count))
        bound.externals.append(layer.reference)
        binding.value = .layer(LayerValue(reference: external, form: .single(definition)))
      }
      bound.values.append(binding.value)
      if given[name] != nil, case .layer = binding.value {
        bound.printed.append(given[name].map { text($0.value.range) } ?? name)
      } else if given[name] != nil {
        bound.printed.append("\(name): \(binding.value.text)")
      }
      bound.statics[name] = binding
      calleeFrame.statics[name] = binding
    }
    return failed ? nil : bound
  }

  private mutating func define(
    _ block: BlockDeclaration, reference: DeclarationReference, arguments: BoundArguments,
    range: SourceRange, frame: Frame, state: SelectionState, base: LayerValue? = nil,
    baseName: Name? = nil
  ) -> DefinitionID? {
    var baseDefinition: DefinitionID?
    if let base, case .single(let definition) = base.form { baseDefinition = definition }
    let key = DefinitionKey(
      block: reference, arguments: arguments.values, selection: state, base: baseDefinition)
    if let known = definitions[key] { return known }
    let again = instantiating.filter { $0.block == key.block }
    let recursive =
      again.contains { $0.arguments == key.arguments }
      || again.count >= Elaborator.deepestSelfNesting
    guard !recursive, instantiating.count < Elaborator.deepestNesting else {
      let same = again.contains { $0.arguments == key.arguments }
      var path = instantiating.compactMap { library[$0.block].name?.text } + [block.name.text]
      if !same { path = Array(path.suffix(3)) }
      report(
        Diagnostic(
          id: "recursive-block", severity: .error,
          message: same
            ? "`\(block.name.text)` contains itself, so it would never end"
            : recursive
              ? "`\(block.name.text)` contains itself \(again.count) times over, ever with other arguments"
              : "blocks are nested more than \(Elaborator.deepestNesting) deep", range: range,
          facts: [
            .line(
              (path.count > 8 || !same ? "… -> " : "") + path.suffix(8).joined(separator: " -> "))
          ]
        ),
        definition: frame.definition)
      return nil
    }
    guard program.definitions.count < Elaborator.mostDefinitions else {
      reportSize("layers", range: range, definition: frame.definition)
      return nil
    }
    instantiating.append(key)
    instantiationSites.append(range)
    let index = openContext(
      file: reference.file, name: block.name.text, nameRange: block.name.range)
    let id = DefinitionID(index: index)
    // What a block that is wrong already makes of its sizes is no mistake of its parts.
    if let outer = frame.definition, contexts[outer].breaksRequirement {
      contexts[index].breaksRequirement = true
    }
    var inner = Frame(definition: index, file: reference.file, statics: [:], weights: [:])
    inner.statics = arguments.statics
    for (name, binding) in inner.statics {
      if case .dimension(let size) = binding.value {
        inner.dimensions[name] = DimensionBinding(size: size, origin: binding.origin)
      }
    }
    let layers = arguments.statics.compactMap { name, binding -> (Int, DefinitionID, String)? in
      guard case .layer(let layer) = binding.value,
        case .external(let position) = layer.reference.base,
        case .single(let definition) = layer.form
      else { return nil }
      return (position, definition, name)
    }.sorted { $0.0 < $1.0 }
    program.definitions[index].externals = layers.map(\.1)
    program.definitions[index].externalNames = layers.map(\.2)
    if let baseDefinition, let baseName {
      // The wrapped layer is a child that adds nothing to the path; its externals pass through.
      let passed = program[baseDefinition].externals.indices.map { position in
        InstanceReference(base: .external(position + arguments.externals.count))
      }
      program.definitions[index].externals += program[baseDefinition].externals
      let wrapped = Instantiation(definition: baseDefinition, externals: passed)
      program.definitions[index].children.append(
        Child(
          name: baseName.text, content: .layer(wrapped), transparent: true, range: baseName.range))
      contexts[index].children[baseName.text] = 0
      let layer = LayerValue(
        reference: InstanceReference(steps: [InstanceStep(child: 0)]),
        form: .single(baseDefinition))
      inner.statics[baseName.text] = StaticBinding(value: .layer(layer), range: baseName.range)
    }
    process(block.members, frame: &inner, state: state)
    closeContext(index, frame: inner, arguments: arguments.printed)
    instantiating.removeLast()
    instantiationSites.removeLast()
    definitions[key] = id
    return id
  }

  // MARK: Adapters

  private mutating func adapt(
    _ layer: Instantiation, with adaptation: Int, range: SourceRange, frame: inout Frame
  ) -> Instantiation? {
    let (member, file) = adaptations[adaptation]
    guard case .call(let call) = member.adapter.kind, case .name(let name) = call.callee.kind,
      let reference = library.files[file].names[name],
      case .adapter(let adapter) = library[reference]
    else {
      let adapters = library.files[file].names.filter {
        if case .adapter = library[$0.value] { true } else { false }
      }
      let callee = member.adapter.callee ?? member.adapter
      reportUnknown(
        Name(text(callee.range), callee.range), kind: "adapter", candidates: Array(adapters.keys))
      return nil
    }
    let block = program[layer.definition].block
    guard adapter.baseType.text == "layer" || adapter.baseType.text == block else {
      if eagerAdaptations.contains(adaptation) { return nil }
      report(
        Diagnostic(
          id: "adapter-type-mismatch", severity: .error,
          message:
            "`\(name)` adapts \(adapter.baseType.text), but `\(text(member.selection.range))`"
            + " reaches \(block)", range: member.selection.range, label: block,
          notes: [
            Note(message: "the adapter says what it wraps here", range: adapter.baseType.range)
          ]))
      return nil
    }
    for id in selectionOf[adaptation] ?? [] { matchedSelections.insert(id) }
    var caller = Frame(definition: nil, file: file, statics: [:], weights: [:])
    caller.statics = contexts.first?.statics ?? frame.statics
    for value in program.config {
      if let number = value.integer, caller.statics[value.name] == nil {
        caller.statics[value.name] = StaticBinding(
          value: .integer(number, formula: Dimension(Symbol(value.name))), range: value.range)
      }
    }
    guard
      let bound = bindArguments(
        call.arguments, to: adapter.block, calleeFile: reference.file,
        range: member.adapter.range, frame: &caller)
    else { return nil }
    let base = LayerValue(reference: InstanceReference(), form: .single(layer.definition))
    guard
      let definition = define(
        adapter.block, reference: reference, arguments: bound, range: member.adapter.range,
        frame: frame, state: SelectionState(), base: base, baseName: adapter.base)
    else { return nil }
    return Instantiation(definition: definition, externals: bound.externals + layer.externals)
  }
}

extension Argument {
  /// The argument with its label.
  var range: SourceRange { label.map { $0.range.union(value.range) } ?? value.range }
}

extension Expression {
  /// The callee, for a call.
  var callee: Expression? {
    if case .call(let call) = kind { call.callee } else { nil }
  }
}
