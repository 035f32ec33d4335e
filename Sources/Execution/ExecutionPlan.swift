// ExecutionPlan: after which node each value dies, and the checks that make a run safe.
// Apart from the executor so that the rule of the graph's documentation stands in one short file.
import IR

/// The order of freeing for one graph.
struct ExecutionPlan: Sendable {
  /// For each node, the values that die once it has run.
  private(set) var deaths: [[Int]]

  /// - Throws: ``ExecutionFault/malformedGraph(_:)`` and ``ExecutionFault/notExecutable(value:element:)``.
  init(_ graph: FlatGraph) throws(ExecutionFault) {
    try ExecutionPlan.checkElements(of: graph)
    let producers = try ExecutionPlan.checkProducers(of: graph)
    var kept = Array(repeating: false, count: graph.values.count)
    for output in graph.outputs { kept[output.value] = true }
    for case let gradient? in graph.gradients { kept[gradient] = true }
    // A value that nothing reads dies after the node that makes it.
    var lastNode = producers
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands where lastNode[operand] != .supplied {
        lastNode[operand] = .node(index)
      }
    }
    deaths = Array(repeating: [], count: graph.nodes.count)
    for (value, producer) in lastNode.enumerated() {
      if case .node(let index) = producer, !kept[value] { deaths[index].append(value) }
    }
  }

  /// Where a value comes from.
  private enum Producer: Hashable {
    case none, supplied
    case node(Int)
  }

  private static func checkElements(of graph: FlatGraph) throws(ExecutionFault) {
    for (index, value) in graph.values.enumerated() {
      switch value.type.element {
      case .f16, .bf16:
        throw .notExecutable(value: value.name ?? "%\(index)", element: value.type.element)
      case .f64, .f32, .i64, .i32, .bool: continue
      }
    }
  }

  /// Every value has one producer, which comes before every reader.
  private static func checkProducers(of graph: FlatGraph) throws(ExecutionFault) -> [Producer] {
    var producers = Array(repeating: Producer.none, count: graph.values.count)
    func claim(_ value: Int, _ producer: Producer) throws(ExecutionFault) {
      guard producers.indices.contains(value) else {
        throw .malformedGraph("there is no value %\(value)")
      }
      guard producers[value] == .none else {
        throw .malformedGraph("value %\(value) is made twice")
      }
      producers[value] = producer
    }
    func need(_ value: Int) throws(ExecutionFault) {
      guard producers.indices.contains(value), producers[value] != .none else {
        throw .malformedGraph("value %\(value) is read before it is made")
      }
    }
    for input in graph.inputs { try claim(input.value, .supplied) }
    for parameter in graph.parameters { try claim(parameter.value, .supplied) }
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { try need(operand) }
      for result in node.results { try claim(result, .node(index)) }
    }
    for output in graph.outputs { try need(output.value) }
    for case let gradient? in graph.gradients { try need(gradient) }
    guard graph.gradients.isEmpty || graph.gradients.count == graph.parameters.count else {
      throw .malformedGraph(
        "\(graph.gradients.count) gradients for \(graph.parameters.count) parameters")
    }
    return producers
  }
}
