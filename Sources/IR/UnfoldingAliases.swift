// Aliases: further names of absolute weights, such as a tied `lm_head.weight`.
// Checkpoints may hold a tensor under any of its names; reports show it under the first.

/// A second name of one weight of the unfolded model.
package struct UnfoldedAlias: Hashable, Sendable {
  /// The path, with dots.
  package var name: String
  /// The absolute index of the weight.
  package var weight: Int
}

extension Program {
  /// The second names of weights in declaration order.
  ///
  /// - Throws: ``UnfoldingError`` when there are more than `limit`.
  package func unfoldedAliases(
    limit: Int = 1_000_000
  ) throws(UnfoldingError) -> [UnfoldedAlias] {
    let unfolding = Unfolding(self)
    let counts = aliasCounts
    guard counts[root.index] <= limit else {
      throw UnfoldingError("the model has more than \(limit) second names of weights")
    }
    var result: [UnfoldedAlias] = []
    var pending = [unfolding.root]
    while let instance = pending.popLast() {
      let definition = self[instance.definition]
      let path = unfolding.path(of: instance)
      for alias in definition.aliases {
        guard let weight = unfolding.weight(alias.reference, from: instance) else {
          preconditionFailure("the alias \(alias.name) of \(definition.block) has no weight")
        }
        let name = path.isEmpty ? alias.name : path + "." + alias.name
        result.append(UnfoldedAlias(name: name, weight: weight))
      }
      var inner: [UnfoldedInstance] = []
      for (index, child) in definition.children.enumerated() {
        for (layer, elements) in child.content.elements
        where counts[layer.definition.index] > 0 {
          let steps: [InstanceStep] =
            elements.map { $0.map { InstanceStep(child: index, element: $0) } }
            ?? [InstanceStep(child: index)]
          inner += steps.compactMap {
            unfolding.resolve(InstanceReference(steps: [$0]), from: instance)
          }
        }
      }
      pending += inner.reversed()
    }
    return result
  }

  /// For each definition, the aliases of an instance and everything below it.
  private var aliasCounts: [Int] {
    var counts = definitions.map(\.aliases.count)
    for id in definitionsInnermostFirst ?? [] {
      for (layer, count) in self[id].children.flatMap(\.content.layers) {
        let inner = Unfolding.product(count, counts[layer.definition.index])
        counts[id.index] = Unfolding.sum(counts[id.index], inner)
      }
    }
    return counts
  }
}

extension Child.Content {
  /// The layers that the child owns, and for those of a list which elements they are.
  fileprivate var elements: [(layer: Instantiation, elements: Range<Int>?)] {
    switch self {
    case .layer(let layer), .shared(let layer, _): [(layer, nil)]
    case .list(let runs, _): runs.map { ($0.layer, $0.elements) }
    case .alias: []
    }
  }
}
