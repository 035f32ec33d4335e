// DecodingWriter: the nodes of a step of writing, each value in the forms that others ask of it.
// Apart from the operations that change on the way, which are few.
import Diagnostics
import Dimensions
import IR
import Kernels
import Operations

/// Writes the graph of a step.
struct DecodingWriter {
  /// A value of the forward pass in one form.
  struct Form: Hashable {
    var value: Int
    var roles: SequenceRoles
  }

  /// An operation on values that no id reaches, which layers have in common.
  struct Shared: Hashable {
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
  var shared: [Shared: [Int]] = [:]
  /// For each new value, what it holds at later rows.
  var later: [LaterRows] = []
  private(set) var position = 0
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

  func extent(_ role: SequenceRole) -> Int { role == .row ? rows : capacity }

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
