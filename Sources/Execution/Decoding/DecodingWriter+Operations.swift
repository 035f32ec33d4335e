// DecodingWriter+Operations: what changes in an operation when rows come one after the other.
// Positions, causal masks and sizes; and what would read rows that are not there yet is refused.
import Diagnostics
import Dimensions
import IR
import Kernels
import Operations

extension DecodingWriter {
  /// Refuses what would read rows that are not there yet.
  func check(
    _ node: FlatNode, _ forms: [(Int, SequenceRoles)], _ operands: [Int]
  ) throws(DecodingFault) {
    let sources = try sequence.rowsOfTable(node) == nil ? AxisSources(node, in: sequence).all() : []
    var vanished: Set<Neutral> = []
    var needed: Set<Neutral> = []
    for (index, axes) in sources.enumerated() {
      for (axis, source) in axes.enumerated() where forms[index].1[axis] == .column {
        switch source {
        case .result: continue
        case .mixed(_, let neutral), .consumed(let neutral):
          needed.insert(neutral)
          if later[operands[index]].vanishes(in: neutral) { vanished.insert(neutral) }
          if neutral == .table, !sequence.readsTokens[forms[index].0] { vanished.insert(neutral) }
        }
      }
    }
    if needed.contains(.attended) {
      let isMasked = node.operands.indices.dropFirst(3).contains { index in
        later[operands[index]] == .truth(false)
          || later[operands[index]].vanishes(in: .lowest)
      }
      let isCausal = (node.operation as? ScaledDotProductAttention)?.options.causal ?? false
      if isMasked || isCausal { vanished.insert(.attended) }
    }
    guard needed.isSubset(of: vanished) else {
      throw DecodingFault(
        .notCausal,
        "`\(node.operation.name)` reads rows of the sequence that come later: nothing shows that a"
          + " mask hides them", at: node, in: sequence.graph)
    }
  }

  /// Operations that become others.
  mutating func special(
    _ node: FlatNode, _ roles: SequenceRoles, _ operands: [Int]
  ) throws(Fault) -> [Int]? {
    let scope = node.scope
    switch node.operation {
    case let iota as Iota where iota.length.contains(sequence.length):
      guard iota.length == Dimension(sequence.length) else {
        throw Fault("no-decoding-step", "it counts to \(iota.length)")
      }
      return [roles == [.row] ? placesOfRows() : placesOfColumns()]
    case let slice as Slice:
      guard let from = sequence.rowsOfTable(node), roles.first == .row else { return nil }
      var places = placesOfRows()
      if from != slice.to.constant, from != 0 {
        let offset = emit(try Fill(Double(from), element: .i32), [], scope: scope)
        places = emit(Add(), [places, offset[0]], scope: scope)[0]
      }
      return emit(Gather(), [operands[0], places], scope: scope)
    case let attention as ScaledDotProductAttention where attention.options.causal:
      guard roles.dropLast().last == .row,
        graph.values[operands[1]].type.shape.dropLast().last == Dimension(capacity)
      else { throw Fault("no-decoding-step", "its causal mask is not square") }
      var mask = causalMask()
      var rest = Array(operands.dropFirst(3))
      if let first = rest.first, graph.values[first].type.element.kind == .mask {
        mask = emit(Logical(.and), [mask, first], scope: scope)[0]
        rest.removeFirst()
      }
      return emit(
        ScaledDotProductAttention(causal: false, scale: attention.options.scale),
        operands.prefix(3) + [mask] + rest, scope: scope)
    default: return nil
    }
  }

  /// The positions of the new rows.
  private mutating func placesOfRows() -> Int {
    let key = Shared(name: "rows", attributes: Attributes(), operands: [])
    if let known = shared[key] { return known[0] }
    let count = emit(Iota(Dimension(rows)), [], scope: 0)[0]
    let value = emit(Add(), [count, position], scope: 0)[0]
    later[value] = .position(row: 1, column: 0, constant: 0)
    shared[key] = [value]
    return value
  }

  /// The positions of all rows.
  private mutating func placesOfColumns() -> Int {
    let key = Shared(name: "columns", attributes: Attributes(), operands: [])
    if let known = shared[key] { return known[0] }
    let value = emit(Iota(Dimension(capacity)), [], scope: 0)[0]
    later[value] = .position(row: 0, column: 1, constant: 0)
    shared[key] = [value]
    return value
  }

  /// True where a column comes no later than the row.
  private mutating func causalMask() -> Int {
    let key = Shared(name: "mask", attributes: Attributes(), operands: [])
    if let known = shared[key] { return known[0] }
    let pattern = Pattern(inputs: [[.name("t")]], output: [.name("t"), .number(1)])
    guard let turn = try? Rearrange(pattern) else {
      preconditionFailure("\(pattern) is no pattern")
    }
    let rows = emit(turn, [placesOfRows()], scope: 0)[0]
    let value = emit(Compare(.lessOrEqual), [placesOfColumns(), rows], scope: 0)[0]
    shared[key] = [value]
    return value
  }

  /// The same operation with the sizes of one form.
  func remade(
    _ node: FlatNode, _ roles: SequenceRoles
  ) throws(Fault) -> any Operation {
    let operation = node.operation
    func sized(_ dimension: Dimension, _ role: SequenceRole?) -> Dimension {
      var values: [Symbol: Dimension] = [:]
      if let batch = sequence.batch { values[batch] = 1 }
      // Where no row sees it, the number that depends on the length is that of the longest.
      values[sequence.length] = Dimension(role.map(extent) ?? capacity)
      return dimension.substituting(values)
    }
    switch operation {
    case let fill as Fill:
      return try Fill(
        fill.value, shape: zip(fill.shape, roles).map { sized($0, $1) }, element: fill.element)
    case let broadcast as BroadcastTo:
      return BroadcastTo(zip(broadcast.shape, roles).map { sized($0, $1) })
    case let rearrange as Rearrange:
      return try Rearrange(
        rearrange.pattern, sizes: sizes(rearrange.sizes, rearrange.pattern, node, roles, sized))
    case let broadcast as Broadcast:
      return try Broadcast(
        broadcast.pattern, sizes: sizes(broadcast.sizes, broadcast.pattern, node, roles, sized))
    case let slice as Slice:
      let axis = slice.axis < 0 ? slice.axis + roles.count : slice.axis
      let role = roles.indices.contains(axis) ? roles[axis] : nil
      return Slice(axis: slice.axis, from: sized(slice.from, role), to: sized(slice.to, role))
    default:
      var attributes = operation.attributes
      let isPlain = attributes.values.values.allSatisfy { value in
        switch value {
        case .dimension(let size): size.constant != nil
        case .dimensions(let sizes): sizes.allSatisfy { $0.constant != nil }
        default: true
        }
      }
      if isPlain { return operation }
      attributes.values = attributes.values.mapValues { value in
        switch value {
        case .dimension(let size): .dimension(sized(size, nil))
        case .dimensions(let sizes): .dimensions(sizes.map { sized($0, nil) })
        default: value
        }
      }
      return try type(of: operation).init(attributes)
    }
  }

  /// The sizes of a pattern's names, each with the role of the axis in which it ends.
  private func sizes(
    _ sizes: [String: Dimension], _ pattern: Pattern, _ node: FlatNode, _ roles: SequenceRoles,
    _ sized: (Dimension, SequenceRole?) -> Dimension
  ) throws(Fault) -> [String: Dimension] {
    let types = node.operands.map { TensorType(.f32, sequence.shapes[$0]) }
    let output = try ExplicitPattern(pattern, shapes: types).output
    var result: [String: Dimension] = [:]
    for (name, size) in sizes {
      let axis = output.firstIndex { $0.names.contains(name) }
      result[name] = sized(size, axis.flatMap { roles.indices.contains($0) ? roles[$0] : nil })
    }
    return result
  }
}
