// Elaborator+Layers: `let` bindings, which name a static value, a layer or a list of layers.
// Apart from Elaborator+Definitions, which builds what a layer is.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  mutating func bind(_ binding: LetBinding, frame: inout Frame, state: SelectionState) {
    guard let definition = frame.definition else { return }
    let name = binding.name.text
    if contexts[definition].children[name] != nil {
      reportRedefinition(
        binding.name, "`\(name)` is already a layer of `\(contexts[definition].name)`",
        first: frame.statics[name]?.range, definition: definition)
      return
    }
    guard let chosen = choose(binding.value, frame: &frame) else {
      frame.statics[name] = StaticBinding(value: .invalid, range: binding.name.range)
      return
    }
    if let content = layer(chosen, name: name, frame: &frame, state: state) {
      if case .list(let runs, _) = content.0, runs.isEmpty {
        // What failed was reported where it failed.
        frame.statics[name] = StaticBinding(value: .invalid, range: binding.name.range)
        return
      }
      let index = addChild(content.0, arguments: content.1, name: binding.name, frame: frame)
      frame.statics[name] = StaticBinding(
        value: .layer(
          LayerValue(
            reference: InstanceReference(steps: [InstanceStep(child: index)]),
            form: form(of: content.0, within: definition))), range: binding.name.range,
        expression: chosen)
      return
    }
    let value = evaluateStatic(chosen, frame: &frame)
    if case .layer(let layer) = value {
      let index = addChild(
        .alias(layer.reference), arguments: [:], name: binding.name, frame: frame)
      contexts[definition].children[name] = index
    }
    frame.statics[name] = StaticBinding(
      value: value, range: binding.name.range, expression: chosen,
      origin: origin(ofStatic: name, expression: chosen, frame: frame))
  }

  /// Follows static `if` and `match` to the expression that is meant.
  mutating func choose(_ expression: Expression, frame: inout Frame) -> Expression? {
    switch expression.kind {
    case .parenthesized(let inner): return choose(inner, frame: &frame)
    case .conditional(let test, let then, let otherwise):
      guard let holds = condition(test, frame: &frame) else { return nil }
      let block = holds ? then : otherwise
      guard let result = block.result, block.statements.isEmpty else { return expression }
      return choose(result, frame: &frame)
    case .match(let subject, let cases):
      guard let block = chooseCase(subject, cases, range: expression.range, frame: &frame),
        let result = block.result, block.statements.isEmpty
      else { return nil }
      return choose(result, frame: &frame)
    default: return expression
    }
  }

  private mutating func addChild(
    _ content: Child.Content, arguments: [String: StaticBinding], name: Name, frame: Frame
  ) -> Int {
    guard let definition = frame.definition else { return 0 }
    let index = program.definitions[definition].children.count
    program.definitions[definition].children.append(
      Child(name: name.text, content: content, range: name.range))
    contexts[definition].children[name.text] = index
    contexts[definition].childArguments[index] = arguments
    if case .list(let runs, _) = content, runs.count == 1 {
      contexts[definition].elementArguments[runs[0].layer.definition] = arguments
    }
    return index
  }

  /// The layer or list that an expression makes; `nil` when it makes none.
  private mutating func layer(
    _ expression: Expression, name: String, frame: inout Frame, state: SelectionState
  ) -> (Child.Content, [String: StaticBinding])? {
    switch expression.kind {
    case .call(let call):
      guard let block = blockReference(call.callee, frame: frame) else { return nil }
      let below = descend(state, into: name, element: nil)
      guard
        let made = instantiate(
          block, call: call, range: expression.range, frame: &frame, state: below.state,
          adaptations: below.adaptations)
      else { return (.list([], count: 0), [:]) }
      return (.layer(made.0), made.1)
    case .repetition(let count, let index, let shared, let body):
      return repetition(
        count: count, index: index, shared: shared, body: body, name: name, frame: &frame,
        state: state)
    case .list(let elements):
      guard let first = elements.first, case .call(let call) = first.kind,
        blockReference(call.callee, frame: frame) != nil
      else { return nil }
      return list(elements, name: name, frame: &frame, state: state)
    default: return nil
    }
  }

  private mutating func list(
    _ elements: [Expression], name: String, frame: inout Frame, state: SelectionState
  ) -> (Child.Content, [String: StaticBinding]) {
    var runs: [Run] = []
    var arguments: [String: StaticBinding] = [:]
    for (position, element) in elements.enumerated() {
      guard let chosen = choose(element, frame: &frame), case .call(let call) = chosen.kind,
        let block = blockReference(call.callee, frame: frame)
      else {
        report(
          Diagnostic(
            id: "not-a-layer", severity: .error,
            message: "a list of layers holds only layers, found `\(text(element.range))`",
            range: element.range), definition: frame.definition)
        continue
      }
      let below = descend(state, into: name, element: position)
      guard
        let made = instantiate(
          block, call: call, range: element.range, frame: &frame, state: below.state,
          adaptations: below.adaptations)
      else { continue }
      arguments = made.1
      append(made.0, at: position..<(position + 1), to: &runs)
    }
    return (.list(runs, count: Dimension(elements.count)), arguments)
  }

  private func append(_ layer: Instantiation, at elements: Range<Int>, to runs: inout [Run]) {
    if let last = runs.last, last.layer == layer, last.elements.upperBound == elements.lowerBound {
      runs[runs.count - 1].elements = last.elements.lowerBound..<elements.upperBound
    } else {
      runs.append(Run(elements: elements, layer: layer))
    }
  }

  private mutating func repetition(
    count: Expression, index: Name?, shared: Bool, body: Expression, name: String,
    frame: inout Frame, state: SelectionState
  ) -> (Child.Content, [String: StaticBinding])? {
    let empty: (Child.Content, [String: StaticBinding]) = (.list([], count: 0), [:])
    let value = evaluateStatic(count, frame: &frame)
    guard case .integer(let times, let formula) = value else {
      if case .float(let number) = value {
        reportFraction(number, count, needs: "repeat needs a whole number", frame: frame)
      } else if value != .invalid {
        report(
          Diagnostic(
            id: "repeat-count", severity: .error,
            message: "repeat needs a whole number, found \(value.kindName) \(value.text)",
            range: count.range, facts: expansionFacts(count, frame: frame)),
          definition: frame.definition)
      }
      return empty
    }
    guard times >= 1, times <= Elaborator.longestList else {
      let limit = times < 1 ? "at least 1 is needed" : "at most 1_000_000 is possible"
      report(
        Diagnostic(
          id: "repeat-count", severity: .error,
          message: "repeat count is \(times.grouped), \(limit)", range: count.range,
          label: times.grouped, facts: expansionFacts(count, frame: frame)),
        definition: frame.definition)
      return empty
    }
    if times > 10_000 {
      report(
        Diagnostic(
          id: "unusual-depth", severity: .warning,
          message: "\(times) layers: no published model has as many as 10000", range: count.range,
          label: "\(times)", facts: expansionFacts(count, frame: frame)),
        definition: frame.definition)
    }
    if shared {
      guard let chosen = choose(body, frame: &frame),
        let made = element(chosen, name, nil, &frame, state)
      else { return empty }
      return (.shared(made.0, times: times), made.1)
    }
    if index == nil, !state.dependsOnElement {
      guard let chosen = choose(body, frame: &frame),
        let made = element(chosen, name, 0, &frame, state)
      else { return empty }
      return (.list([Run(elements: 0..<times, layer: made.0)], count: formula), made.1)
    }
    var runs: [Run] = []
    var arguments: [String: StaticBinding] = [:]
    let hidden = index.flatMap { frame.statics[$0.text] }
    // Without an index, elements differ only where a selection begins or ends.
    let starts = index == nil ? state.borders(below: times) : Array(0..<times)
    for (order, position) in starts.enumerated() {
      guard takeStep() else { break }
      if let index {
        frame.statics[index.text] = StaticBinding(value: .literal(position), range: index.range)
      }
      let errors = findings.count
      guard let chosen = choose(body, frame: &frame),
        let made = element(chosen, name, position, &frame, state)
      else {
        if findings.count > errors || hasErrors { break }
        continue
      }
      arguments = made.1
      if let definition = frame.definition {
        contexts[definition].elementArguments[made.0.definition] = made.1
      }
      let end = order + 1 < starts.count ? starts[order + 1] : times
      append(made.0, at: position..<end, to: &runs)
    }
    if let index { frame.statics[index.text] = hidden }
    return (.list(runs, count: runs.count == 1 ? formula : Dimension(times)), arguments)
  }

  private mutating func element(
    _ body: Expression, _ name: String, _ position: Int?, _ frame: inout Frame,
    _ state: SelectionState
  ) -> (Instantiation, [String: StaticBinding])? {
    guard case .call(let call) = body.kind, let block = blockReference(call.callee, frame: frame)
    else {
      if case .call(let call) = body.kind, case .name(let name) = call.callee.kind,
        frame.statics[name] == nil, library.files[frame.file].names[name] == nil
      {
        reportUnknownBlock(Name(name, call.callee.range), frame: frame)
        return nil
      }
      report(
        Diagnostic(
          id: "not-a-layer", severity: .error,
          message: "repeat makes layers, but `\(text(body.range))` is no block with arguments",
          range: body.range), definition: frame.definition)
      return nil
    }
    let below = descend(state, into: name, element: position)
    return instantiate(
      block, call: call, range: body.range, frame: &frame, state: below.state,
      adaptations: below.adaptations)
  }

  private mutating func reportUnknownBlock(_ name: Name, frame: Frame) {
    let names = library.files[frame.file].names
    let blocks = names.keys.filter { key in
      if let found = names[key], case .block = library[found] { true } else { false }
    }
    reportUnknown(name, kind: "block", candidates: blocks, definition: frame.definition)
  }

  /// The block that a callee names; `nil` when the name means something else here.
  func blockReference(_ callee: Expression, frame: Frame) -> DeclarationReference? {
    guard case .name(let name) = callee.kind, frame.statics[name] == nil,
      frame.tensors[name] == nil,
      let found = library.files[frame.file].names[name], case .block = library[found]
    else { return nil }
    return found
  }
}
