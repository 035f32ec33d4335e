// Elaborator+Access: `embed.weight`, `h[0]`, `base.in`: reaching into layers and lists.
// A reference is kept relative to the block that writes it, so that definitions stay shared.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  mutating func member(_ name: Name, of base: Expression, frame: inout Frame) -> Term {
    let term = evaluate(base, frame: &frame)
    if term.isInvalid { return .invalid }
    if case .fixed(.list(let layers)) = term, case .every = base.innermost.kind {
      return member(name, ofEach: layers, frame: &frame)
    }
    guard case .fixed(.layer(let layer)) = term else {
      if case .tensor(let value) = term, let shape = frame.builder?.type(of: value) {
        report(
          Diagnostic(
            id: "no-such-member", severity: .error,
            message:
              "`\(text(base.range))` is a tensor \(shape.shapeText), it has no `\(name.text)`",
            range: name.range), definition: frame.definition)
      } else {
        report(
          Diagnostic(
            id: "no-such-member", severity: .error,
            message: "`\(text(base.range))` is no layer, so it has no `\(name.text)`",
            range: name.range), definition: frame.definition)
      }
      return .invalid
    }
    guard case .single(let definition) = layer.form else {
      if case .shared(let definition, _) = layer.form {
        return member(name, ofDefinition: definition, reference: layer.reference, frame: &frame)
      }
      report(
        Diagnostic(
          id: "no-such-member", severity: .error,
          message: "`\(text(base.range))` is a list of layers: say which, as in"
            + " `\(text(base.range))[0].\(name.text)`", range: name.range),
        definition: frame.definition)
      return .invalid
    }
    return member(name, ofDefinition: definition, reference: layer.reference, frame: &frame)
  }

  private mutating func member(
    _ name: Name, ofDefinition definition: DefinitionID, reference: InstanceReference,
    frame: inout Frame
  ) -> Term {
    let context = contexts[definition.index]
    if let weight = context.weights[name.text] {
      guard weight.instance.base == .own else {
        report(
          Diagnostic(
            id: "no-such-member", severity: .error,
            message: "`\(name.text)` belongs to another layer: read it from its owner",
            range: name.range), definition: frame.definition)
        return .invalid
      }
      let steps = reference.steps + weight.instance.steps
      let whole = ParameterReference(
        instance: InstanceReference(base: reference.base, steps: steps),
        parameter: weight.parameter)
      return load(whole, name: name.text, range: name.range, frame: &frame)
    }
    if let child = context.children[name.text] {
      // Whoever reaches in from outside means to use it.
      contexts[definition.index].usedChildren.insert(child)
      let next = InstanceReference(
        base: reference.base, steps: reference.steps + [InstanceStep(child: child)])
      let form = self.form(
        of: program[definition].children[child].content, within: definition.index)
      return .fixed(.layer(LayerValue(reference: next, form: form)))
    }
    if let binding = context.statics[name.text] { return .fixed(binding.value) }
    let candidates =
      Array(context.weights.keys) + Array(context.children.keys) + Array(context.statics.keys)
    reportUnknown(
      name, kind: "member of `\(context.name)`", candidates: candidates,
      definition: frame.definition)
    return .invalid
  }

  /// What a child is, seen from outside.
  func form(of content: Child.Content, within definition: Int) -> LayerValue.Form {
    switch content {
    case .layer(let layer): .single(layer.definition)
    case .list(let runs, _): .list(runs)
    case .shared(let layer, let times): .shared(layer.definition, times: times)
    case .alias(let target):
      switch program.target(of: target, from: DefinitionID(index: definition)) {
      case .layer(let layer): .single(layer)
      case .shared(let layer, let times): .shared(layer, times: times)
      case .list(let runs): .list(runs)
      case nil: .list([])
      }
    }
  }

  /// A member of each of several layers: weights make a tuple of tensors, layers a list.
  private mutating func member(
    _ name: Name, ofEach layers: [StaticValue], frame: inout Frame
  ) -> Term {
    var tensors: [ValueID] = []
    var values: [StaticValue] = []
    for case .layer(let layer) in layers {
      guard case .single(let definition) = layer.form, takeStep() else { return .invalid }
      switch member(name, ofDefinition: definition, reference: layer.reference, frame: &frame) {
      case .tensor(let value): tensors.append(value)
      case .fixed(.invalid): return .invalid
      case .fixed(let value): values.append(value)
      case .tuple: return .invalid
      }
    }
    return tensors.isEmpty ? .fixed(.list(values)) : .tuple(tensors)
  }

  /// The layers of a list one by one.
  mutating func every(
    of base: Expression, range: SourceRange, frame: inout Frame
  ) -> Term {
    let term = evaluate(base, frame: &frame)
    if term.isInvalid { return .invalid }
    if case .fixed(.layer(let layer)) = term, case .list(let runs) = layer.form,
      let count = runs.last?.elements.upperBound, let step = layer.reference.steps.last
    {
      guard count <= Elaborator.largestStatic else {
        report(
          Diagnostic(
            id: "value-too-large", severity: .error,
            message: "`\(text(range))` has \(count) layers, more than"
              + " \(Elaborator.largestStatic)", range: range), definition: frame.definition)
        return .invalid
      }
      return .fixed(
        .list(
          runs.flatMap { run in
            run.elements.map { element in
              var last = step
              last.element = element
              let reference = InstanceReference(
                base: layer.reference.base, steps: layer.reference.steps.dropLast() + [last])
              return .layer(
                LayerValue(reference: reference, form: .single(run.layer.definition)))
            }
          }))
    }
    report(
      Diagnostic(
        id: "not-a-list", severity: .error,
        message: "`\(text(base.range))` is no list of layers, so `[*]` means nothing",
        range: range), definition: frame.definition)
    return .invalid
  }

  mutating func element(
    _ index: Expression, of base: Expression, range: SourceRange, frame: inout Frame
  ) -> Term {
    let term = evaluate(base, frame: &frame)
    if term.isInvalid { return .invalid }
    let position = evaluateStatic(index, frame: &frame)
    guard case .integer(let number, _) = position else {
      if position != .invalid {
        report(
          Diagnostic(
            id: "index-not-a-number", severity: .error,
            message: "an index must be a whole number, found \(position.kindName)",
            range: index.range), definition: frame.definition)
      }
      return .invalid
    }
    switch term {
    case .fixed(.list(let values)):
      guard values.indices.contains(number) else {
        return outside(number, count: values.count, what: "list", range: index.range, frame: frame)
      }
      return .fixed(values[number])
    case .fixed(.layer(let layer)):
      switch layer.form {
      case .list(let runs):
        let count = runs.last?.elements.upperBound ?? 0
        guard let run = runs.first(where: { $0.elements.contains(number) }),
          var last = layer.reference.steps.last
        else {
          return outside(
            number, count: count, what: "`\(text(base.range))`", range: index.range, frame: frame)
        }
        last.element = number
        let reference = InstanceReference(
          base: layer.reference.base, steps: layer.reference.steps.dropLast() + [last])
        return .fixed(
          .layer(LayerValue(reference: reference, form: .single(run.layer.definition))))
      case .shared(let definition, let times):
        guard (0..<times).contains(number) else {
          return outside(
            number, count: times, what: "`\(text(base.range))`", range: index.range, frame: frame)
        }
        return .fixed(.layer(LayerValue(reference: layer.reference, form: .single(definition))))
      case .single: break
      }
    default: break
    }
    report(
      Diagnostic(
        id: "not-a-list", severity: .error,
        message: "`\(text(base.range))` is no list, so it has no element \(number)", range: range),
      definition: frame.definition)
    return .invalid
  }

  private mutating func outside(
    _ number: Int, count: Int, what: String, range: SourceRange, frame: Frame
  ) -> Term {
    report(
      Diagnostic(
        id: "index-out-of-range", severity: .error,
        message: "\(what) has elements 0 to \(count - 1), there is no element \(number)",
        range: range), definition: frame.definition)
    return .invalid
  }

  /// The weight that an expression names, without reading it; `nil` when it names none.
  mutating func weightReference(
    _ expression: Expression, frame: inout Frame
  ) -> ParameterReference? {
    guard case .member(let base, let name) = expression.kind else { return nil }
    guard case .fixed(.layer(let layer)) = evaluate(base, frame: &frame),
      case .single(let definition) = layer.form
    else { return nil }
    let context = contexts[definition.index]
    guard let weight = context.weights[name.text], weight.instance.base == .own else {
      let candidates = Array(context.weights.keys)
      reportUnknown(
        name, kind: "weight of `\(context.name)`", candidates: candidates,
        definition: frame.definition)
      return nil
    }
    return ParameterReference(
      instance: InstanceReference(
        base: layer.reference.base, steps: layer.reference.steps + weight.instance.steps),
      parameter: weight.parameter)
  }
}

extension Expression {
  /// What a chain of members begins with.
  fileprivate var innermost: Expression {
    if case .member(let base, _) = kind { base.innermost } else { self }
  }
}
