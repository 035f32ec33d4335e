// ParameterViews: the same total divided in five ways; each division sums to the total.
// Apart from the ledger because every new question about weights is a new view.
import Dimensions
import IR

/// A share of the parameters.
package struct ParameterShare: Hashable, Sendable {
  /// What the share is called: `trainable`, a path, a group.
  package var name: String
  /// How many weights it holds.
  package var weights: Int
  /// Elements of all of them.
  package var elements: Int
  /// For a block: how deep it stands, and what it is.
  package var depth: Int
  package var block: String?
  /// For a tied weight: its other places.
  package var places: [String]

  package init(
    _ name: String, weights: Int, elements: Int, depth: Int = 0, block: String? = nil,
    places: [String] = []
  ) {
    self.name = name
    self.weights = weights
    self.elements = elements
    self.depth = depth
    self.block = block
    self.places = places
  }
}

/// How weights are divided.
package enum ParameterView: String, Hashable, Sendable, CaseIterable {
  case block, tie, trainable, decay, embedding
}

/// Which weights AdamW decays.
package enum DecayRule: Sendable {
  /// Weights of at least this rank; 2 is the usual rule: no biases, no norms.
  case rank(atLeast: Int)
  /// By unfolded name and declaration; the weights are then visited one by one.
  case named(@Sendable (_ name: String, _ declaration: ParameterDeclaration) -> Bool)
}

extension ParameterLedger {
  /// Every weight's own instances, by block and in source order; `own` elements without those of
  /// blocks below, so that the shares sum to the total.
  package var byBlock: [ParameterShare] {
    var shares: [ParameterShare] = []
    var last: FoldedInstance?
    for entry in entries {
      let owner = entry.weight.owner
      if owner != last {
        shares.append(
          ParameterShare(
            owner.path.description, weights: 0, elements: 0,
            depth: owner.path.components.count, block: program[owner.definition].block))
        last = owner
      }
      shares[shares.count - 1].weights += entry.count
      shares[shares.count - 1].elements += entry.total
    }
    return shares
  }

  /// The blocks that own weights as a tree, each with everything below it.
  ///
  /// The first is the model, with the total; each other is a part of the one that owns it.
  package var blockTree: [ParameterShare] {
    var rows: [ParameterShare] = []
    var pending = [tree.root]
    while let place = pending.popLast() {
      let sum = sums[place.definition]
      guard let weights = (place.count * sum.weights).constant,
        let elements = (place.count * sum.elements).constant
      else { continue }
      rows.append(
        ParameterShare(
          tree.name(of: place), weights: weights, elements: elements, depth: place.levels.count,
          block: program[place.definition].block))
      pending += tree.children(of: place).reversed().filter { sums[$0.definition].weights != 0 }
    }
    return rows
  }

  /// Each weight with several places, and the rest.
  package var byTie: [ParameterShare] {
    // A group for one element of a list stands inside the group of all elements: counted once.
    var inside: [FoldedWeight: Int] = [:]
    for group in ties {
      let owner = tree.widened(group.owner.owner)
      guard owner != group.owner.owner else { continue }
      let whole = FoldedWeight(owner: owner, parameter: group.owner.parameter)
      inside[whole, default: 0] += group.count
    }
    var shares = ties.map { group in
      let count = group.count - (inside[group.owner] ?? 0)
      return ParameterShare(
        group.path.description, weights: count, elements: count * group.elements,
        places: group.members.map { $0.isName ? "\($0.path)" : "read by \(name(of: $0))" })
    }
    let weights = entries.reduce(0) { $0 + $1.count } - shares.reduce(0) { $0 + $1.weights }
    let rest = totals.total - shares.reduce(0) { $0 + $1.elements }
    shares.append(ParameterShare("not tied", weights: weights, elements: rest))
    return shares
  }

  private func name(of member: TieMember) -> String {
    member.path.components.isEmpty ? program.name : member.path.description
  }

  /// Trainable and frozen.
  package var byTrainable: [ParameterShare] {
    split(["trainable", "frozen"]) { $0.trainable ? 0 : 1 }
  }

  /// Tables that rows are looked up in, those of tokens and those of positions, and the rest.
  ///
  /// Both kinds are embeddings: what is left is Kaplan's non-embedding count. A table is one of
  /// positions when its rows are chosen by values that depend on no input of the model.
  package var byEmbedding: [ParameterShare] {
    split(["token embedding", "position embedding", "non-embedding"]) {
      $0.table.map { $0 == .tokens ? 0 : 1 } ?? 2
    }
  }

  /// Decayed, not decayed, and frozen weights, which no optimiser touches.
  ///
  /// - Throws: ``AnalysisError`` when a rule by name would visit too many weights.
  package func byDecay(_ rule: DecayRule) throws(AnalysisError) -> [ParameterShare] {
    var shares = [
      ParameterShare("decayed", weights: 0, elements: 0),
      ParameterShare("not decayed", weights: 0, elements: 0),
      ParameterShare("frozen", weights: 0, elements: 0),
    ]
    func add(_ share: Int, _ weights: Int, _ elements: Int) {
      shares[share].weights += weights
      shares[share].elements += elements
    }
    switch rule {
    case .rank(let least):
      for entry in entries {
        let decays = entry.declaration.type.rank >= least
        add(!entry.trainable ? 2 : decays ? 0 : 1, entry.count, entry.total)
      }
    case .named(let decays):
      for weight in try unfoldedWeights(limit: ParameterLedger.tensorLimit)
      where !weight.declaration.isBuffer {
        let declaration = weight.declaration
        let share = !declaration.trainable ? 2 : decays(weight.name, declaration) ? 0 : 1
        add(share, 1, declaration.type.elementCount.constant ?? 0)
      }
    }
    return shares.filter { $0.weights > 0 || $0.name != "frozen" }
  }

  /// The shares of one view.
  ///
  /// - Throws: ``AnalysisError`` when the view would visit too many weights.
  package func shares(
    by view: ParameterView, decay: DecayRule = .rank(atLeast: 2)
  ) throws(AnalysisError) -> [ParameterShare] {
    switch view {
    case .block: byBlock
    case .tie: byTie
    case .trainable: byTrainable
    case .decay: try byDecay(decay)
    case .embedding: byEmbedding
    }
  }

  private func split(_ names: [String], _ place: (Entry) -> Int) -> [ParameterShare] {
    var shares = names.map { ParameterShare($0, weights: 0, elements: 0) }
    for entry in entries {
      let share = place(entry)
      shares[share].weights += entry.count
      shares[share].elements += entry.total
    }
    return shares
  }
}
