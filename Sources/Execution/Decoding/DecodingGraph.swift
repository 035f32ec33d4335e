// DecodingGraph: the operations of one step of writing: a few new rows, and the kept ones of before.
// A graph like any other, so that the compiled executor plans, fuses and runs it.
import Diagnostics
import Dimensions
import IR
import Kernels
import Operations

/// A forward pass for a block of rows at a position that is known when it runs.
package struct DecodingGraph: Sendable {
  /// Its weights are those of the forward pass, in order, and behind them the kept rows.
  package let graph: FlatGraph
  /// The new rows of a step.
  package let rows: Int
  /// The rows that there is room for.
  package let capacity: Int
  /// The parameters that hold kept rows.
  package let caches: Range<Int>
  package let tokenInput: String
  package let positionInput: String
  package let output: String

  /// Makes the step of a forward pass.
  ///
  /// - Parameters:
  ///   - forward: the unfolded forward pass of a language model.
  ///   - rows: how many rows a step computes at once.
  ///   - capacity: the longest sequence, at least `rows`.
  ///   - implied: what inputs hold that may be left out, by name.
  /// - Throws: ``DecodingFault`` when rows can't be computed one after the other.
  package init(
    _ forward: FlatGraph, rows: Int, capacity: Int, implied: [String: Int32] = [:]
  ) throws(DecodingFault) {
    precondition(rows >= 1 && capacity >= rows, "\(rows) rows in room for \(capacity)")
    let sequence = try SequenceGraph(forward, implied: implied)
    let demands = try DecodingDemands(sequence, capacity: capacity)
    var writer = DecodingWriter(sequence, demands, rows: rows, capacity: capacity)
    try writer.write(implied: implied)
    graph = writer.graph
    self.rows = rows
    self.capacity = capacity
    caches = forward.parameters.count..<writer.graph.parameters.count
    tokenInput = forward.inputs[sequence.tokenPort].name
    positionInput = DecodingWriter.position
    output = "logits"
  }
}

/// What is known of a language model before anything is made of it.
package struct LanguageModelShape: Hashable, Sendable {
  /// How long a sequence is.
  package let length: Symbol
  /// The number of logits of a row.
  package let classes: Int

  /// - Throws: ``DecodingFault`` when the forward pass is not that of a language model.
  package init(_ forward: FlatGraph, implied: [String: Int32]) throws(DecodingFault) {
    let sequence = try SequenceGraph(forward, implied: implied)
    (length, classes) = (sequence.length, sequence.classes)
  }
}

/// Writes the graph of a step.
struct DecodingWriter {
  /// A value of the forward pass in one form.
  struct Form: Hashable {
    var value: Int
    var roles: SequenceRoles
  }

  /// An operation on values that no id reaches, which layers have in common.
  private struct Shared: Hashable {
    var name: String
    var attributes: Attributes
    var operands: [Int]
  }

  static var position: String { "position" }

  let sequence: SequenceGraph
  let demands: DecodingDemands
  let rows: Int
  let capacity: Int
  private(set) var graph = FlatGraph()
  private var made: [Form: Int] = [:]
  private var shared: [Shared: [Int]] = [:]
  /// For each new value, what it holds at later rows.
  private var later: [LaterRows] = []
  private var position = 0
  private let prover = Prover(assuming: Assumptions())

  init(_ sequence: SequenceGraph, _ demands: DecodingDemands, rows: Int, capacity: Int) {
    self.sequence = sequence
    self.demands = demands
    self.rows = rows
    self.capacity = capacity
    graph.scopes = sequence.graph.scopes
  }

  mutating func write(implied: [String: Int32]) throws(DecodingFault) {
    let forward = sequence.graph
    for parameter in forward.parameters {
      let type = TensorType(
        forward.values[parameter.value].type.element, sequence.shapes[parameter.value])
      var copy = parameter
      copy.value = append(type, name: parameter.name, scope: 0)
      graph.parameters.append(copy)
      made[Form(value: parameter.value, roles: sequence.still(parameter.value))] = copy.value
    }
    try writeInputs(implied)
    for node in forward.nodes {
      var forms: [SequenceRoles] = []
      for result in node.results {
        for roles in demands.forms[result] where !forms.contains(roles) { forms.append(roles) }
      }
      for roles in forms { try write(node, roles) }
    }
    let roles = sequence.spans[sequence.logits].map { $0 ? SequenceRole.row : nil }
    guard let value = made[Form(value: sequence.logits, roles: roles)] else {
      preconditionFailure("the logits were never made")
    }
    graph.outputs = [FlatPort(name: "logits", value: value)]
  }

  private mutating func writeInputs(_ implied: [String: Int32]) throws(DecodingFault) {
    let forward = sequence.graph
    for (index, port) in forward.inputs.enumerated() {
      let element = forward.values[port.value].type.element
      if index == sequence.tokenPort {
        for roles in demands.forms[port.value] {
          let value = append(
            TensorType(element, shape(port.value, roles)), name: port.name, scope: 0)
          graph.inputs.append(FlatPort(name: port.name, value: value))
          made[Form(value: port.value, roles: roles)] = value
        }
      } else {
        for roles in demands.forms[port.value] {
          guard let value = implied[port.name],
            let fill = try? Fill(
              Double(value), shape: shape(port.value, roles), element: element)
          else { preconditionFailure("`\(port.name)` has no value of its own") }
          made[Form(value: port.value, roles: roles)] = emit(fill, [], scope: 0)[0]
        }
      }
    }
    position = append(TensorType(.i32, []), name: DecodingWriter.position, scope: 0)
    graph.inputs.append(FlatPort(name: DecodingWriter.position, value: position))
    try keep(sequence.tokens, scope: 0)
  }

  // MARK: Values

  private mutating func append(_ type: TensorType, name: String?, scope: Int) -> Int {
    graph.values.append(FlatValue(type: type, name: name, scope: scope))
    later.append(.unknown)
    return graph.values.count - 1
  }

  private func extent(_ role: SequenceRole) -> Int { role == .row ? rows : capacity }

  /// The shape of a value in one form.
  private func shape(_ value: Int, _ roles: SequenceRoles) -> [Dimension] {
    zip(sequence.shapes[value], roles).map { dimension, role in
      role.map { dimension.substituting([sequence.length: Dimension(extent($0))]) } ?? dimension
    }
  }

  /// Emits an operation whose operands fit.
  @discardableResult
  mutating func emit(_ operation: any Operation, _ operands: [Int], scope: Int) -> [Int] {
    do throws(Fault) {
      return try emit(
        operation, operands, names: [], scope: scope, sharing: false, range: nil)
    } catch {
      preconditionFailure("`\(operation.name)` does not fit its operands: \(error.message)")
    }
  }

  private mutating func emit(
    _ operation: any Operation, _ operands: [Int], names: [String?], scope: Int, sharing: Bool,
    range: SourceRange?
  ) throws(Fault) -> [Int] {
    let key = Shared(
      name: operation.name, attributes: operation.attributes, operands: operands)
    if sharing, let known = shared[key] { return known }
    let types = try operation.resultTypes(
      of: operands.map { graph.values[$0].type }, prover: prover)
    let results = types.enumerated().map { index, type in
      append(type, name: index < names.count ? names[index] : nil, scope: scope)
    }
    graph.nodes.append(
      FlatNode(
        operation: operation, operands: operands, results: results, scope: scope, phase: .forward,
        range: range))
    let known = LaterRows.result(of: operation, operands.map { later[$0] })
    for result in results { later[result] = known }
    if sharing { shared[key] = results }
    return results
  }

  // MARK: Nodes

  private mutating func write(
    _ node: FlatNode, _ roles: SequenceRoles
  ) throws(DecodingFault) {
    let forms = try demands.operands(of: node, roles)
    let operands = forms.map { form in
      guard let value = made[Form(value: form.0, roles: form.1)] else {
        preconditionFailure("an operand of `\(node.operation.name)` was never made")
      }
      return value
    }
    try check(node, forms, operands)
    let names = node.results.map { sequence.graph.values[$0].name }
    let sharing = !sequence.readsTokens[node.results[0]]
    let results: [Int]
    do throws(Fault) {
      if let special = try special(node, roles, operands) {
        results = special
      } else {
        let operation = try remade(node, roles)
        results = try emit(
          operation, operands, names: names, scope: node.scope, sharing: sharing,
          range: node.range)
      }
    } catch {
      throw AxisSources(node, in: sequence).unknown("has no form for one row: \(error.message)")
    }
    if let known = joined(node, operands) { for result in results { later[result] = known } }
    for (old, new) in zip(node.results, results) {
      guard graph.values[new].type.shape == shape(old, roles) else {
        throw AxisSources(node, in: sequence).unknown("has another shape for one row")
      }
      made[Form(value: old, roles: roles)] = new
      try keep(old, scope: node.scope)
    }
  }

  /// What is joined along the columns keeps what was known of its first part.
  private func joined(_ node: FlatNode, _ operands: [Int]) -> LaterRows? {
    guard let operation = node.operation as? Concatenate,
      let rank = node.operands.first.map({ sequence.shapes[$0].count }),
      let axis = try? Extents.axis(operation.axis, rank: rank),
      sequence.spans[node.operands[0]][axis]
    else { return nil }
    return later[operands[0]]
  }

  /// Writes the rows of a value into the room that is kept for all of them.
  private mutating func keep(_ value: Int, scope: Int) throws(DecodingFault) {
    guard demands.isCached[value] else { return }
    let rowRoles = sequence.spans[value].map { $0 ? SequenceRole.row : nil }
    let columnRoles = sequence.spans[value].map { $0 ? SequenceRole.column : nil }
    guard made[Form(value: value, roles: columnRoles)] == nil,
      let row = made[Form(value: value, roles: rowRoles)],
      let axis = sequence.spans[value].firstIndex(of: true)
    else { return }
    let type = TensorType(graph.values[row].type.element, shape(value, columnRoles))
    let number = graph.parameters.count - sequence.graph.parameters.count
    let path = graph.path(of: scope)
    let name =
      (path.isEmpty ? "" : path + ".") + "kept.\(number)"
      + (graph.values[row].name.map { "." + $0 } ?? "")
    let room = append(type, name: name, scope: scope)
    graph.parameters.append(
      FlatParameter(
        name: name,
        declaration: ParameterDeclaration(
          name: name, type: type, formula: type.shape, initialiser: .zeros, trainable: false,
          range: nil),
        value: room))
    made[Form(value: value, roles: columnRoles)] =
      emit(CacheWrite(axis: axis), [room, row, position], scope: scope)[0]
  }
}

extension DecodingWriter {
  /// Refuses what would read rows that are not there yet.
  private func check(
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
  private mutating func special(
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
  private func remade(
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
