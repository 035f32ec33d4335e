// Elaborator+Functions: a forward for given operand types, elaborated once and remembered.
// Signatures are matched here; statements are run at the end of the file.
import Diagnostics
import Dimensions
import IR

/// An operand as the caller knows it.
struct GivenOperand {
  var value: Value
  /// Known bounds of its integers.
  var range: IndexRange?
}

extension Elaborator {
  /// The function of a definition for these operands; `nil` after a reported mistake.
  mutating func function(
    _ definition: Int, operands: [GivenOperand], site: CallSite, caller: Frame
  ) -> FunctionID? {
    let key = FunctionKey(
      definition: DefinitionID(index: definition), operands: operands.map(\.value.type),
      ranges: operands.map(\.range))
    if let known = functions[key] { return known }
    guard let forward = contexts[definition].forward else { return nil }
    guard callSites.count < Elaborator.deepestNesting else {
      report(
        Diagnostic(
          id: "recursive-block", severity: .error,
          message: "forwards are nested more than \(Elaborator.deepestNesting) deep",
          range: site.range,
          facts: [.line(callSites.suffix(8).map(\.calleeText).joined(separator: " -> "))]),
        definition: caller.definition)
      return nil
    }
    guard program.functions.count < Elaborator.mostDefinitions else {
      reportSize("forwards", range: site.range, definition: caller.definition)
      return nil
    }
    var frame = forwardFrame(definition)
    var function = Function(
      definition: DefinitionID(index: definition), range: forward.signatureRange)
    for (position, item) in forward.inputs.enumerated() {
      let operand = operands[position]
      frame.builder?.range = item.range
      guard
        match(
          item, operand: operand.value, position: position, site: site, frame: &frame,
          caller: caller, callee: definition),
        let value = frame.builder?.append(.input(position), types: [operand.value.type]).first
      else { return nil }
      let name = item.name?.text ?? "input \(position)"
      frame.builder?.describe(
        value, name: name,
        origins: operand.value.origins.enumerated().map { axis, origin in
          .passed(value: name, axis: axis, from: origin)
        })
      frame.tensors[name] = .tensor(value)
      frame.ranges[value] = operand.range
      function.inputs.append(value)
      function.inputNames.append(name)
    }
    callSites.append(site)
    defer { callSites.removeLast() }
    return finish(forward, function: function, frame: &frame, key: key)
  }

  /// The model's own forward, whose inputs introduce its dimensions.
  mutating func entryFunction(_ root: DefinitionID) -> FunctionID? {
    guard let forward = contexts[root.index].forward else {
      if !hasErrors {
        report(
          Diagnostic(
            id: "no-forward", severity: .error,
            message:
              "model `\(contexts[root.index].name)` has no forward, so there is nothing to trace",
            range: contexts[root.index].nameRange))
      }
      return nil
    }
    var frame = forwardFrame(root.index)
    frame.introducesDimensions = true
    for declared in program.dimensions {
      frame.dimensions[declared.symbol.name] = DimensionBinding(
        size: Dimension(declared.symbol),
        origin: .symbol(name: declared.symbol.name, range: declared.range))
    }
    var function = Function(definition: root, range: forward.signatureRange)
    var types: [TensorType] = []
    for (position, item) in forward.inputs.enumerated() {
      guard let type = resolve(item.type, frame: &frame) else { return nil }
      types.append(type)
      frame.builder?.range = item.range
      guard let value = frame.builder?.append(.input(position), types: [type]).first else {
        return nil
      }
      let name = item.name?.text ?? "input \(position)"
      let origins = item.type.dimensions.map { origin(ofDimension: $0, frame: frame) }
      frame.builder?.describe(value, name: name, origins: origins)
      frame.tensors[name] = .tensor(value)
      function.inputs.append(value)
      function.inputNames.append(name)
    }
    // Only the signature introduces dimensions: in the body a new one is a mistake.
    frame.introducesDimensions = false
    prover = Prover(assuming: program.assumptions)
    frame.builder = frame.builder.map { rebuild($0) }
    let key = FunctionKey(definition: root, operands: types, ranges: types.map { _ in nil })
    return finish(forward, function: function, frame: &frame, key: key)
  }

  /// The same builder with the prover that knows dimensions introduced by the signature.
  private func rebuild(_ builder: RegionBuilder) -> RegionBuilder {
    var fresh = RegionBuilder(prover: prover)
    for node in builder.nodes {
      fresh.range = node.range
      let types = node.results.map { builder.type(of: $0) }
      let results = fresh.append(node.kind, operands: node.operands, types: types)
      for (old, new) in zip(node.results, results) {
        let value = builder.values[old.index]
        fresh.describe(new, name: value.name, origins: value.origins)
      }
    }
    return fresh
  }

  func forwardFrame(_ definition: Int) -> Frame {
    let context = contexts[definition]
    var frame = Frame(
      definition: definition, file: context.file, statics: context.statics,
      weights: context.weights)
    for (name, binding) in context.statics {
      if case .dimension(let size) = binding.value {
        frame.dimensions[name] = DimensionBinding(size: size, origin: binding.origin)
      }
    }
    frame.builder = RegionBuilder(prover: prover)
    return frame
  }

  // MARK: Body

  private mutating func finish(
    _ forward: ForwardMember, function: Function, frame: inout Frame, key: FunctionKey
  ) -> FunctionID? {
    var function = function
    guard let definition = frame.definition else { return nil }
    for obligation in contexts[definition].obligations {
      decideRequirement(obligation, frame: &frame)
    }
    var returned: [(value: ValueID, range: SourceRange)]?
    if contexts[definition].breaksRequirement { returned = [] }
    for (position, statement) in forward.body.statements.enumerated() where returned == nil {
      if let values = run(statement, frame: &frame) {
        returned = values
        if position + 1 < forward.body.statements.count {
          report(
            Diagnostic(
              id: "unreachable-code", severity: .warning,
              message: "nothing after `return` is evaluated",
              range: forward.body.statements[position + 1].range), definition: definition)
        }
      }
    }
    if returned == nil, let result = forward.body.result {
      if case .tensor(let value) = evaluate(result, frame: &frame) {
        returned = [(value, result.range)]
      } else {
        returned = []
      }
    }
    if returned == nil {
      report(
        Diagnostic(
          id: "missing-return", severity: .error, message: "this forward returns nothing",
          range: forward.signatureRange,
          facts: [.line("end it with `return VALUE`")], fixes: returnFix(forward)),
        definition: definition)
      returned = []
    }
    let declared = forward.results.map { resolve($0.type, frame: &frame) }
    let values = returned ?? []
    if !values.isEmpty, values.count != declared.count {
      report(
        Diagnostic(
          id: "wrong-result-count", severity: .error,
          message: "the signature promises \(counted(declared.count, "result")),"
            + " `return` gives \(values.count)",
          range: values[0].range,
          notes: [Note(message: "the signature stands here", range: forward.signatureRange)]),
        definition: definition)
    }
    var isDoubtful = false
    for (position, type) in declared.enumerated() {
      let item = forward.results[position]
      function.outputNames.append(
        item.name?.text ?? (declared.count == 1 ? "result" : "\(position)"))
      var fits = true
      if values.indices.contains(position), let type {
        let (value, range) = values[position]
        fits = doubting([value], frame: frame) {
          $0.checkResult(value, type, item: item, range: range, frame: frame)
        }
        if !fits { isDoubtful = true }
      }
      if fits, values.indices.contains(position) {
        let value = values[position].value
        describeResult(value, item: item, frame: &frame)
        function.outputs.append(value)
      } else if let type,
        let value = frame.builder?.append(.cotangent(position), types: [type]).first
      {
        // The body is wrong and was reported; callers go on with the promised type.
        function.outputs.append(value)
      }
    }
    guard function.outputs.count == declared.count, let builder = frame.builder else { return nil }
    function.values = builder.values
    function.nodes = builder.nodes
    contexts[definition].usedChildren.formUnion(frame.used)
    contexts[definition].usedWeights.formUnion(frame.usedWeights)
    let id = FunctionID(index: program.functions.count)
    program.functions.append(function)
    functions[key] = id
    if isDoubtful { doubtful.insert(id) }
    return id
  }

  /// Runs a check; what fails in it because of a promise that was reported is not told again.
  mutating func doubting<Result>(
    _ values: [ValueID], frame: Frame, _ body: (inout Elaborator) -> Result
  ) -> Result {
    let outer = restsOnDoubt
    if !outer, !doubtful.isEmpty {
      restsOnDoubt = values.contains { descendsFromDoubt($0, frame: frame) }
    }
    defer { restsOnDoubt = outer }
    return body(&self)
  }

  /// Whether a value was computed from the result of a function whose promise was reported.
  private func descendsFromDoubt(_ value: ValueID, frame: Frame) -> Bool {
    guard let builder = frame.builder else { return false }
    var wanted: Set<ValueID> = [value]
    for node in builder.nodes.reversed() where node.results.contains(where: wanted.contains) {
      if case .call(let call) = node.kind, doubtful.contains(call.function) { return true }
      wanted.formUnion(node.operands)
    }
    return false
  }

  /// Proposes to return what the last line names.
  private func returnFix(_ forward: ForwardMember) -> [FixIt] {
    guard case .binding(let targets, _, let range) = forward.body.statements.last else { return [] }
    let names = targets.map(\.name.text).joined(separator: ", ")
    guard targets.count == forward.results.count else { return [] }
    let column = library.sources[range.source].position(ofUTF8Offset: range.lower).column
    let indentation = String(repeating: " ", count: column - 1)
    return [
      FixIt(
        message: "return `\(names)` (changes the model)",
        edits: [
          Edit(
            range: SourceRange(source: range.source, at: range.upper),
            replacement: "\n\(indentation)return \(names)")
        ], effect: .model)
    ]
  }

  /// Runs a statement; the values of a `return`, else `nil`.
  mutating func run(
    _ statement: Statement, frame: inout Frame
  ) -> [(value: ValueID, range: SourceRange)]? {
    switch statement {
    case .returning(let expressions, _):
      var values: [(value: ValueID, range: SourceRange)] = []
      for expression in expressions {
        switch evaluate(expression, frame: &frame) {
        case .tensor(let value): values.append((value, expression.range))
        case .tuple(let several): values += several.map { ($0, expression.range) }
        case .fixed(.invalid): return []
        case .fixed(let fixed):
          guard let lifted = lift(fixed, like: nil, range: expression.range, frame: &frame) else {
            reportNotATensor(fixed, range: expression.range, frame: frame)
            return []
          }
          values.append((lifted, expression.range))
        }
      }
      return values
    case .conditional(let test, let then, let otherwise, let range):
      guard let holds = condition(test, frame: &frame) else { return nil }
      guard let block = holds ? then : otherwise else { return nil }
      return nested(at: range, definition: frame.definition) { elaborator in
        for inner in block.statements {
          if let values = elaborator.run(inner, frame: &frame) { return values }
        }
        return nil
      } ?? nil
    case .binding(let targets, let expression, let range):
      bindTargets(targets, to: expression, range: range, frame: &frame)
      return nil
    }
  }

  private mutating func bindTargets(
    _ targets: [BindingTarget], to expression: Expression, range: SourceRange, frame: inout Frame
  ) {
    var term = evaluate(expression, frame: &frame)
    if targets.count > 1, case .tensor(let value) = term {
      term = unpack(value, count: targets.count, range: expression.range, frame: &frame)
    }
    if case .tuple(let values) = term, targets.count > 1 {
      guard values.count == targets.count else {
        report(
          Diagnostic(
            id: "wrong-result-count", severity: .error,
            message: "\(targets.count) names for \(values.count) values: as many names are needed",
            range: targets[0].name.range.union(targets[targets.count - 1].name.range)),
          definition: frame.definition)
        for target in targets { frame.tensors[target.name.text] = .invalid }
        return
      }
      for (target, value) in zip(targets, values) { assign(target, .tensor(value), frame: &frame) }
      return
    }
    guard targets.count == 1 else {
      if !term.isInvalid {
        report(
          Diagnostic(
            id: "wrong-result-count", severity: .error,
            message: "\(targets.count) names for one value", range: expression.range),
          definition: frame.definition)
      }
      for target in targets { frame.tensors[target.name.text] = .invalid }
      return
    }
    assign(targets[0], term, frame: &frame)
  }

  private mutating func assign(_ target: BindingTarget, _ term: Term, frame: inout Frame) {
    frame.tensors[target.name.text] = term
    guard case .tensor(let value) = term else { return }
    if frame.builder?.values[value.index].name == nil {
      frame.builder?.describe(value, name: target.name.text)
    }
    if let syntax = target.type, let type = resolve(syntax, frame: &frame) {
      doubting([value], frame: frame) {
        $0.checkAnnotation(value, type, syntax: syntax, name: target.name, frame: frame)
      }
    }
  }

  private func unpackFacts(_ value: Value) -> [Fact] {
    guard let size = value.type.shape.first, let origin = value.origins.first, origin != .unknown
    else { return [] }
    return derivation(size, origin).map { .line($0) }
  }

  /// `q, k, v = x` takes the first axis of `x` apart.
  private mutating func unpack(
    _ value: ValueID, count: Int, range: SourceRange, frame: inout Frame
  ) -> Term {
    guard let type = frame.builder?.type(of: value) else { return .invalid }
    guard let extent = type.shape.first?.constant, extent == count else {
      let first = type.shape.first.map(\.description) ?? "no axis"
      report(
        Diagnostic(
          id: "cannot-unpack", severity: .error,
          message: "\(count) names need a first axis of \(count), found \(first)", range: range,
          label: type.shapeText,
          facts: frame.builder.map { unpackFacts($0.values[value.index]) } ?? []),
        definition: frame.definition)
      return .invalid
    }
    return apply(
      "unstack", [.tensor(value)], [range],
      attributes: ["axis": .integer(0), "count": .integer(count)], range: range, frame: &frame)
  }
}
