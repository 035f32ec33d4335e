// SequenceGraph: a forward pass seen along its sequence: which axes are as long as it is.
// Apart from the transformation, because what is asked here is asked of every model.
import Dimensions
import IR
import Kernels
import Operations

/// How a decoding step walks an axis that is as long as the sequence.
enum SequenceRole: Hashable, Sendable {
  /// The rows that the step computes.
  case row
  /// Every row so far, and room for those to come.
  case column
}

/// For each axis of a value its role; `nil` for one whose extent has nothing to do with the sequence.
typealias SequenceRoles = [SequenceRole?]

/// The forward pass of a language model for one sequence.
struct SequenceGraph: Sendable {
  let graph: FlatGraph
  /// The value of the ids, and the position of their port.
  let tokens: Int
  let tokenPort: Int
  /// The value of the logits.
  let logits: Int
  let length: Symbol
  /// What the batch is called; one sequence is written at a time.
  let batch: Symbol?
  /// The shape of every value for one sequence.
  let shapes: [[Dimension]]
  /// For each value and axis, whether the extent depends on the length.
  let spans: [[Bool]]
  /// For each value, the node that makes it.
  let producers: [Int?]
  /// For each value, whether the ids reach it.
  let readsTokens: [Bool]

  /// - Parameters:
  ///   - graph: a forward pass.
  ///   - implied: what inputs hold that may be left out, by name.
  /// - Throws: ``DecodingFault`` when it does not read one sequence of ids and make a row of logits
  ///   for each.
  init(_ graph: FlatGraph, implied: [String: Int32]) throws(DecodingFault) {
    let ports = graph.inputs.indices.filter { implied[graph.inputs[$0].name] == nil }
    let names = graph.inputs.map { "`\($0.name)` \(graph.values[$0.value].type)" }
    guard ports.count == 1, let port = ports.first,
      case let type = graph.values[graph.inputs[port].value].type,
      type.element.kind == .index, (1...2).contains(type.rank),
      let length = type.shape.last?.symbol
    else {
      throw DecodingFault(
        .noLanguageModel,
        "the model reads \(names.joined(separator: ", ")), expected one sequence of ids such as"
          + " i32[B, T]")
    }
    let batch = type.rank == 2 ? type.shape[0].symbol : nil
    guard type.rank == 1 || batch != nil || type.shape[0].constant == 1 else {
      throw DecodingFault(
        .noLanguageModel, "\(names[port]) holds more than one sequence, expected i32[B, T]")
    }
    self.graph = graph
    self.length = length
    self.batch = batch
    tokenPort = port
    tokens = graph.inputs[port].value
    let one: [Symbol: Dimension] = batch.map { [$0: 1] } ?? [:]
    shapes = graph.values.map { value in value.type.shape.map { $0.substituting(one) } }
    spans = shapes.map { shape in shape.map { $0.contains(length) } }
    logits = try SequenceGraph.logits(of: graph, spans: spans)
    var producers = [Int?](repeating: nil, count: graph.values.count)
    var reads = [Bool](repeating: false, count: graph.values.count)
    reads[tokens] = true
    for (index, node) in graph.nodes.enumerated() {
      let isReader = node.operands.contains { reads[$0] }
      for result in node.results {
        producers[result] = index
        reads[result] = isReader
      }
    }
    self.producers = producers
    readsTokens = reads
  }

  private static func logits(
    of graph: FlatGraph, spans: [[Bool]]
  ) throws(DecodingFault) -> Int {
    func isTable(_ port: FlatPort) -> Bool {
      let type = graph.values[port.value].type
      return type.element.kind == .real && type.rank >= 2 && type.shape.last?.constant != nil
        && spans[port.value].filter { $0 }.count == 1 && spans[port.value][type.rank - 2]
    }
    let tables = graph.outputs.filter(isTable)
    guard let port = tables.first(where: { $0.name == "logits" }) ?? tables.first else {
      let found = graph.outputs.map { "`\($0.name)` \(graph.values[$0.value].type)" }
      throw DecodingFault(
        .noLanguageModel,
        "the model makes \(found.joined(separator: ", ")), expected a row of logits for each id,"
          + " such as [B, T, vocab]")
    }
    return port.value
  }

  /// The symbols of one sequence, as dimensions.
  func substitution(length extent: Int) -> [Symbol: Dimension] {
    var values: [Symbol: Dimension] = [length: Dimension(extent)]
    if let batch { values[batch] = 1 }
    return values
  }

  func sizes(length extent: Int) -> [Symbol: Int] {
    var sizes = [length: extent]
    if let batch { sizes[batch] = 1 }
    return sizes
  }

  /// The number of classes of the logits.
  var classes: Int { shapes[logits].last?.constant ?? 0 }

  /// No axis has a role.
  func still(_ value: Int) -> SequenceRoles { shapes[value].map { _ in nil } }
}
