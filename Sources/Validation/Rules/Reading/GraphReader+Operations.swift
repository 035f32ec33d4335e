// GraphReader+Operations: what each operation does to the facts of its operands.
// By the name in the catalogue; an operation that is not listed blurs everything.
import Dimensions
import IR

extension GraphReader {
  mutating func apply(_ applied: AppliedOperation) -> [GraphFact] {
    if let results = exact(applied) { return results }
    var fact = GraphFact(factor: nil)
    for operand in applied.operands {
      fact.join(operand)
      fact.passedNorm = fact.passedNorm || operand.passedNorm
    }
    fact = fact.blurred()
    return applied.results.map { _ in fact }
  }

  private mutating func exact(_ applied: AppliedOperation) -> [GraphFact]? {
    let operands = applied.operands
    switch (applied.name, operands.count) {
    case ("fill", 0): return [constant(applied.attributes.float("value"), applied)]
    case ("extent", 0):
      let size = applied.attributes.dimension("size")?.constant
      return [GraphFact(constant: size.map(Double.init))]
    case ("iota", 0):
      return [GraphFact(upper: applied.attributes.dimension("length").map { $0 - 1 }, counts: 0)]
    case ("cast", 1), ("rotary", 2):
      if applied.types[0].element.kind == .mask { return nil }
      var fact = operands[0]
      if fact.constant != nil { fact = constant(fact.constant, applied) }
      if applied.name == "rotary" { fact.join(shifted(operands[1], applied.types[1], applied)) }
      return [fact]
    case ("add", 2), ("subtract", 2): return [sum(applied)]
    case ("multiply", 2), ("divide", 2): return [product(applied)]
    case ("where", 3): return [choice(applied)]
    case ("compare", 2): return [comparison(applied)]
    case ("logical", 2), ("not", 1): return [logical(applied)]
    case ("gather", 2): return [lookup(applied)]
    case ("slice", 1): return slice(applied).map { [$0] }
    case ("stack", _), ("unstack", 1), ("concatenate", _), ("pad", 1): return joining(applied)
    case ("broadcast_to", 1):
      return [operands[0].broadcast(from: applied.types[0], toRank: applied.results[0].rank)]
    case ("rearrange", 1): return rearranged(applied).map { [$0] }
    case ("affine", _): return layer(applied).map { [$0] }
    case ("einsum", 2): return contraction(applied).map { [$0] }
    case ("softmax", 1), ("log_softmax", 1): return weights(applied).map { [$0] }
    case ("scaled_dot_product_attention", _): return attention(applied).map { [$0] }
    case ("layer_normalize", _): return [normalised(applied, .layer)]
    case ("rms_normalize", _): return [normalised(applied, .rms)]
    case ("sum", 1), ("mean", 1), ("max", 1): return reduction(applied).map { [$0] }
    default: return unary(applied).map { [$0] }
    }
  }

  /// A constant, noted where its type may not hold it.
  private mutating func constant(_ value: Double?, _ applied: AppliedOperation) -> GraphFact {
    if let value, value.isFinite, let element = applied.results.first?.element,
      element.kind == .real
    {
      sites.add(ConstantSite(site: site(applied.range), value: value, element: element))
    }
    return GraphFact(constant: value)
  }

  /// An operand as the result's axes see it.
  private func shifted(
    _ fact: GraphFact, _ type: TensorType, _ applied: AppliedOperation
  ) -> GraphFact {
    fact.broadcast(from: type, toRank: applied.results[0].rank)
  }

  /// Both operands of arithmetic, as the result's axes see them.
  func aligned(_ applied: AppliedOperation) -> [GraphFact] {
    zip(applied.operands, applied.types).map { shifted($0, $1, applied) }
  }

  // MARK: Arithmetic

  private mutating func sum(_ applied: AppliedOperation) -> GraphFact {
    let sides = aligned(applied)
    let (a, b) = (sides[0], sides[1])
    var fact = GraphFact()
    fact.join(a)
    fact.join(b)
    let sign: Double = applied.name == "add" ? 1 : -1
    if let left = a.constant, let right = b.constant { fact.constant = left + sign * right }
    if let left = a.upper, let right = b.upper, sign == 1 { fact.upper = left + right }
    if let upper = a.upper, let right = b.constant.flatMap({ Int(exactly: $0) }), sign == 1 {
      fact.upper = upper + Dimension(right)
    }
    if b.constant == 0 { fact.counts = a.counts }
    // A bias keeps what the scores are; what it hides is hidden, what it moves is not.
    if let scored = a.scores != nil ? a : b.scores != nil ? b : nil {
      let other = a.scores != nil ? b : a
      fact.scores = scored.scores
      fact.hiding = scored.hiding
      if case .future = other.hiding { fact.hiding = other.hiding }
      if fact.hiding == .none, other.constant == nil { fact.hiding = .unknown }
      fact.factor = scored.factor
      return fact
    }
    if case .future = a.hiding { fact.hiding = a.hiding }
    if case .future = b.hiding { fact.hiding = b.hiding }
    fact.factor = 1
    let isStream = a.isData && b.isData && applied.results[0].rank >= 2
    if isStream {
      fact.maker = .sum(isPreNorm: a.passedNorm != b.passedNorm || preNorm(a) || preNorm(b))
      return fact
    }
    // A bias behind a layer or a norm changes nothing of what it is.
    let (main, added) = a.isData ? (a, b) : (b, a)
    fact.maker = main.maker
    fact.factor = main.factor
    fact.isNormalised = main.isNormalised
    fact.passedNorm = main.passedNorm
    if case .normalised(.rms, _) = main.maker, let weight = added.weight,
      weight.declaration.type.rank == 1
    {
      sites.add(ShiftedNormSite(site: site(applied.range), weight: weight))
    }
    return fact
  }

  /// A sum of three, `x + f(n(x)) + g(n(x))`, is still a stream behind a norm.
  private func preNorm(_ fact: GraphFact) -> Bool {
    if case .sum(true) = fact.maker { true } else { false }
  }

  private func product(_ applied: AppliedOperation) -> GraphFact {
    let sides = aligned(applied)
    var (main, other) = (sides[0], sides[1])
    let isQuotient = applied.name == "divide"
    if let left = main.constant, let right = other.constant {
      return GraphFact(constant: isQuotient ? left / right : left * right)
    }
    if main.constant != nil, !isQuotient { (main, other) = (other, main) }
    var fact = GraphFact()
    fact.join(main)
    fact.join(other)
    fact.passedNorm = main.passedNorm || other.passedNorm
    if let constant = other.constant {
      let factor = isQuotient ? 1 / constant : constant
      fact = main
      fact.constant = nil
      fact.upper = nil
      fact.counts = nil
      fact.factor = main.factor.map { $0 * factor }
      fact.scores?.factor = main.scores?.factor.map { $0 * factor }
      if factor <= 0, main.hiding != .none { fact.hiding = .unknown }
      return fact
    }
    fact.factor = nil
    if !isQuotient, main.isData, other.isData {
      fact.maker = GraphReader.gate(main.maker, other.maker)
    }
    if let scores = main.scores ?? other.scores {
      fact.scores = scores
      fact.scores?.factor = nil
      fact.hiding = .unknown
    } else if main.hiding != .none || other.hiding != .none {
      fact.hiding = .unknown
    }
    if !other.isData, main.isNormalised { fact.isNormalised = true }
    return fact
  }

  /// An activated layer times another layer is a gate, times itself an activation: `x · σ(x)`.
  private static func gate(_ a: Maker, _ b: Maker) -> Maker {
    switch (a, b) {
    case (.activated(let gate), .layer(let layer)), (.layer(let layer), .activated(let gate)):
      gate.isSame(as: layer) ? .activated(gate) : .gate(gate)
    case (.activated(let one), .activated(let two)) where one.isSame(as: two): .activated(one)
    default: .other
    }
  }

  private func unary(_ applied: AppliedOperation) -> GraphFact? {
    guard applied.operands.count == 1, applied.results.count == 1,
      applied.types[0].shape == applied.results[0].shape
    else { return nil }
    let operand = applied.operands[0]
    var fact = operand
    fact.constant = nil
    fact.upper = nil
    fact.counts = nil
    fact.order = nil
    switch applied.name {
    case "negate":
      fact.constant = operand.constant.map { -$0 }
      fact.factor = operand.factor.map { -$0 }
      fact.scores?.factor = operand.scores?.factor.map { -$0 }
      if operand.hiding != .none { fact.hiding = .unknown }
      return fact
    case "sqrt": fact.constant = operand.constant.map { $0.squareRoot() }
    case "reciprocal": fact.constant = operand.constant.map { 1 / $0 }
    default: break
    }
    fact.factor = nil
    fact.isNormalised = false
    fact.scores?.factor = nil
    if operand.hiding != .none { fact.hiding = .unknown }
    switch operand.maker {
    case .layer(let layer), .activated(let layer): fact.maker = .activated(layer)
    default: fact.maker = .other
    }
    return fact
  }

  // MARK: Layout

  private func rearranged(_ applied: AppliedOperation) -> GraphFact? {
    guard let pattern = applied.attributes.pattern, let output = pattern.output,
      pattern.inputs.count == 1,
      let from = AxisNames(pattern.inputs[0], rank: applied.types[0].rank),
      let to = AxisNames(output, rank: applied.results[0].rank)
    else { return nil }
    return applied.operands[0].moved { from.places(of: $0, in: to) }
  }

  private func slice(_ applied: AppliedOperation) -> GraphFact? {
    guard let axis = applied.attributes.integer("axis") else { return nil }
    let rank = applied.types[0].rank
    let place = axis < 0 ? axis + rank : axis
    let from = applied.attributes.dimension("from") ?? 0
    var fact = applied.operands[0]
    fact.upper = applied.operands[0].upper
    if from.constant == 0 { return fact }
    if fact.counts == place { fact.counts = nil }
    for (input, dependence) in fact.reads where dependence.axes.contains(place) {
      fact.reads[input]?.reach = max(dependence.reach, .unknown)
    }
    if let order = fact.order, order.key == place || order.query == place { fact.order = nil }
    if case .future(let query, let key) = fact.hiding, query == place || key == place {
      fact.hiding = .unknown
    }
    return fact
  }

  private func joining(_ applied: AppliedOperation) -> [GraphFact]? {
    guard let first = applied.operands.first, let type = applied.results.first
    else { return nil }
    let given = applied.attributes.integer("axis") ?? 0
    let rank = applied.name == "unstack" ? applied.types[0].rank : type.rank
    let axis = given < 0 ? given + rank : given
    var fact = first
    for other in applied.operands.dropFirst() {
      fact.join(other)
      fact.passedNorm = fact.passedNorm || other.passedNorm
      if other.factor != first.factor { fact.factor = nil }
      fact.isNormalised = fact.isNormalised && other.isNormalised
    }
    fact.constant = nil
    fact.upper = nil
    fact.counts = nil
    fact.order = nil
    if applied.operands.count > 1 {
      fact.scores = nil
      fact.maker = .other
      if fact.hiding != .none { fact.hiding = .unknown }
    }
    switch applied.name {
    case "stack": fact = fact.moved { [$0 < axis ? $0 : $0 + 1] }
    case "unstack": fact = fact.moved { $0 == axis ? [] : [$0 < axis ? $0 : $0 - 1] }
    default:
      for (input, dependence) in fact.reads where dependence.axes.contains(axis) {
        fact.reads[input]?.reach = max(dependence.reach, .unknown)
      }
      if fact.hiding != .none { fact.hiding = .unknown }
    }
    return applied.results.map { _ in fact }
  }

  private mutating func reduction(_ applied: AppliedOperation) -> GraphFact? {
    guard let pattern = applied.attributes.pattern,
      let names = AxisNames(pattern.inputs[0], rank: applied.types[0].rank), !names.marked.isEmpty
    else { return nil }
    var fact = GraphFact(reads: applied.operands[0].reads, factor: nil)
    fact.hiding = applied.operands[0].hiding
    fact.passedNorm = applied.operands[0].passedNorm
    for axis in names.marked { reduce(&fact, axis, applied) }
    fact.hiding = .none
    if applied.name != "max", applied.operands[0].isData {
      sites.add(
        ReductionSite(
          site: site(applied.range), operation: applied.name, element: applied.types[0].element))
    }
    let isKept = applied.results[0].rank == applied.types[0].rank
    let marked = Set(names.marked)
    return fact.moved { axis in
      if marked.contains(axis) { return [] }
      return isKept ? [axis] : [axis - names.marked.count { $0 < axis }]
    }
  }

  /// Reads a whole axis, and notes where later positions come in.
  mutating func reduce(_ fact: inout GraphFact, _ axis: Int, _ applied: AppliedOperation) {
    for input in fact.reduce(axis) {
      sites.add(LeakSite(site: site(applied.range), input: input, operation: applied.name))
    }
  }
}
