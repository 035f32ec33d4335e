// Unfolding: the instance tree of a folded program, one arithmetic step at a time.
// Definitions say how many weights they own, so that a place in the tree is computed, not searched.

/// An instance of a definition at one place of the tree.
package struct UnfoldedInstance: Hashable, Sendable {
  /// A definition on the way from the model, and the absolute index of its first weight.
  struct Level: Hashable, Sendable {
    var definition: DefinitionID
    var firstWeight: Int
  }

  /// The way from the model: no alias, no external, no element of a shared list.
  package private(set) var steps: [InstanceStep]
  /// One more than the steps: the model comes first.
  private(set) var levels: [Level]

  fileprivate init(root: DefinitionID) {
    steps = []
    levels = [Level(definition: root, firstWeight: 0)]
  }

  package var definition: DefinitionID { levels[levels.count - 1].definition }
  /// The absolute index of the instance's first weight.
  package var firstWeight: Int { levels[levels.count - 1].firstWeight }

  /// The instance that owns this one.
  var owner: UnfoldedInstance? {
    guard !steps.isEmpty else { return nil }
    var result = self
    result.steps.removeLast()
    result.levels.removeLast()
    return result
  }

  func entering(_ step: InstanceStep, _ level: Level) -> UnfoldedInstance {
    var result = self
    result.steps.append(step)
    result.levels.append(level)
    return result
  }
}

/// The instance tree of a program.
///
/// Weights are numbered in declaration order: a definition's own parameters first, then its
/// children in source order. Aliases and externals own nothing; a shared list owns one layer.
/// Building it costs one visit a definition, whatever the counts of the lists are.
package struct Unfolding: Sendable {
  /// What one instance of a definition owns.
  struct Layout: Sendable {
    /// Weights of the instance and everything below it; `Int.max` when there are more.
    var weights: Int
    /// For each child, its first weight, counted from the instance's own first.
    var offsets: [Int]
  }

  package let program: Program
  let layouts: [Layout]

  package init(_ program: Program) {
    self.program = program
    layouts = Unfolding.layouts(of: program)
  }

  /// The model itself.
  package var root: UnfoldedInstance { UnfoldedInstance(root: program.root) }

  /// Weights of the whole model; `Int.max` when there are more.
  package var weightCount: Int { layouts[program.root.index].weights }

  /// The instance behind a reference, as another instance sees it.
  ///
  /// - Parameters:
  ///   - reference: may lead through aliases and layers that were passed in.
  ///   - element: which element, when the reference names a list.
  ///   - instance: where the reference stands.
  /// - Returns: `nil` when there is no such layer.
  package func resolve(
    _ reference: InstanceReference, element: Int? = nil, from instance: UnfoldedInstance
  ) -> UnfoldedInstance? {
    guard let first = reference.steps.selecting(element) else { return nil }
    var current = instance
    var base = reference.base
    var pending = Array(first.reversed())
    for _ in 0..<Unfolding.rewriteLimit {
      if case .external(let index) = base {
        guard let step = current.steps.last, let owner = current.owner,
          let layer = program[owner.definition].instantiation(at: step),
          layer.externals.indices.contains(index)
        else { return nil }
        pending += layer.externals[index].steps.reversed()
        base = layer.externals[index].base
        current = owner
        continue
      }
      guard let step = pending.popLast() else { return current }
      let children = program[current.definition].children
      guard children.indices.contains(step.child) else { return nil }
      if case .alias(let original) = children[step.child].content {
        guard let steps = original.steps.selecting(step.element) else { return nil }
        pending += steps.reversed()
        base = original.base
      } else {
        guard let next = enter(step, from: current) else { return nil }
        current = next
      }
    }
    return nil
  }

  /// The absolute index of a weight, as an instance sees it.
  package func weight(_ reference: ParameterReference, from instance: UnfoldedInstance) -> Int? {
    guard let owner = resolve(reference.instance, from: instance),
      program[owner.definition].parameters.indices.contains(reference.parameter)
    else { return nil }
    return Unfolding.sum(owner.firstWeight, reference.parameter)
  }

  /// The dotted path of an instance: `h.3.attn`; empty for the model.
  package func path(of instance: UnfoldedInstance) -> String {
    zip(instance.steps, instance.levels).compactMap { step, level in
      component(of: step, in: level.definition)
    }.joined(separator: ".")
  }

  /// What a step adds to the path: `h.3`; `nil` for a transparent child.
  func component(of step: InstanceStep, in definition: DefinitionID) -> String? {
    let child = program[definition].children[step.child]
    if case .list = child.content, let element = step.element {
      return child.transparent ? String(element) : "\(child.name).\(element)"
    }
    return child.transparent ? nil : child.name
  }

  /// A child that is no alias.
  private func enter(_ step: InstanceStep, from instance: UnfoldedInstance) -> UnfoldedInstance? {
    let child = program[instance.definition].children[step.child]
    var first = Unfolding.sum(
      instance.firstWeight, layouts[instance.definition.index].offsets[step.child])
    var step = step
    switch child.content {
    case .layer: guard step.element == nil else { return nil }
    case .shared: step.element = nil
    case .alias: return nil
    case .list(let runs, _):
      guard let element = step.element else { return nil }
      for run in runs where run.elements.lowerBound < element {
        let before = min(run.elements.upperBound, element) - run.elements.lowerBound
        let each = layouts[run.layer.definition.index].weights
        first = Unfolding.sum(first, Unfolding.product(before, each))
      }
    }
    guard let layer = program[instance.definition].instantiation(at: step) else { return nil }
    return instance.entering(
      step, UnfoldedInstance.Level(definition: layer.definition, firstWeight: first))
  }
}

extension Unfolding {
  /// How many aliases and externals one reference may lead through.
  static let rewriteLimit = 100_000

  /// Sums and products that stop at `Int.max`: counts come from the model's text.
  static func sum(_ left: Int, _ right: Int) -> Int {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }

  static func product(_ left: Int, _ right: Int) -> Int {
    let (value, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : value
  }

  /// One layout for each definition, the innermost first.
  private static func layouts(of program: Program) -> [Layout] {
    var layouts = [Layout?](repeating: nil, count: program.definitions.count)
    guard let order = program.definitionsInnermostFirst else {
      preconditionFailure("a definition of \(program.name) contains itself")
    }
    for id in order {
      let definition = program[id]
      var total = definition.parameters.count
      var offsets: [Int] = []
      for child in definition.children {
        offsets.append(total)
        for (layer, count) in child.content.layers {
          guard let inner = layouts[layer.definition.index] else {
            preconditionFailure("\(definition.block) comes before its child \(child.name)")
          }
          total = sum(total, product(count, inner.weights))
        }
      }
      layouts[id.index] = Layout(weights: total, offsets: offsets)
    }
    return layouts.map { $0 ?? Layout(weights: 0, offsets: []) }
  }
}
