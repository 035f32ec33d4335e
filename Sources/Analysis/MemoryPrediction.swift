// MemoryPrediction: the bytes that a step will hold, computed from types alone.
// Apart from execution on purpose: `verify` compares it with what a run really held.
import Dimensions
import IR

/// How wide elements are where the executor holds them in another width than their type says.
package struct ElementWidths: Hashable, Sendable {
  /// Bytes of a 64-bit integer.
  package var longInteger: Int

  /// Every element as its type says.
  package static let declared = ElementWidths(longInteger: 8)
  /// The executor's: 64-bit integers are held in 32 bits.
  package static let executed = ElementWidths(longInteger: 4)

  package init(longInteger: Int) {
    self.longInteger = longInteger
  }

  /// Bytes of one element.
  package func bytes(of element: ElementType) -> Int {
    element == .i64 ? longInteger : element.byteCount
  }
}

/// What an optimiser keeps for each trainable weight.
package struct OptimiserState: Hashable, Sendable {
  /// Numbers kept for each element.
  package var moments: Int
  /// Bytes of each.
  package var width: Int

  /// Two moments in f32.
  package static let adamW = OptimiserState(moments: 2, width: 4)

  package init(moments: Int, width: Int) {
    self.moments = moments
    self.width = width
  }
}

/// A prediction that can't be made.
package struct MemoryFault: Error, Hashable, Sendable {
  /// One line, lower case, without a full stop.
  package let message: String
}

/// The bytes of a step under given sizes.
package struct MemoryPrediction: Hashable, Sendable {
  /// A value that is alive at the peak.
  package struct Resident: Hashable, Sendable {
    /// Index into the graph's values.
    package var value: Int
    package var bytes: Int
  }

  /// The weights; they live through the step and belong to the caller.
  package private(set) var parameterBytes = 0
  /// The gradients of weights; they are part of the peak, being values that nodes make.
  package private(set) var gradientBytes = 0
  /// What the optimiser keeps.
  package private(set) var optimiserBytes = 0
  /// The inputs, which belong to the caller.
  package private(set) var inputBytes = 0
  /// The most that the values made by nodes occupy at one time.
  package private(set) var peakBytes = 0
  /// The first node at which they do; `nil` without nodes.
  package private(set) var peakNode: Int?
  /// The values alive there, the largest first.
  package private(set) var residents: [Resident] = []
  /// What is left at the end: outputs and gradients.
  package private(set) var finalBytes = 0
  /// For each node, the bytes when its results exist and its operands have not died yet.
  package private(set) var bytesAtNode: [Int] = []

  /// The weights, gradients, optimiser state, inputs and everything else at the peak.
  package var totalPeakBytes: Int {
    [optimiserBytes, inputBytes, peakBytes].reduce(parameterBytes, MemoryPrediction.sum)
  }

  /// Predicts from types and the order of the nodes.
  ///
  /// The rule: results are allocated before operands die; a value dies after the last node that
  /// reads it, or after the node that makes it when none does; outputs and gradients live to the
  /// end; weights and inputs are counted apart. Linear in the graph.
  ///
  /// - Throws: ``MemoryFault`` when a dimension has no size, or a sum does not fit.
  package init(
    _ graph: FlatGraph, sizes: [Symbol: Int], widths: ElementWidths = .executed,
    optimiser: OptimiserState = .adamW
  ) throws(MemoryFault) {
    let bytes = try MemoryPrediction.bytes(of: graph, sizes: sizes, widths: widths)
    for input in graph.inputs { try add(bytes[input.value], to: &inputBytes) }
    for (index, parameter) in graph.parameters.enumerated() {
      try add(bytes[parameter.value], to: &parameterBytes)
      let width = widths.bytes(of: parameter.declaration.type.element)
      let state = (bytes[parameter.value] / width).multipliedReportingOverflow(
        by: optimiser.moments * optimiser.width)
      guard !state.overflow else { throw MemoryPrediction.tooLarge }
      guard !graph.gradients.isEmpty else {
        if parameter.declaration.trainable { try add(state.partialValue, to: &optimiserBytes) }
        continue
      }
      // A weight that the loss does not read has no gradient, and so no moments.
      guard graph.gradients.indices.contains(index), let gradient = graph.gradients[index] else {
        continue
      }
      try add(bytes[gradient], to: &gradientBytes)
      try add(state.partialValue, to: &optimiserBytes)
    }
    try simulate(graph, bytes)
  }

  /// Plays the step through, then once more up to the peak to name what lives there.
  private mutating func simulate(_ graph: FlatGraph, _ bytes: [Int]) throws(MemoryFault) {
    let deaths = MemoryPrediction.deaths(in: graph)
    var level = 0
    for (index, node) in graph.nodes.enumerated() {
      for result in node.results { try add(bytes[result], to: &level) }
      bytesAtNode.append(level)
      if level > peakBytes {
        peakBytes = level
        peakNode = index
      }
      for value in deaths[index] { level -= bytes[value] }
    }
    finalBytes = level
    guard let peakNode else { return }
    var alive: Set<Int> = []
    for index in 0...peakNode {
      alive.formUnion(graph.nodes[index].results)
      if index < peakNode { alive.subtract(deaths[index]) }
    }
    residents = alive.map { Resident(value: $0, bytes: bytes[$0]) }
      .sorted { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : $0.value < $1.value }
  }

  /// For each node, the values that die once it has run.
  private static func deaths(in graph: FlatGraph) -> [[Int]] {
    var last = [Int?](repeating: nil, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      for result in node.results { last[result] = index }
      // Weights and inputs have no producer here, and so no death.
      for operand in node.operands where last[operand] != nil { last[operand] = index }
    }
    for output in graph.outputs { last[output.value] = nil }
    for case let gradient? in graph.gradients { last[gradient] = nil }
    var deaths = [[Int]](repeating: [], count: graph.nodes.count)
    for (value, node) in last.enumerated() {
      if let node { deaths[node].append(value) }
    }
    return deaths
  }

  private static func bytes(
    of graph: FlatGraph, sizes: [Symbol: Int], widths: ElementWidths
  ) throws(MemoryFault) -> [Int] {
    var known: [TensorType: Int] = [:]
    var result: [Int] = []
    result.reserveCapacity(graph.values.count)
    for value in graph.values {
      if let bytes = known[value.type] {
        result.append(bytes)
        continue
      }
      let count = value.type.elementCount * Dimension(widths.bytes(of: value.type.element))
      guard let wide = count.evaluate(sizes) else {
        throw MemoryFault(message: "the size of \(value.type) has no value: a dimension is missing")
      }
      guard let bytes = Int(exactly: wide), bytes >= 0 else { throw tooLarge }
      known[value.type] = bytes
      result.append(bytes)
    }
    return result
  }

  private static let tooLarge = MemoryFault(message: "the bytes of the step do not fit 64 bits")

  private func add(_ bytes: Int, to total: inout Int) throws(MemoryFault) {
    let (sum, overflow) = total.addingReportingOverflow(bytes)
    guard !overflow else { throw MemoryPrediction.tooLarge }
    total = sum
  }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (value, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : value
  }
}
