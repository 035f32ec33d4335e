// ParameterSums: what one instance of each definition owns, counted once for each definition.
// Apart from the ledger because claims need only the sums, and a sum needs no list.
import Diagnostics
import Dimensions
import IR

/// Elements, trainable elements and weights of every definition, with all that lies below.
package struct ParameterSums: Sendable {
  /// The sums of one instance.
  package struct Sum: Hashable, Sendable {
    package var elements: Dimension = 0
    package var trainable: Dimension = 0
    /// How many weights there are.
    package var weights: Dimension = 0
    /// What the other names and foreign readers of weights would add, were each a weight apart.
    package var tied: Dimension = 0
    /// The elements in terms of the config's names.
    package var formula: Dimension = 0

    mutating func add(_ other: Sum, times count: Dimension, formula factor: Dimension) {
      elements += other.elements * count
      trainable += other.trainable * count
      weights += other.weights * count
      tied += other.tied * count
      formula += other.formula * factor
    }
  }

  private let sums: [Sum]
  let uses: WeightUses

  package init(_ program: Program) {
    guard let order = program.definitionsInnermostFirst else {
      preconditionFailure("a definition of \(program.name) contains itself")
    }
    uses = WeightUses(program)
    let tree = FoldedTree(program)
    var sums = [Sum](repeating: Sum(), count: program.definitions.count)
    for id in order {
      var sum = Sum()
      for parameter in program[id].parameters where !parameter.isBuffer {
        let elements = parameter.type.elementCount
        sum.add(
          Sum(
            elements: elements, trainable: parameter.trainable ? elements : 0, weights: 1,
            formula: Dimension.product(of: parameter.formula)),
          times: 1, formula: 1)
      }
      for child in program[id].children {
        ParameterSums.add(child.content, to: &sum, sums)
      }
      sums[id.index] = sum
    }
    // Aliases may name what stands elsewhere, so they wait for all the sums.
    for id in order {
      var tied = ParameterSums.tied(id, uses, tree, sums)
      for child in program[id].children {
        for (layer, count) in child.content.layers {
          tied += sums[layer.definition.index].tied * Dimension(count)
        }
      }
      sums[id.index].tied = tied
    }
    self.sums = sums
  }

  /// One instance of a definition and everything that it owns.
  package subscript(_ id: DefinitionID) -> Sum { sums[id.index] }

  private static func add(_ content: Child.Content, to sum: inout Sum, _ sums: [Sum]) {
    let inner = content.layers.map { sums[$0.layer.definition.index] }
    guard case .list(_, let count) = content, let first = inner.first,
      inner.allSatisfy({ $0.formula == first.formula })
    else {
      for ((_, count), layer) in zip(content.layers, inner) {
        sum.add(layer, times: Dimension(count), formula: Dimension(count))
      }
      return
    }
    // Alike elements: the formula keeps the name of the count.
    for ((_, count), layer) in zip(content.layers, inner) {
      sum.add(layer, times: Dimension(count), formula: 0)
    }
    sum.formula += first.formula * count
  }

  /// The elements behind other names and foreign readers of one instance, without those below.
  private static func tied(
    _ id: DefinitionID, _ uses: WeightUses, _ tree: FoldedTree, _ sums: [Sum]
  ) -> Dimension {
    let place = FoldedInstance(root: id)
    var total: Dimension = 0
    for member in uses.members(of: id, at: place, tree) {
      switch member.target {
      case .weight(let weight): total += tree.elements(of: weight)
      case .layers(let layers, _):
        for layer in layers { total += layer.count * sums[layer.definition.index].elements }
      }
    }
    return total
  }
}

extension ParameterSums {
  /// The sum of a definition as a plain number.
  ///
  /// - Throws: ``AnalysisError`` naming the innermost block in which it stops being one.
  package func checkedTotal(of id: DefinitionID, in program: Program) throws(AnalysisError) -> Int {
    if let total = self[id].elements.constant { return total }
    var culprit = id
    // Bounded by the nesting: each turn goes one definition further in.
    while let inner = program[culprit].children.lazy.flatMap({ $0.content.layers })
      .map(\.layer.definition).first(where: { self[$0].elements.constant == nil })
    {
      culprit = inner
    }
    let definition = program[culprit]
    let value = self[culprit].elements
    let unsized = definition.parameters.first { !$0.type.elementCount.symbols.isEmpty }
    if let unsized {
      throw .symbolic(
        quantity: "parameters", value: unsized.type.elementCount, block: definition.block,
        range: unsized.range)
    }
    if value.isOverflow || value.wideConstant != nil {
      throw .overflow(quantity: "parameters", block: definition.block, range: definition.range)
    }
    throw .symbolic(
      quantity: "parameters", value: value, block: definition.block, range: definition.range)
  }
}
