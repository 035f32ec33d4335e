// BlockAlignment: which block of one tree stands for which of the other.
// By name first; what is left is paired by the block that it is, in order, as a renaming.

/// The walk over two trees at once.
struct BlockAlignment {
  private(set) var rows: [BlockComparison.Row] = []

  /// Adds the rows of two trees, either of which may lack the place.
  ///
  /// - Returns: whether anything differs.
  @discardableResult
  mutating func align(
    _ first: BlockNode?, _ second: BlockNode?, depth: Int, owners: (Int, Int) = (1, 1)
  ) -> Bool {
    let index = rows.count
    rows.append(row(first, second, depth: depth, owners: owners))
    var differs = rows[index].change != .same
    var isWhole = true
    if let first, let second {
      for (left, right) in pairs(first.below, second.below)
      where align(left, right, depth: depth + 1, owners: (first.instances, second.instances)) {
        differs = true
        isWhole = false
      }
    }
    rows[index].differs = differs
    if isWhole {
      // What stands below is the same, or all of it is new or gone: one row tells everything.
      rows.removeSubrange((index + 1)...)
      rows[index].ownParameters = rows[index].parameters
      rows[index].ownFlops = rows[index].flops
    }
    return differs
  }

  private func row(
    _ first: BlockNode?, _ second: BlockNode?, depth: Int, owners: (Int, Int)
  ) -> BlockComparison.Row {
    let weights = weights(first, second)
    let (left, right) = (Set(first?.operations ?? []), Set(second?.operations ?? []))
    let isWhole = first != nil && second != nil
    let dropped = isWhole ? left.subtracting(right).sorted() : []
    let gained = isWhole ? right.subtracting(left).sorted() : []
    let change: BlockComparison.Change
    switch (first, second) {
    case (nil, _): change = .added
    case (_, nil): change = .removed
    case (let first?, let second?):
      let isSame =
        weights.isEmpty && dropped.isEmpty && gained.isEmpty
        && (depth == 0 || first.name == second.name)
        // More owners are not another block: the owner's row tells how many there are.
        && first.instances / max(owners.0, 1) == second.instances / max(owners.1, 1)
        && first.flops / max(first.instances, 1) == second.flops / max(second.instances, 1)
      let isRenamed = depth > 0 && first.key != second.key
      change = isSame ? .same : isRenamed ? .renamed : .changed
    }
    return BlockComparison.Row(
      depth: depth, firstName: first?.name, secondName: second?.name, firstPath: first?.path,
      secondPath: second?.path, firstBlock: first?.block, secondBlock: second?.block,
      change: change, weights: weights, dropped: dropped, gained: gained,
      ownParameters: (second?.parameters ?? 0) - (first?.parameters ?? 0),
      parameters: (second?.allParameters ?? 0) - (first?.allParameters ?? 0),
      ownFlops: (second?.flops ?? 0) - (first?.flops ?? 0),
      flops: (second?.allFlops ?? 0) - (first?.allFlops ?? 0), differs: false)
  }

  private func weights(_ first: BlockNode?, _ second: BlockNode?) -> [BlockComparison.Weight] {
    let own = first?.order ?? []
    let names = own + (second?.order ?? []).filter { !own.contains($0) }
    return names.compactMap { name in
      let (left, right) = (first?.weights[name], second?.weights[name])
      return left == right
        ? nil : BlockComparison.Weight(name: name, first: left, second: right)
    }
  }

  // MARK: Pairs

  private typealias Pair = (first: BlockNode?, second: BlockNode?)

  /// The children of two blocks side by side, in the order of the first; what only the second has
  /// stands after its neighbour there.
  private func pairs(_ first: [BlockNode], _ second: [BlockNode]) -> [Pair] {
    var partner = [Int?](repeating: nil, count: first.count)
    var taken = [Bool](repeating: false, count: second.count)
    func pair(where isMatch: (BlockNode, BlockNode) -> Bool) {
      for index in first.indices where partner[index] == nil {
        guard
          let other = second.indices.first(where: {
            !taken[$0] && isMatch(first[index], second[$0])
          })
        else { continue }
        partner[index] = other
        taken[other] = true
      }
    }
    pair { $0.key == $1.key }
    pair { $0.block == $1.block && $0.isList == $1.isList }
    pair { $0.isList && $1.isList }
    var result: [Pair] = first.indices.map { (first[$0], partner[$0].map { second[$0] }) }
    for index in second.indices where !taken[index] {
      let before = index == 0 ? nil : second[index - 1]
      let place = before.flatMap { known in
        result.lastIndex { $0.second?.path == known.path }
      }
      result.insert(
        (nil, second[index]), at: place.map { $0 + 1 } ?? (index == 0 ? 0 : result.count))
    }
    return result
  }
}
