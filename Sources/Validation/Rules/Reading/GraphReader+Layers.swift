// GraphReader+Layers: weights applied to values, tables, norms, masks and attention.
// Apart from plain operations because here facts turn into sites.
import Dimensions
import IR

extension GraphReader {
  // MARK: Tables and norms

  mutating func lookup(_ applied: AppliedOperation) -> GraphFact {
    let (table, ids) = (applied.operands[0], applied.operands[1])
    var fact = GraphFact(maker: .embedding, reads: ids.reads)
    if let weight = table.weight {
      sites.add(
        LookupSite(
          site: site(applied.range), table: weight, upper: ids.upper,
          inputs: Set(ids.reads.keys)))
    } else if table.isData {
      fact.join(table.blurred())
    }
    return fact
  }

  mutating func normalised(_ applied: AppliedOperation, _ kind: NormKind) -> GraphFact {
    let operand = applied.operands[0]
    var again = false
    if case .normalised = operand.maker { again = true }
    var fact = GraphFact(
      maker: .normalised(kind, again: again), reads: operand.reads, isNormalised: true,
      passedNorm: true)
    fact.hiding = operand.hiding
    if operand.isData {
      reduce(&fact, applied.types[0].rank - 1, applied)
      sites.add(
        ReductionSite(
          site: site(applied.range), operation: applied.name, element: applied.types[0].element))
    }
    fact.hiding = .none
    return fact
  }

  // MARK: Layers

  mutating func layer(_ applied: AppliedOperation) -> GraphFact? {
    guard applied.operands.count >= 2, let weight = applied.operands[1].weight else { return nil }
    return layer(
      applied, applied.operands[0], weight, contracted: applied.types[0].rank - 1,
      from: applied.types[0].shape.last ?? 1, to: applied.results[0].shape.last ?? 1)
  }

  /// A weight applied to an operand along one of its axes, whose result keeps the other axes.
  private mutating func layer(
    _ applied: AppliedOperation, _ operand: GraphFact, _ weight: WeightFact, contracted: Int,
    from: Dimension, to: Dimension
  ) -> GraphFact {
    let place = site(applied.range)
    var fact = GraphFact(
      maker: .layer(LayerFact(weight: weight, place: place.range)), reads: operand.reads,
      passedNorm: operand.passedNorm)
    fact.hiding = operand.hiding
    reduce(&fact, contracted, applied)
    fact.hiding = .none
    sites.add(
      LayerSite(
        site: place, weight: weight, from: from, to: to, operand: operand.maker,
        factor: operand.factor, isNormalised: operand.isNormalised))
    return fact
  }

  mutating func contraction(_ applied: AppliedOperation) -> GraphFact? {
    guard let pattern = applied.attributes.pattern, let output = pattern.output,
      pattern.inputs.count == 2,
      let left = AxisNames(pattern.inputs[0], rank: applied.types[0].rank),
      let right = AxisNames(pattern.inputs[1], rank: applied.types[1].rank),
      let result = AxisNames(output, rank: applied.results[0].rank)
    else { return nil }
    var sides: [GraphFact] = []
    var summed: [[Int]] = []
    for (index, names) in [left, right].enumerated() {
      var fact = applied.operands[index]
      let gone = names.axes.indices.filter { names.places(of: $0, in: result).isEmpty }
      summed.append(gone)
      // What weights of attention hide does not take part in the sum.
      let other = applied.operands[1 - index]
      let otherNames = index == 0 ? right : left
      for axis in gone {
        if case .future(let query, let key) = other.hiding,
          otherNames.places(of: key, in: names).contains(axis),
          !otherNames.places(of: query, in: result).isEmpty
        {
          continue
        }
        if other.hiding == .unknown, fact.reads.values.contains(where: { $0.axes.contains(axis) }) {
          fact.hiding = .unknown
        }
        reduce(&fact, axis, applied)
      }
      sides.append(fact.moved { names.places(of: $0, in: result) })
    }
    if let fact = weightedContraction(applied, [left, right], summed, result) { return fact }
    var fact = GraphFact(factor: nil)
    fact.join(sides[0])
    fact.join(sides[1])
    // The sum runs along the keys' positions; the queries' are left.
    fact.passedNorm = sides[0].passedNorm || sides[1].passedNorm
    let (a, b) = (applied.operands[0], applied.operands[1])
    let isSummedOverTime = zip([a, b], summed).contains { fact, axes in
      fact.reads.values.contains { !$0.axes.isDisjoint(with: axes) }
    }
    if a.isData, b.isData, !isSummedOverTime, !summed[0].isEmpty, a.weight == nil, b.weight == nil {
      let width = summed[0].reduce(Dimension(1)) { $0 * applied.types[0].shape[$1] }
      var factor: Double?
      if let first = a.factor, let second = b.factor { factor = first * second }
      fact.scores = ScoreFact(
        width: width, factor: factor, isNormalised: a.isNormalised || b.isNormalised)
    }
    return fact
  }

  /// `x W` spelled as a contraction: one side is a weight, the other is not.
  private mutating func weightedContraction(
    _ applied: AppliedOperation, _ names: [AxisNames], _ summed: [[Int]], _ result: AxisNames
  ) -> GraphFact? {
    for (index, weightIndex) in [(0, 1), (1, 0)] {
      guard let weight = applied.operands[weightIndex].weight, applied.operands[index].isData,
        summed[index].count == 1, let axis = summed[index].first
      else { continue }
      var sizes: [Dimension] = []
      for (place, size) in applied.types[weightIndex].shape.enumerated()
      where names[weightIndex].places(of: place, in: names[index]).isEmpty { sizes.append(size) }
      let moved = applied.operands[index].moved { $0 == axis ? [] : [$0] }
      var operand = applied.operands[index]
      operand.reads = moved.reads
      var fact = layer(
        applied, applied.operands[index], weight, contracted: axis,
        from: applied.types[index].shape[axis], to: sizes.reduce(1) { $0 * $1 })
      fact = fact.moved { names[index].places(of: $0, in: result) }
      return fact
    }
    return nil
  }

  // MARK: Masks

  func comparison(_ applied: AppliedOperation) -> GraphFact {
    let sides = aligned(applied)
    var fact = GraphFact()
    fact.join(sides[0])
    fact.join(sides[1])
    guard let first = sides[0].counts, let second = sides[1].counts, first != second else {
      return fact
    }
    switch applied.attributes.string("relation") {
    case "less_equal", "less":
      // Keys (first) up to queries (second).
      fact.order = PositionOrder(query: second, key: first, holdsForPast: true)
    case "greater_equal":
      fact.order = PositionOrder(query: first, key: second, holdsForPast: true)
    case "greater":
      fact.order = PositionOrder(query: second, key: first, holdsForPast: false)
    default: break
    }
    return GraphReader.oriented(fact)
  }

  /// Queries stand before keys in every usual layout of scores.
  private static func oriented(_ fact: GraphFact) -> GraphFact {
    guard let order = fact.order, order.query > order.key else { return fact }
    var result = fact
    result.order = PositionOrder(
      query: order.key, key: order.query, holdsForPast: !order.holdsForPast)
    return result
  }

  func logical(_ applied: AppliedOperation) -> GraphFact {
    let sides = aligned(applied)
    var fact = sides[0]
    if applied.name == "not" {
      fact.order = fact.order.map {
        PositionOrder(query: $0.query, key: $0.key, holdsForPast: !$0.holdsForPast)
      }
      return fact
    }
    fact.join(sides[1])
    let orders = sides.compactMap(\.order)
    let isAnd = applied.attributes.string("kind") == "and"
    // What both demand, one of them demands; what either demands is known only of equals.
    fact.order = orders.first { $0.holdsForPast == isAnd }
    return fact
  }

  mutating func choice(_ applied: AppliedOperation) -> GraphFact {
    let sides = aligned(applied)
    let (condition, a, b) = (sides[0], sides[1], sides[2])
    let isHiddenBySecond = b.constant.map { $0 <= -1e3 } ?? false
    let isHiddenByFirst = a.constant.map { $0 <= -1e3 } ?? false
    var fact = isHiddenByFirst && !isHiddenBySecond ? b : a
    let hidden = isHiddenBySecond ? b.constant : isHiddenByFirst ? a.constant : nil
    fact.join(a)
    fact.join(b)
    fact.join(condition)
    guard let hidden else {
      if fact.scores == nil { return fact.blurred() }
      fact.hiding = .unknown
      return fact
    }
    if hidden.isFinite {
      fact.scores?.fill = hidden
    } else if condition.isData {
      fact.scores?.isPadded = true
    }
    fact.constant = nil
    let rank = applied.results[0].rank
    if let order = condition.order {
      if order.holdsForPast == isHiddenBySecond {
        fact.hiding = .future(query: order.query, key: order.key)
      } else if case .future = fact.hiding {
        // What was hidden stays hidden.
      } else {
        fact.hiding = .unknown
      }
    } else if case .future = fact.hiding {
      return fact
    } else if varies(applied.types[0], alongQueriesOf: rank) {
      fact.hiding = .unknown
    }
    return fact
  }

  /// Whether a mask has an axis of queries that is more than a repetition.
  private func varies(_ mask: TensorType, alongQueriesOf rank: Int) -> Bool {
    let axis = mask.rank - 2
    guard rank >= 2, axis >= 0 else { return false }
    return mask.shape[axis].constant != 1
  }

  // MARK: Attention

  mutating func weights(_ applied: AppliedOperation) -> GraphFact? {
    guard let pattern = applied.attributes.pattern,
      let names = AxisNames(pattern.inputs[0], rank: applied.types[0].rank),
      let axis = names.marked.first
    else { return nil }
    let operand = applied.operands[0]
    var fact = GraphFact(reads: operand.reads, factor: nil, passedNorm: operand.passedNorm)
    fact.hiding = operand.hiding
    reduce(&fact, axis, applied)
    sites.add(
      ReductionSite(
        site: site(applied.range), operation: applied.name, element: applied.types[0].element))
    if let scores = operand.scores {
      sites.add(
        AttentionSite(
          site: site(applied.range), scores: scores, hidesFuture: hidesFuture(operand.hiding),
          element: applied.types[0].element))
    }
    return fact
  }

  private func hidesFuture(_ hiding: Hiding) -> Bool {
    if case .future = hiding { true } else { false }
  }

  mutating func attention(_ applied: AppliedOperation) -> GraphFact? {
    guard applied.operands.count >= 3, applied.types[0].rank >= 2 else { return nil }
    let (query, key, value) = (applied.operands[0], applied.operands[1], applied.operands[2])
    let rank = applied.types[0].rank
    let keys = applied.types[1].rank - 2
    let width = applied.types[0].shape[rank - 1]
    var hiding = Hiding.none
    if applied.attributes.boolean("causal") == true {
      hiding = .future(query: rank - 2, key: rank - 1)
    }
    for (mask, type) in zip(applied.operands.dropFirst(3), applied.types.dropFirst(3)) {
      if case .future = hiding { break }
      if type.element.kind == .mask, let order = mask.order, order.holdsForPast {
        hiding = .future(query: rank - 2, key: rank - 1)
      } else if varies(type, alongQueriesOf: rank) {
        hiding = .unknown
      }
    }
    var factor = applied.attributes.float("scale")
    if factor == nil, let size = width.constant, size > 0 { factor = 1 / Double(size).squareRoot() }
    if let scale = factor, let first = query.factor, let second = key.factor {
      factor = scale * first * second
    } else {
      factor = nil
    }
    sites.add(
      AttentionSite(
        site: site(applied.range),
        scores: ScoreFact(
          width: width, factor: factor, isNormalised: query.isNormalised || key.isNormalised),
        hidesFuture: hidesFuture(hiding), element: applied.types[0].element))
    var fact = GraphFact(factor: nil, passedNorm: query.passedNorm || value.passedNorm)
    fact.join(query)
    for other in [key, value] {
      var read = GraphFact(reads: other.reads)
      switch hiding {
      case .future: break
      case .unknown: read = read.blurred()
      case .none: reduce(&read, keys, applied)
      }
      // The keys' positions are summed; what is left runs along the queries.
      fact.join(read.moved { $0 == keys ? [] : [$0] })
    }
    for mask in applied.operands.dropFirst(3) {
      fact.join(GraphFact(reads: mask.reads).blurred().moved { _ in [] })
    }
    return fact
  }
}
