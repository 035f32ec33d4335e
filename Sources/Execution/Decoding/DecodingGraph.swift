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
