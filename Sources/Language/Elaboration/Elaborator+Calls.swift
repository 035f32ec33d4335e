// Elaborator+Calls: what a call means: a layer, a list of layers, an inline block, an operation.
// Operations are built in Elaborator+Operations; functions are elaborated in Elaborator+Functions.
import Diagnostics
import Dimensions
import IR
import Operations

extension Elaborator {
  mutating func evaluateCall(
    _ call: CallSyntax, range: SourceRange, frame: inout Frame
  ) -> Term {
    if case .name(let name) = call.callee.kind, frame.statics[name] == nil,
      frame.tensors[name] == nil
    {
      if let term = callStaticFunction(name, call, range: range, frame: &frame) { return term }
      if let block = blockReference(call.callee, frame: frame) {
        return callInline(block, call, range: range, frame: &frame)
      }
      if let operation = Catalogue.operation(named: name) {
        return callOperation(operation, call, range: range, frame: &frame)
      }
      let candidates =
        Array(frame.statics.keys) + Array(library.files[frame.file].names.keys)
        + Catalogue.all.map { $0.schema.name } + Array(StaticFunctions.arities.keys)
      reportUnknown(
        Name(name, call.callee.range), kind: "layer, block or operation", candidates: candidates,
        definition: frame.definition)
      // Arguments may hold mistakes of their own.
      for argument in call.arguments { _ = evaluate(argument.value, frame: &frame) }
      return .invalid
    }
    let callee = evaluate(call.callee, frame: &frame)
    if callee.isInvalid { return .invalid }
    guard case .fixed(.layer(let layer)) = callee else {
      report(
        Diagnostic(
          id: "not-callable", severity: .error,
          message: "`\(text(call.callee.range))` is no layer, so it can't be applied",
          range: call.callee.range), definition: frame.definition)
      return .invalid
    }
    return callLayer(layer, call, range: range, frame: &frame)
  }

  private mutating func callStaticFunction(
    _ name: String, _ call: CallSyntax, range: SourceRange, frame: inout Frame
  ) -> Term? {
    guard let arity = StaticFunctions.arities[name], call.pattern == nil else { return nil }
    var terms: [Term] = []
    for argument in call.arguments { terms.append(evaluate(argument.value, frame: &frame)) }
    var values: [StaticValue] = []
    for term in terms {
      switch term {
      case .fixed(.invalid): return .invalid
      case .fixed(let value): values.append(value)
      case .tensor, .tuple:
        guard let operation = Catalogue.operation(named: name) else {
          report(
            Diagnostic(
              id: "not-static", severity: .error,
              message: "`\(name)` takes static values, not tensors", range: range),
            definition: frame.definition)
          return .invalid
        }
        return callOperation(operation, call, range: range, frame: &frame)
      }
    }
    guard arity.contains(values.count), let result = StaticFunctions.call(name, values) else {
      report(
        Diagnostic(
          id: "wrong-operands", severity: .error,
          message: "`\(name)` has no value for (\(values.map(\.text).joined(separator: ", ")))",
          range: range), definition: frame.definition)
      return .invalid
    }
    return .fixed(result)
  }

  // MARK: Layers

  /// Evaluates the tensor arguments of a call, in the order of the forward's inputs.
  private mutating func tensorArguments(
    _ call: CallSyntax, inputs: [SignatureItem], callee: String, range: SourceRange,
    frame: inout Frame
  ) -> (values: [ValueID], ranges: [SourceRange])? {
    var slots: [Argument?] = Array(repeating: nil, count: inputs.count)
    var position = 0
    for argument in call.arguments {
      if let label = argument.label {
        guard let index = inputs.firstIndex(where: { $0.name?.text == label.text }) else {
          reportUnknown(
            label, kind: "input of `\(callee)`", candidates: inputs.compactMap(\.name?.text),
            definition: frame.definition)
          return nil
        }
        slots[index] = argument
      } else {
        if position < slots.count { slots[position] = argument }
        position += 1
      }
    }
    guard position <= inputs.count, !slots.contains(where: { $0 == nil }) else {
      let missing = zip(inputs, slots).filter { $0.1 == nil }.map(\.0)
      let extra = call.arguments.dropFirst(inputs.count).map(\.range)
      reportInputCount(
        callee, inputs: inputs, missing: missing, found: call.arguments.count,
        range: extra.first?.union(extra[extra.count - 1]) ?? range, frame: frame)
      for argument in call.arguments { _ = evaluate(argument.value, frame: &frame) }
      return nil
    }
    var values: [ValueID] = []
    var ranges: [SourceRange] = []
    var failed = false
    for case .some(let argument) in slots {
      let term = evaluate(argument.value, frame: &frame)
      switch term {
      case .tensor(let value):
        values.append(value)
        ranges.append(argument.value.range)
      case .fixed(.invalid): failed = true
      case .fixed(let value):
        if let lifted = lift(value, like: nil, range: argument.value.range, frame: &frame) {
          values.append(lifted)
          ranges.append(argument.value.range)
        } else {
          reportNotATensor(value, range: argument.value.range, frame: frame)
          failed = true
        }
      case .tuple:
        reportTuple(argument.value.range, frame: frame)
        failed = true
      }
    }
    return failed ? nil : (values, ranges)
  }

  private mutating func callLayer(
    _ layer: LayerValue, _ call: CallSyntax, range: SourceRange, frame: inout Frame
  ) -> Term {
    let callee = text(call.callee.range)
    let form = layer.form
    let runs: [(definition: DefinitionID, elements: Range<Int>?)]
    switch form {
    case .single(let definition): runs = [(definition, nil)]
    case .shared(let definition, let times): runs = [(definition, 0..<times)]
    case .list(let list): runs = list.map { ($0.layer.definition, $0.elements) }
    }
    guard let first = runs.first else { return .invalid }
    guard let forward = contexts[first.definition.index].forward else {
      report(
        Diagnostic(
          id: "no-forward", severity: .error,
          message:
            "`\(callee)` is made of `\(contexts[first.definition.index].name)`, which has no forward",
          range: call.callee.range,
          notes: contexts[first.definition.index].nameRange.map {
            [Note(message: "it is declared here", range: $0)]
          } ?? []), definition: frame.definition)
      return .invalid
    }
    guard
      let arguments = tensorArguments(
        call, inputs: forward.inputs, callee: callee, range: range, frame: &frame)
    else { return .invalid }
    var operands = arguments.values
    var results: [ValueID] = []
    for run in runs {
      let element = runs.count > 1 ? run.elements.map { "[\($0.lowerBound)]" } ?? "" : ""
      let site = CallSite(
        range: range, calleeText: callee + element, arguments: arguments.ranges,
        operands: frame.builder.map { builder in operands.map { builder.values[$0.index] } } ?? [],
        calleeRange: declarationRange(of: layer, frame: frame),
        statics: staticArguments(
          of: layer, element: runs.count > 1 ? run.definition : nil, frame: frame),
        definition: frame.definition)
      guard
        let made = emitCall(
          run.definition, reference: layer.reference, elements: run.elements, operands: operands,
          site: site, frame: &frame)
      else { return .invalid }
      results = made
      if run.elements != nil {
        guard let carried = results.first, results.count == 1 else { return .invalid }
        operands[0] = carried
      }
    }
    return results.count == 1 ? .tensor(results[0]) : .tuple(results)
  }

  /// Emits the call of one layer or of a run of alike ones.
  private mutating func emitCall(
    _ definition: DefinitionID, reference: InstanceReference, elements: Range<Int>?,
    operands: [ValueID], site: CallSite, frame: inout Frame
  ) -> [ValueID]? {
    guard frame.builder != nil else {
      report(
        Diagnostic(
          id: "not-static", severity: .error,
          message: "`\(site.calleeText)` is applied to tensors, which exist only inside forward",
          range: site.range), definition: frame.definition)
      return nil
    }
    // The builder is never held in a variable here: appending would copy all of its values.
    let given = operands.compactMap { operand in
      frame.builder.map {
        GivenOperand(value: $0.values[operand.index], range: frame.ranges[operand])
      }
    }
    guard
      let id = doubting(
        operands, frame: frame,
        { $0.function(definition.index, operands: given, site: site, caller: frame) })
    else { return nil }
    let function = program[id]
    if let elements, elements.count > 1 {
      guard function.outputs.count == 1,
        sameType(function.type(of: function.outputs[0]), given[0].value.type)
      else {
        let found = function.outputs.map { function.type(of: $0).shapeText }.joined(separator: ", ")
        var diagnostic = Diagnostic(
          id: "repeat-changes-shape", severity: .error,
          message: "`\(site.calleeText)` can't be chained: each layer takes"
            + " \(given[0].value.type.shapeText) and gives \(found)", range: site.range)
        if function.outputs.count == 1 {
          var output = function.values[function.outputs[0].index]
          output.origins = outerOrigins(
            of: output, site: site, result: function.outputs[0], types: [output.type])
          diagnostic.facts = comparison(
            needs: given[0].value.type.shape, needsOrigins: given[0].value.origins, found: output,
            frame: frame)
        }
        if let range = site.calleeRange {
          diagnostic.notes = [Note(message: "`\(site.calleeText)` is declared here", range: range)]
        }
        doubting(operands, frame: frame) { $0.report(diagnostic, definition: frame.definition) }
        return nil
      }
    }
    frame.builder?.range = site.range
    let types = function.outputs.map { function.type(of: $0) }
    guard
      let results = frame.builder?.append(
        .call(Call(function: id, target: reference, elements: elements)), operands: operands,
        types: types)
    else { return nil }
    for (result, output) in zip(results, function.outputs) {
      let origins = outerOrigins(
        of: function.values[output.index], site: site, result: result, types: types)
      frame.builder?.describe(result, origins: origins)
    }
    return results
  }

  func sameType(_ a: TensorType, _ b: TensorType) -> Bool {
    guard a.element == b.element, a.rank == b.rank else { return false }
    return zip(a.shape, b.shape).allSatisfy { left, right in
      if left == right { return true }
      if case .proved = prover.areEqual(left, right) { return true }
      return false
    }
  }

  // MARK: Inline blocks

  /// `sinusoid(S, width)`: a block without weights, made and applied at once.
  private mutating func callInline(
    _ block: DeclarationReference, _ call: CallSyntax, range: SourceRange, frame: inout Frame
  ) -> Term {
    guard case .block(let declaration) = library[block], frame.builder != nil else {
      report(
        Diagnostic(
          id: "layer-without-name", severity: .error,
          message: "a layer needs a name: write `let name = \(text(range))`", range: range),
        definition: frame.definition)
      return .invalid
    }
    var statics = call
    var tensors = call
    statics.arguments = []
    tensors.arguments = []
    let names = Set(declaration.parameters.map(\.name.text))
    let labelled = Set(call.arguments.compactMap(\.label?.text))
    let needed = declaration.parameters.filter {
      $0.defaultValue == nil && !labelled.contains($0.name.text)
        && (declaration.config == nil || configStatics[$0.name.text] == nil)
    }.count
    for argument in call.arguments {
      if let label = argument.label {
        if names.contains(label.text) {
          statics.arguments.append(argument)
        } else {
          tensors.arguments.append(argument)
        }
      } else if statics.arguments.count < needed {
        statics.arguments.append(argument)
      } else {
        tensors.arguments.append(argument)
      }
    }
    statics.pattern = nil
    guard
      let made = instantiate(
        block, call: statics, range: range, frame: &frame, state: SelectionState(),
        adaptations: [])
    else { return .invalid }
    let definition = program[made.0.definition]
    // Weightless blocks that its own forward applies are hidden children, and no obstacle.
    guard definition.parameters.isEmpty, definition.children.allSatisfy(\.transparent) else {
      report(
        Diagnostic(
          id: "layer-without-name", severity: .error,
          message:
            "`\(declaration.name.text)` has weights, so it needs a name: applied here it would"
            + " be a new layer each time", range: range,
          facts: [
            .line("write `let layer = \(declaration.name.text)(…)` outside forward, then apply it")
          ]),
        definition: frame.definition)
      return .invalid
    }
    guard let owner = frame.definition else { return .invalid }
    let layer = inlineChild(made.0, name: declaration.name.text, owner: owner, range: range)
    frame.used.insert(layer.reference.steps[0].child)
    return callLayer(layer, tensors, range: range, frame: &frame)
  }

  /// A hidden child for a weightless layer; the same one for the same definition.
  private mutating func inlineChild(
    _ layer: Instantiation, name: String, owner: Int, range: SourceRange
  ) -> LayerValue {
    let children = program.definitions[owner].children
    let known = children.firstIndex { child in
      child.transparent && child.content == .layer(layer) && child.name == name
    }
    let index = known ?? children.count
    if known == nil {
      program.definitions[owner].children.append(
        Child(name: name, content: .layer(layer), transparent: true, range: range))
    }
    return LayerValue(
      reference: InstanceReference(steps: [InstanceStep(child: index)]),
      form: .single(layer.definition))
  }
}
