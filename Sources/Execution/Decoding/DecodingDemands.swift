// DecodingDemands: in which form each value of a forward pass is needed for one step.
// Found from the logits backwards, so that what nothing of a row needs is never made.
import Dimensions
import IR
import Operations

/// The forms of every value that a step makes.
struct DecodingDemands {
  /// For each value, the roles in which it is computed, in the order in which they were asked for.
  private(set) var forms: [[SequenceRoles]]
  /// For each value, whether its rows are kept from step to step.
  private(set) var isCached: [Bool]
  private let sequence: SequenceGraph

  /// - Throws: ``DecodingFault`` when some row needs what is not there yet.
  init(_ sequence: SequenceGraph, capacity: Int) throws(DecodingFault) {
    self.sequence = sequence
    forms = Array(repeating: [], count: sequence.graph.values.count)
    isCached = Array(repeating: false, count: sequence.graph.values.count)
    let lengths = LengthValues(sequence, capacity: capacity)
    let rows = sequence.spans[sequence.logits].map { $0 ? SequenceRole.row : nil }
    ask(sequence.logits, rows)
    for node in sequence.graph.nodes.reversed() {
      var wanted: [SequenceRoles] = []
      for result in node.results {
        for roles in forms[result] where !wanted.contains(roles) { wanted.append(roles) }
      }
      for roles in wanted {
        try check(roles, of: node)
        for (operand, needed) in try operands(of: node, roles) {
          try checkLength(operand, of: node, lengths)
          try ask(operand, needed, by: node)
        }
      }
    }
  }

  /// The roles that the operands of a node need for its result to have some.
  func operands(
    of node: FlatNode, _ roles: SequenceRoles
  ) throws(DecodingFault) -> [(Int, SequenceRoles)] {
    let sources = AxisSources(node, in: sequence)
    if sequence.rowsOfTable(node) != nil {
      return [(node.operands[0], sequence.still(node.operands[0]))]
    }
    var result: [(Int, SequenceRoles)] = []
    for (operand, axes) in zip(node.operands, try sources.all()) {
      var needed = sequence.still(operand)
      for (axis, source) in axes.enumerated() where sequence.spans[operand][axis] {
        needed[axis] = try role(source, roles, sources, node)
      }
      result.append((operand, needed))
    }
    return result
  }

  private func role(
    _ source: AxisSource, _ roles: SequenceRoles, _ sources: AxisSources, _ node: FlatNode
  ) throws(DecodingFault) -> SequenceRole {
    switch source {
    case .result(let axis):
      guard roles.indices.contains(axis), let role = roles[axis] else {
        throw sources.unknown("takes a part of the sequence")
      }
      return role
    case .mixed(let axis, let neutral):
      guard roles.indices.contains(axis), roles[axis] == .column, neutral != .none else {
        throw notCausal(node, "mixes a row with all others")
      }
      return .column
    case .consumed(let neutral):
      guard neutral != .none else {
        throw sources.unknown("takes the sequence apart")
      }
      return .column
    }
  }

  private func notCausal(_ node: FlatNode, _ what: String) -> DecodingFault {
    DecodingFault(
      .notCausal, "`\(node.operation.name)` \(what)", at: node, in: sequence.graph)
  }

  private func check(_ roles: SequenceRoles, of node: FlatNode) throws(DecodingFault) {
    guard let value = node.results.first, sequence.readsTokens[value] else { return }
    // What only repeats kept rows is made of all of them.
    if roles.contains(.column), sequence.isRepetition(of: value) { return }
    if !roles.contains(.row) {
      throw notCausal(node, "makes one result of all rows, the later ones among them")
    }
    if roles.filter({ $0 == .row }).count > 1 {
      throw AxisSources(node, in: sequence).unknown("walks the sequence twice in one result")
    }
  }

  private func checkLength(
    _ operand: Int, of node: FlatNode, _ lengths: LengthValues
  ) throws(DecodingFault) {
    guard lengths.changes[operand] else { return }
    // A number that depends on the length may be made into another; rows must not see it.
    let meetsRows = node.results.contains {
      sequence.spans[$0].contains(true) || sequence.readsTokens[$0]
    }
    guard meetsRows else { return }
    throw DecodingFault(
      .lengthDecides,
      "`\(node.operation.name)` gives every row something else when the sequence grows", at: node,
      in: sequence.graph)
  }

  private mutating func ask(_ value: Int, _ roles: SequenceRoles) {
    if !forms[value].contains(roles) { forms[value].append(roles) }
  }

  private mutating func ask(
    _ value: Int, _ roles: SequenceRoles, by node: FlatNode
  ) throws(DecodingFault) {
    guard let kept = sequence.keptForm(of: value, roles) else { return ask(value, roles) }
    if kept.filter({ $0 == .row }).count > 1 {
      throw AxisSources(node, in: sequence).unknown("needs every pair of rows")
    }
    if sequence.isRepetition(of: value) { return ask(value, roles) }
    isCached[value] = true
    ask(value, kept)
  }
}

extension SequenceGraph {
  /// The form in which a value is computed whose rows are kept; `nil` for one that is made anew.
  func keptForm(of value: Int, _ roles: SequenceRoles) -> SequenceRoles? {
    guard readsTokens[value], roles.contains(.column), !roles.contains(.row) else { return nil }
    return roles.map { $0 == nil ? nil : .row }
  }

  /// Whether a value only repeats another, which is smaller to keep.
  func isRepetition(of value: Int) -> Bool {
    guard let producer = producers[value] else { return false }
    let operation = graph.nodes[producer].operation
    return operation is Broadcast || operation is BroadcastTo
  }

  /// For a slice of a weight's first rows, as many as the sequence has, the first of them.
  func rowsOfTable(_ node: FlatNode) -> Int? {
    guard let slice = node.operation as? Slice, let result = node.results.first,
      !spans[node.operands[0]].contains(true), slice.axis == 0, let from = slice.from.constant,
      spans[result][0], shapes[result][0] == Dimension(length)
    else { return nil }
    return from
  }
}
