// References: what a reference means inside a definition, before anything is unfolded.
// Checking, activity and reports resolve here; only execution needs absolute places.

/// What a reference names, as a definition sees it.
package enum ReferenceTarget: Hashable, Sendable {
  case layer(DefinitionID)
  case list([Run])
  case shared(DefinitionID, times: Int)

  /// The definition of the only layer, or of every element in a range of a list.
  ///
  /// - Returns: `nil` when the elements differ, or when the list has no such elements.
  package func definition(of elements: Range<Int>?) -> DefinitionID? {
    switch self {
    case .layer(let definition): return elements == nil ? definition : nil
    case .shared(let definition, let times):
      guard let elements else { return definition }
      return elements.lowerBound >= 0 && elements.upperBound <= times ? definition : nil
    case .list(let runs):
      guard let elements, elements.lowerBound >= 0,
        elements.upperBound <= runs.last?.elements.upperBound ?? 0
      else { return nil }
      let found = Set(
        runs.filter { $0.elements.overlaps(elements) }.map(\.layer.definition))
      return found.count == 1 ? found.first : nil
    }
  }
}

extension Program {
  /// What a reference names, as an instance of a definition sees it.
  package func target(
    of reference: InstanceReference, from definition: DefinitionID
  ) -> ReferenceTarget? {
    var current = ReferenceTarget.layer(definition)
    var base = reference.base
    var pending = Array(reference.steps.reversed())
    for _ in 0..<Unfolding.rewriteLimit {
      guard case .layer(let id) = current else { return pending.isEmpty ? current : nil }
      if case .external(let index) = base {
        guard self[id].externals.indices.contains(index) else { return nil }
        current = .layer(self[id].externals[index])
        base = .own
        continue
      }
      guard let step = pending.popLast() else { return current }
      guard self[id].children.indices.contains(step.child) else { return nil }
      switch self[id].children[step.child].content {
      case .layer(let layer):
        guard step.element == nil else { return nil }
        current = .layer(layer.definition)
      case .shared(let layer, let times):
        let single = step.element != nil || !pending.isEmpty
        current =
          single ? .layer(layer.definition) : .shared(layer.definition, times: times)
      case .list(let runs, _):
        if let element = step.element {
          guard let run = runs.first(where: { $0.elements.contains(element) }) else { return nil }
          current = .layer(run.layer.definition)
        } else {
          current = .list(runs)
        }
      case .alias(let original):
        guard let steps = original.steps.selecting(step.element) else { return nil }
        pending += steps.reversed()
        base = original.base
      }
    }
    return nil
  }

  /// The definition of the layer behind a reference.
  package func definition(
    of reference: InstanceReference, from definition: DefinitionID
  ) -> DefinitionID? {
    target(of: reference, from: definition)?.definition(of: nil)
  }

  /// The declaration of the weight behind a reference.
  package func declaration(
    of reference: ParameterReference, from definition: DefinitionID
  ) -> ParameterDeclaration? {
    guard let owner = self.definition(of: reference.instance, from: definition),
      self[owner].parameters.indices.contains(reference.parameter)
    else { return nil }
    return self[owner].parameters[reference.parameter]
  }

  /// The path of a reference, as its definition would write it: `h[3].attn`.
  package func text(of reference: InstanceReference, from definition: DefinitionID) -> String {
    var parts: [String] = []
    var current: DefinitionID? = definition
    if case .external(let index) = reference.base {
      let names = self[definition].externalNames
      parts.append(names.indices.contains(index) ? names[index] : "external \(index)")
      current = self.definition(of: InstanceReference(base: reference.base), from: definition)
    }
    for step in reference.steps {
      guard let id = current, self[id].children.indices.contains(step.child) else {
        parts.append("?")
        break
      }
      parts.append(self[id].children[step.child].name + (step.element.map { "[\($0)]" } ?? ""))
      current = self.definition(of: InstanceReference(steps: [step]), from: id)
    }
    return parts.isEmpty ? "self" : parts.joined(separator: ".")
  }

  /// Every definition after all those of its layers; `nil` when one contains itself.
  package var definitionsInnermostFirst: [DefinitionID]? {
    Program.innermostFirst(count: definitions.count) { index in
      definitions[index].children.flatMap { $0.content.layers.map(\.layer.definition.index) }
    }?.map(DefinitionID.init(index:))
  }

  /// Every function after all those that it calls; `nil` when one calls itself.
  package var functionsInnermostFirst: [FunctionID]? {
    Program.innermostFirst(count: functions.count) { index in
      functions[index].nodes.compactMap { node in
        if case .call(let call) = node.kind { call.function.index } else { nil }
      }
    }?.map(FunctionID.init(index:))
  }

  /// A depth-first order without recursion: nesting comes from the model's text.
  static func innermostFirst(count: Int, inner: (Int) -> [Int]) -> [Int]? {
    enum Mark { case unseen, open, done }
    var marks = [Mark](repeating: .unseen, count: count)
    var order: [Int] = []
    for start in 0..<count where marks[start] == .unseen {
      var stack = [(node: start, rest: inner(start))]
      marks[start] = .open
      while let top = stack.last {
        guard let next = top.rest.last else {
          marks[top.node] = .done
          order.append(top.node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].rest.removeLast()
        switch marks[next] {
        case .open: return nil
        case .done: continue
        case .unseen:
          marks[next] = .open
          stack.append((next, inner(next)))
        }
      }
    }
    return order
  }
}

extension Child.Content {
  /// The layers that the child owns, and how many of each.
  package var layers: [(layer: Instantiation, count: Int)] {
    switch self {
    case .layer(let layer), .shared(let layer, _): [(layer, 1)]
    case .list(let runs, _): runs.map { ($0.layer, $0.elements.count) }
    case .alias: []
    }
  }
}

extension Definition {
  /// The instance to be behind one step; `nil` for an alias and for elements that don't exist.
  func instantiation(at step: InstanceStep) -> Instantiation? {
    guard children.indices.contains(step.child) else { return nil }
    switch children[step.child].content {
    case .layer(let layer), .shared(let layer, _): return layer
    case .list(let runs, _):
      guard let element = step.element else { return nil }
      return runs.first { $0.elements.contains(element) }?.layer
    case .alias: return nil
    }
  }
}

extension [InstanceStep] {
  /// The steps with an element chosen in the last, which names a list; `nil` without a last step.
  func selecting(_ element: Int?) -> [InstanceStep]? {
    guard let element else { return self }
    guard let last else { return nil }
    return dropLast() + [InstanceStep(child: last.child, element: element)]
  }
}
