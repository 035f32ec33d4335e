// Resolving references over the folded tree: through aliases and layers that were passed in.
// The folded twin of Unfolding.resolve; a list's elements stay together where they are alike.
import Dimensions
import IR

extension FoldedTree {
  /// How many aliases and externals one reference may lead through.
  private static let rewriteLimit = 10_000

  /// A step on the way, with the elements of a list.
  private struct Step {
    var child: Int
    var elements: Range<Int>?

    init(_ step: InstanceStep) {
      child = step.child
      elements = step.element.map { $0..<$0 + 1 }
    }
  }

  /// A place reached and the steps still to take, the next one last.
  private struct Way {
    var place: FoldedInstance
    var steps: [Step]
  }

  /// The instances behind a reference, as an instance sees it.
  ///
  /// - Parameters:
  ///   - reference: may lead through aliases and externals.
  ///   - elements: which elements, when the reference names a list; `nil` for all.
  ///   - instance: where the reference stands.
  /// - Returns: one for each run that the elements touch; none when there is no such layer.
  package func resolve(
    _ reference: InstanceReference, elements: Range<Int>? = nil, from instance: FoldedInstance
  ) -> [FoldedInstance] {
    var found: [FoldedInstance] = []
    var pending: [Way] = []
    if let way = way(reference, elements, before: [], from: instance) { pending = [way] }
    for _ in 0..<FoldedTree.rewriteLimit {
      guard var way = pending.popLast() else { break }
      guard let step = way.steps.popLast() else {
        found.append(way.place)
        continue
      }
      let children = program[way.place.definition].children
      guard children.indices.contains(step.child) else { continue }
      if case .alias(let original) = children[step.child].content {
        if let next = self.way(original, step.elements, before: way.steps, from: way.place) {
          pending.append(next)
        }
      } else {
        // Reversed, so that the first run is taken first.
        for place in enter(step.child, elements: step.elements, from: way.place).reversed() {
          pending.append(Way(place: place, steps: way.steps))
        }
      }
    }
    return found
  }

  /// A reference as steps from an instance that owns them, climbing through externals.
  private func way(
    _ reference: InstanceReference, _ elements: Range<Int>?, before rest: [Step],
    from instance: FoldedInstance
  ) -> Way? {
    var steps = reference.steps.map(Step.init)
    var base = reference.base
    var place = instance
    for _ in 0..<FoldedTree.rewriteLimit {
      guard case .external(let index) = base else {
        if let elements {
          guard !steps.isEmpty else { return nil }
          steps[steps.count - 1].elements = elements
        }
        return Way(place: place, steps: rest + steps.reversed())
      }
      if place.levels.isEmpty, place.external == nil, place.root != program.root {
        // Seen from a definition alone, what was passed in is another place to start from.
        guard program[place.root].externals.indices.contains(index) else { return nil }
        place = FoldedInstance(root: program[place.root].externals[index], external: index)
        base = .own
        continue
      }
      guard let layer = instantiation(of: place), let owner = owner(of: place),
        layer.externals.indices.contains(index)
      else { return nil }
      steps = layer.externals[index].steps.map(Step.init) + steps
      base = layer.externals[index].base
      place = owner
    }
    return nil
  }

  /// The weight behind a reference, as an instance sees it.
  package func weight(
    _ reference: ParameterReference, from instance: FoldedInstance
  ) -> FoldedWeight? {
    guard let owner = resolve(reference.instance, from: instance).first,
      program[owner.definition].parameters.indices.contains(reference.parameter)
    else { return nil }
    return FoldedWeight(owner: owner, parameter: reference.parameter)
  }
}

/// A weight of one or many alike instances.
package struct FoldedWeight: Hashable, Sendable {
  package var owner: FoldedInstance
  /// Index into the `parameters` of the owner's definition.
  package var parameter: Int

  package init(owner: FoldedInstance, parameter: Int) {
    self.owner = owner
    self.parameter = parameter
  }
}

extension FoldedTree {
  /// The declaration of a weight.
  package func declaration(of weight: FoldedWeight) -> ParameterDeclaration {
    program[weight.owner.definition].parameters[weight.parameter]
  }

  /// `h[0..<12].attn.c_attn.weight`.
  package func path(of weight: FoldedWeight) -> FoldedPath {
    weight.owner.path.appending(declaration(of: weight).name)
  }

  /// The elements of all the instances' weights together.
  package func elements(of weight: FoldedWeight) -> Dimension {
    weight.owner.count * declaration(of: weight).type.elementCount
  }
}
