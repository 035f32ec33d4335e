// LengthValues: the values that depend on how long the sequence is, and on nothing else.
// What is the same at every length up to the capacity is a number like any other.
import Dimensions
import IR
import Kernels
import Operations

/// Which values of a forward pass change with the length although they have no axis along it.
struct LengthValues {
  /// For each value, whether it is another at another length.
  private(set) var changes: [Bool]

  /// The most elements of a value that is computed at every length.
  private static var limit: Int { 1 << 14 }

  /// - Parameters:
  ///   - sequence: the forward pass.
  ///   - capacity: the longest sequence.
  init(_ sequence: SequenceGraph, capacity: Int) {
    let graph = sequence.graph
    changes = Array(repeating: false, count: graph.values.count)
    guard graph.nodes.contains(where: { Self.asks($0, sequence) }) else { return }
    let lengths = LengthValues.lengths(upTo: capacity)
    var known: [Int: [NDArray<Float>]] = [:]
    for node in graph.nodes {
      let isAsked = Self.asks(node, sequence) || node.operands.contains { changes[$0] }
      let made = Self.values(of: node, known, lengths, sequence)
      for (index, result) in node.results.enumerated() {
        let arrays = made?[index]
        known[result] = arrays
        let isAlike = arrays.map { Self.areAlike($0) } ?? false
        // Rows that see it are refused where they do.
        let isRow = sequence.spans[result].contains(true) || sequence.readsTokens[result]
        changes[result] = isAsked && !isAlike && !isRow
      }
    }
  }

  /// All lengths where they are few; else the small ones, those around powers of two, and the last.
  private static func lengths(upTo capacity: Int) -> [Int] {
    if capacity <= 256 { return Array(1...max(capacity, 1)) }
    var lengths = Set(1...64)
    var power = 64
    while power <= capacity {
      lengths.formUnion([power - 1, power, power + 1])
      power *= 2
    }
    lengths.formUnion([capacity - 1, capacity])
    return lengths.filter { $0 <= capacity }.sorted()
  }

  /// Whether an operation asks for the length itself.
  private static func asks(_ node: FlatNode, _ sequence: SequenceGraph) -> Bool {
    guard let extent = node.operation as? Extent else { return false }
    return extent.size.contains(sequence.length)
  }

  /// The results at every length; `nil` for what depends on more, or is large.
  private static func values(
    of node: FlatNode, _ known: [Int: [NDArray<Float>]], _ lengths: [Int],
    _ sequence: SequenceGraph
  ) -> [[NDArray<Float>]]? {
    let isSmall = node.results.allSatisfy { value in
      !sequence.spans[value].contains(true)
        && Dimension.product(of: sequence.shapes[value]).constant.map { $0 <= limit } ?? false
    }
    guard isSmall else { return nil }
    let operands = node.operands.compactMap { known[$0] }
    guard operands.count == node.operands.count else { return nil }
    var results = [[NDArray<Float>]](repeating: [], count: node.results.count)
    for (index, length) in lengths.enumerated() {
      var context = EvaluationContext(sizes: sequence.sizes(length: length))
      guard let made = try? node.operation.evaluate(operands.map { $0[index] }, in: &context),
        made.count == results.count
      else { return nil }
      for (result, array) in made.enumerated() { results[result].append(array) }
    }
    return results
  }

  private static func areAlike(_ arrays: [NDArray<Float>]) -> Bool {
    guard let first = arrays.first else { return true }
    return arrays.allSatisfy { other in
      guard other.extents == first.extents else { return false }
      switch (other.payload, first.payload) {
      case (.real(let a), .real(let b)):
        return zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
      case (.index(let a), .index(let b)): return a == b
      case (.mask(let a), .mask(let b)): return a == b
      default: return false
      }
    }
  }
}
