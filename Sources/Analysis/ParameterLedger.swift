// ParameterLedger: every weight of a model, folded, with totals that are checked numbers.
// The list is as long as the source is nested; the totals come from the sums and need no list.
import Diagnostics
import Dimensions
import IR

/// The weights of a model.
package struct ParameterLedger: Sendable {
  /// The default for the most rows of a list.
  package static let rowLimit = 100_000

  /// The totals of the model, in elements.
  package struct Totals: Hashable, Sendable {
    package var total: Int
    package var trainable: Int
    package var frozen: Int
    /// What the total would be if every name and every foreign reader had a weight of its own.
    package var tiedApart: Int
  }

  /// One weight of one or many alike instances.
  package struct Entry: Hashable, Sendable {
    package var weight: FoldedWeight
    /// `h[0..<12].attn.c_attn.weight`.
    package var path: FoldedPath
    package var declaration: ParameterDeclaration
    /// How many instances there are.
    package var count: Int
    /// Elements of one.
    package var elements: Int
    /// Elements of all.
    package var total: Int
    /// What its rows stand for, when an operation looks rows up in it.
    package var table: TableKind?
    package var trainable: Bool { declaration.trainable }
  }

  /// Another place where a weight appears.
  package struct TieMember: Hashable, Sendable {
    /// The name, or the block that reads it.
    package var path: FoldedPath
    /// False when the block only reads the weight and gives it no name.
    package var isName: Bool
    /// How many instances of this place there are.
    package var count: Int
    /// Where the name or the reader is declared.
    package var site: FoldedInstance
  }

  /// A weight with more than one place.
  package struct TieGroup: Hashable, Sendable {
    package var owner: FoldedWeight
    package var path: FoldedPath
    /// Elements of one.
    package var elements: Int
    /// How many such weights there are.
    package var count: Int
    package var members: [TieMember]
    /// What the members would add, were each a weight apart.
    package var added: Int
  }

  package let program: Program
  package let tree: FoldedTree
  package let sums: ParameterSums
  package let totals: Totals
  package let entries: [Entry]
  package let ties: [TieGroup]

  /// The total in terms of the config's names.
  package var formula: Dimension { sums[program.root].formula }

  /// - Throws: ``AnalysisError`` when a total does not fit, or a list would be too long.
  package init(_ program: Program, limit: Int = rowLimit) throws(AnalysisError) {
    self.program = program
    tree = FoldedTree(program)
    sums = ParameterSums(program)
    totals = try ParameterLedger.totals(of: program, sums)
    var collector = LedgerCollector(program, tree, sums, limit: limit)
    try collector.walk()
    entries = collector.finishedEntries()
    ties = collector.groups
  }

  private static func totals(
    of program: Program, _ sums: ParameterSums
  ) throws(AnalysisError) -> Totals {
    let total = try sums.checkedTotal(of: program.root, in: program)
    let sum = sums[program.root]
    guard let trainable = sum.trainable.constant, let apart = (sum.elements + sum.tied).constant
    else {
      throw .overflow(
        quantity: "parameters with ties apart", block: program[program.root].block,
        range: program[program.root].range)
    }
    return Totals(
      total: total, trainable: trainable, frozen: total - trainable, tiedApart: apart)
  }
}

/// The walk that fills a ledger.
private struct LedgerCollector {
  let program: Program
  let tree: FoldedTree
  let sums: ParameterSums
  let limit: Int
  var entries: [ParameterLedger.Entry] = []
  var groups: [ParameterLedger.TieGroup] = []
  private var places: [FoldedWeight: Int] = [:]
  private var tables: [FoldedWeight: TableKind] = [:]
  /// Whether a definition, or one below it, has names, readers or tables.
  private var interesting: [Bool]

  init(_ program: Program, _ tree: FoldedTree, _ sums: ParameterSums, limit: Int) {
    self.program = program
    self.tree = tree
    self.sums = sums
    self.limit = limit
    interesting = [Bool](repeating: false, count: program.definitions.count)
    for id in program.definitionsInnermostFirst ?? [] {
      interesting[id.index] =
        !sums.uses.isEmpty(id)
        || program[id].children.contains { child in
          child.content.layers.contains { interesting[$0.layer.definition.index] }
        }
    }
  }

  mutating func walk() throws(AnalysisError) {
    var pending = [tree.root]
    var visits = 0
    while let place = pending.popLast() {
      visits += 1
      guard visits <= limit else { throw .tooManyRows(what: "blocks", limit: limit) }
      try list(place)
      guard let count = place.count.constant else {
        throw .overflow(
          quantity: "instances", block: program[place.definition].block,
          range: program[place.definition].range)
      }
      if interesting[place.definition.index] {
        for member in sums.uses.members(of: place.definition, at: place, tree) {
          try add(member, at: place, count: count)
        }
        // One element's table marks the entry of the whole run: they are alike.
        for (weight, kind) in sums.uses.tables(of: place.definition, at: place, tree) {
          let whole = FoldedWeight(owner: tree.widened(weight.owner), parameter: weight.parameter)
          if tables[whole] != .tokens { tables[whole] = kind }
        }
      }
      pending += tree.children(of: place).reversed().filter {
        sums[$0.definition].weights != 0 || interesting[$0.definition.index]
      }
    }
  }

  private mutating func list(_ place: FoldedInstance) throws(AnalysisError) {
    let definition = program[place.definition]
    for (index, declaration) in definition.parameters.enumerated() where !declaration.isBuffer {
      guard entries.count < limit else { throw .tooManyRows(what: "weights", limit: limit) }
      let elements = declaration.type.elementCount
      guard let each = elements.constant, let count = place.count.constant,
        let total = (place.count * elements).constant
      else {
        throw .overflow(
          quantity: "parameters", block: definition.block, range: declaration.range)
      }
      entries.append(
        ParameterLedger.Entry(
          weight: FoldedWeight(owner: place, parameter: index),
          path: place.path.appending(declaration.name), declaration: declaration, count: count,
          elements: each, total: total, table: nil))
    }
  }

  private mutating func add(
    _ member: WeightUses.Member, at place: FoldedInstance, count: Int
  ) throws(AnalysisError) {
    let path = member.name.map { place.path.appending($0) } ?? place.path
    let isName = member.name != nil
    switch member.target {
    case .weight(let weight):
      try tie(
        weight,
        ParameterLedger.TieMember(path: path, isName: isName, count: count, site: place))
    case .layers(let layers, let asList):
      for layer in layers {
        let below = try weights(below: layer)
        for weight in below {
          var components = path.components
          components[components.count - 1].elements = asList ? layer.elements : nil
          let inner = weight.owner.path.components.dropFirst(layer.path.components.count)
          let name = FoldedPath(components + inner).appending(tree.declaration(of: weight).name)
          // One name for each place, and for each element of the lists that the name covers.
          let lists = weight.owner.multiplicity(from: max(layer.levels.count - 1, 0))
          guard let each = (Dimension(count) * lists).constant else {
            throw .overflow(
              quantity: "parameters", block: program[layer.definition].block, range: nil)
          }
          try tie(
            weight,
            ParameterLedger.TieMember(path: name, isName: isName, count: each, site: place))
        }
      }
    }
  }

  private func weights(below layer: FoldedInstance) throws(AnalysisError) -> [FoldedWeight] {
    var pending = [layer]
    var found: [FoldedWeight] = []
    while let place = pending.popLast() {
      let declared = program[place.definition].parameters
      found += declared.indices.filter { !declared[$0].isBuffer }.map {
        FoldedWeight(owner: place, parameter: $0)
      }
      guard found.count <= limit else { throw .tooManyRows(what: "weights", limit: limit) }
      pending += tree.children(of: place).reversed().filter {
        sums[$0.definition].weights != 0
      }
    }
    return found
  }

  private mutating func tie(
    _ weight: FoldedWeight, _ member: ParameterLedger.TieMember
  ) throws(AnalysisError) {
    let declaration = tree.declaration(of: weight)
    guard let elements = declaration.type.elementCount.constant,
      let count = weight.owner.count.constant,
      let added = (Dimension(elements) * Dimension(member.count)).constant
    else {
      throw .overflow(
        quantity: "parameters", block: program[weight.owner.definition].block,
        range: declaration.range)
    }
    if let known = places[weight] {
      groups[known].members.append(member)
      let (sum, overflow) = groups[known].added.addingReportingOverflow(added)
      groups[known].added = overflow ? .max : sum
      return
    }
    guard groups.count < limit else { throw .tooManyRows(what: "ties", limit: limit) }
    places[weight] = groups.count
    groups.append(
      ParameterLedger.TieGroup(
        owner: weight, path: tree.path(of: weight), elements: elements, count: count,
        members: [member], added: added))
  }

  /// The entries, marked where a table lookup reads them.
  func finishedEntries() -> [ParameterLedger.Entry] {
    entries.map { entry in
      var entry = entry
      entry.table = tables[entry.weight]
      return entry
    }
  }
}
