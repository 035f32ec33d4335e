// AxisSource: where each axis of an operand goes in an operation: into the result, or away.
// The one place of the transformation that knows operations; what it does not know is refused.
import Dimensions
import IR
import Kernels
import Operations

/// What a masked row must hold so that nothing of it is left in a result.
enum Neutral: Hashable, Sendable {
  /// For sums: zero.
  case zero
  /// For maxima and softmax: minus infinity, or a number that low.
  case lowest
  /// A table that is looked up: any row may be asked for.
  case table
  /// Keys and values of attention, which is asked about its masks as a whole.
  case attended
  /// No row may be added to it at all.
  case none
}

/// Where an axis of an operand goes.
enum AxisSource: Hashable, Sendable {
  /// It is an axis of the result.
  case result(Int)
  /// It is an axis of the result, but elements along it are mixed.
  case mixed(Int, Neutral)
  /// It is gone.
  case consumed(Neutral)
}

/// Operations of one node along the sequence.
struct AxisSources {
  private let sequence: SequenceGraph
  private let node: FlatNode
  private let operands: [[Dimension]]
  private let result: [Dimension]

  init(_ node: FlatNode, in sequence: SequenceGraph) {
    self.sequence = sequence
    self.node = node
    operands = node.operands.map { sequence.shapes[$0] }
    result = node.results.first.map { sequence.shapes[$0] } ?? []
  }

  /// For each operand and axis, where it goes.
  ///
  /// - Throws: ``DecodingFault`` for an operation that is not known to keep rows apart.
  func all() throws(DecodingFault) -> [[AxisSource]] {
    switch node.operation {
    case let operation as ScaledDotProductAttention: return attention(operation)
    case is Affine: return affine()
    case let operation as Einsum: return try einsum(operation)
    case let operation as any ReductionOperation: return try reduction(operation)
    case let operation as Softmax: return try marked(operation.attributes)
    case let operation as LogSoftmax: return try marked(operation.attributes)
    case is LayerNormalize, is RMSNormalize: return normalization()
    case let operation as Rearrange: return [try moves(of: operation)]
    case let operation as Broadcast: return [try repeated(operation)]
    case is Gather: return gather()
    case let operation as Concatenate: return try concatenation(operation.axis)
    case let operation as Stack: return try stack(operation.axis)
    case let operation as Unstack: return try unstack(operation.axis)
    case let operation as Slice: return try slice(operation)
    case let operation as Pad: return try padding(operation)
    case is Iota, is Fill, is Extent: return []
    case is Rotary: return [identity(0), aligned(1, to: result.count - 1)]
    case is BroadcastTo, is Where, is Compare, is Logical, is Not, is Cast, is Gelu, is GeluTanh,
      is Silu, is any UnaryOperation, is any BinaryOperation:
      return operands.indices.map { aligned($0, to: result.count) }
    default:
      // What knows nothing of the sequence may stay as it is.
      let touches = (node.operands + node.results).contains { sequence.spans[$0].contains(true) }
      guard !touches else { throw unknown("has no form that computes one row after the other") }
      return operands.map { $0.map { _ in .consumed(.none) } }
    }
  }

  func unknown(_ what: String) -> DecodingFault {
    DecodingFault(
      .noStep, "`\(node.operation.name)` \(what)", at: node, in: sequence.graph)
  }

  // MARK: Rows that stay where they are

  private func identity(_ operand: Int) -> [AxisSource] {
    operands[operand].indices.map { .result($0) }
  }

  /// An operand that is broadcast, aligned from the last of so many axes.
  private func aligned(_ operand: Int, to rank: Int, from first: Int = 0) -> [AxisSource] {
    let lead = rank - operands[operand].count
    return operands[operand].indices.map { .result($0 + lead) }
  }

  private func normalization() -> [[AxisSource]] {
    var sources = operands.indices.map { aligned($0, to: result.count) }
    for operand in sources.indices where !sources[operand].isEmpty {
      sources[operand][sources[operand].count - 1] = .mixed(result.count - 1, .none)
    }
    return sources
  }

  private func marked(_ attributes: Attributes) throws(DecodingFault) -> [[AxisSource]] {
    guard let pattern = attributes.pattern,
      let axis = try? BracketAxes(pattern).axes(rank: operands[0].count).first
    else { throw unknown("marks no axis") }
    var sources = identity(0)
    sources[axis] = .mixed(axis, .lowest)
    return [sources]
  }

  // MARK: Contractions

  private func affine() -> [[AxisSource]] {
    var sources = operands.map { $0.map { _ in AxisSource.consumed(.none) } }
    for axis in operands[0].indices.dropLast() { sources[0][axis] = .result(axis) }
    return sources
  }

  private func einsum(_ operation: Einsum) throws(DecodingFault) -> [[AxisSource]] {
    guard let (inputs, output) = try? operation.labels(ranks: operands.map(\.count)) else {
      throw unknown("has axes that can't be told apart")
    }
    return inputs.map { labels in
      labels.map { label in
        output.firstIndex(of: label).map { .result($0) } ?? .consumed(.zero)
      }
    }
  }

  private func reduction(
    _ operation: any ReductionOperation
  ) throws(DecodingFault) -> [[AxisSource]] {
    guard let reduced = try? operation.axes.axes(rank: operands[0].count) else {
      throw unknown("marks no axis")
    }
    let neutral: Neutral =
      switch operation {
      case is Sum: .zero
      case is Max: .lowest
      default: .none
      }
    var next = 0
    var sources: [AxisSource] = []
    for axis in operands[0].indices {
      if reduced.contains(axis) {
        sources.append(.consumed(neutral))
      } else {
        sources.append(.result(next))
        next += 1
      }
    }
    return [sources]
  }

  private func attention(_ operation: ScaledDotProductAttention) -> [[AxisSource]] {
    let rank = result.count
    func rows(_ operand: Int, _ row: AxisSource, _ last: AxisSource) -> [AxisSource] {
      operands[operand].indices.map { axis in
        axis == rank - 2 ? row : axis == rank - 1 ? last : .result(axis)
      }
    }
    var sources = [
      rows(0, .result(rank - 2), .consumed(.none)),
      rows(1, .consumed(.attended), .consumed(.none)),
      rows(2, .consumed(.attended), .result(rank - 1)),
    ]
    for operand in operands.indices.dropFirst(3) {
      var mask = aligned(operand, to: rank)
      if let last = mask.indices.last { mask[last] = .consumed(.attended) }
      sources.append(mask)
    }
    return sources
  }

  private func gather() -> [[AxisSource]] {
    let ids = operands[1].count
    return [
      operands[0].indices.map { $0 == 0 ? .consumed(.table) : .result(ids + $0 - 1) },
      identity(1),
    ]
  }

  // MARK: Layout

  /// Where the leaves of a pattern go, found by extents: the sequence gets one that no axis has.
  private func moves(of operation: Rearrange) throws(DecodingFault) -> [AxisSource] {
    let long = 1_000_003
    let sizes = sequence.sizes(length: long)
    let extents = operands[0].compactMap { $0.evaluate(sizes).flatMap { Int(exactly: $0) } }
    guard extents.count == operands[0].count,
      let moves = try? operation.moves(of: extents, in: EvaluationContext(sizes: sizes))
    else { throw unknown("cuts the sequence") }
    let before = SequenceLeaves(moves.split, in: extents)
    let after = SequenceLeaves(moves.order.map { moves.split[$0] }, in: moves.merged)
    return try operands[0].indices.map { axis throws(DecodingFault) in
      guard sequence.spans[node.operands[0]][axis] else { return .consumed(.none) }
      let leaves = before.leaves(of: axis).filter { moves.split[$0].isMultiple(of: long) }
      guard leaves.count == 1, let place = moves.order.firstIndex(of: leaves[0]),
        let target = after.axis(of: place)
      else { throw unknown("cuts the sequence") }
      return .result(target)
    }
  }

  private func repeated(_ operation: Broadcast) throws(DecodingFault) -> [AxisSource] {
    let types = operands.map { TensorType(.f32, $0) }
    guard let explicit = try? ExplicitPattern(operation.pattern, shapes: types) else {
      throw unknown("has a pattern of another rank")
    }
    let old = explicit.output.indices.filter { axis in
      !explicit.output[axis].names.contains { operation.sizes[$0] != nil }
    }
    guard old.count == operands[0].count else { throw unknown("has a pattern of another rank") }
    return old.map { .result($0) }
  }

  private func axis(_ axis: Int, rank: Int) throws(DecodingFault) -> Int {
    guard let front = try? Extents.axis(axis, rank: rank) else {
      throw unknown("names an axis that is not there")
    }
    return front
  }

  private func concatenation(_ place: Int) throws(DecodingFault) -> [[AxisSource]] {
    let axis = try axis(place, rank: result.count)
    return operands.indices.map { operand in
      var sources = identity(operand)
      // What comes behind the sequence keeps its place; what comes before would move it.
      if operand > 0 { sources[axis] = .consumed(.none) }
      return sources
    }
  }

  private func stack(_ place: Int) throws(DecodingFault) -> [[AxisSource]] {
    let axis = try axis(place, rank: result.count)
    return operands.map { shape in shape.indices.map { .result($0 < axis ? $0 : $0 + 1) } }
  }

  private func unstack(_ place: Int) throws(DecodingFault) -> [[AxisSource]] {
    let axis = try axis(place, rank: operands[0].count)
    return [
      operands[0].indices.map {
        $0 == axis ? .consumed(.none) : .result($0 < axis ? $0 : $0 - 1)
      }
    ]
  }

  private func slice(_ operation: Slice) throws(DecodingFault) -> [[AxisSource]] {
    let axis = try axis(operation.axis, rank: result.count)
    var sources = identity(0)
    if sequence.spans[node.operands[0]][axis] {
      let isFront = operation.from == 0 && result[axis].contains(sequence.length)
      if !isFront { sources[axis] = .consumed(.none) }
    }
    return [sources]
  }

  private func padding(_ operation: Pad) throws(DecodingFault) -> [[AxisSource]] {
    let axis = try axis(operation.axis, rank: result.count)
    var sources = identity(0)
    sources[axis] = .consumed(.none)
    return [sources]
  }
}

/// Which axis each leaf of a pattern belongs to, from extents alone.
private struct SequenceLeaves {
  private var owners: [Int] = []

  init(_ leaves: [Int], in extents: [Int]) {
    var axis = 0
    var product = 1
    for leaf in leaves {
      // Leaves of extent one may belong anywhere, and so may axes.
      if leaf != 1 {
        while axis < extents.count, product == extents[axis] {
          axis += 1
          product = 1
        }
      }
      product *= leaf
      owners.append(axis)
    }
  }

  func leaves(of axis: Int) -> [Int] { owners.indices.filter { owners[$0] == axis } }
  func axis(of leaf: Int) -> Int? { owners.indices.contains(leaf) ? owners[leaf] : nil }
}
