// LogitSource: what makes the logits of the next token, with kept rows or by computing all anew.
// Both give the same bits; the one is held against the other in tests and by `--no-cache`.
import Dimensions
import IR
import Kernels

/// Makes the logits of the token after some tokens.
package protocol LogitSource: AnyObject {
  /// The longest sequence.
  var capacity: Int { get }
  /// The number of logits.
  var classes: Int { get }

  /// Forgets all rows.
  func reset()

  /// Computes the logits of the token after a sequence.
  ///
  /// - Parameters:
  ///   - tokens: the sequence, at most `capacity`; since the last reset it has only grown.
  ///   - logits: `classes` elements, overwritten.
  /// - Throws: ``ExecutionFault`` when a token has no row in a table.
  func read(_ tokens: [Int], into logits: inout [Float]) throws(ExecutionFault)
}

/// Computes new rows alone and keeps what later ones read of them.
package final class KeptRows: LogitSource {
  /// A compiled step for so many rows.
  private struct Step {
    let rows: Int
    let step: CompiledStep
    let tokens: TensorView
    let position: TensorView
    let logits: TensorView

    init(_ graph: DecodingGraph, _ step: CompiledStep) {
      guard let tokens = step.view(ofInput: graph.tokenInput),
        let position = step.view(ofInput: graph.positionInput),
        let logits = step.view(ofOutput: graph.output)
      else { preconditionFailure("a decoding step without tokens, position or logits") }
      (rows, self.step) = (graph.rows, step)
      (self.tokens, self.position, self.logits) = (tokens, position, logits)
    }
  }

  package let capacity: Int
  package let classes: Int
  /// Bytes of the rows that are kept.
  package let keptBytes: Int
  private let single: Step
  private let block: Step?
  private let memory: KeptMemory
  /// The tokens whose rows are there.
  private var count = 0

  /// - Parameters:
  ///   - single: the step of one row.
  ///   - block: a step of several rows, for prompts.
  ///   - weights: the memory of every weight of the model, which the caller keeps alive.
  ///   - pool: the threads.
  /// - Throws: ``ExecutionFault`` when there is not enough memory.
  package init(
    single: DecodingGraph, block: DecodingGraph?, weights: [ExternalWeight], pool: ThreadPool
  ) throws(ExecutionFault) {
    let sizes = single.caches.map { cache in
      let type = single.graph.parameters[cache].declaration.type
      return type.shape.reduce(type.element.kind.storedBytes) { $0 * ($1.constant ?? 0) }
    }
    keptBytes = sizes.reduce(0, +)
    memory = try KeptMemory(sizes)
    var external: [Int: ExternalWeight] = [:]
    for (index, weight) in weights.enumerated() { external[index] = weight }
    for (index, cache) in single.caches.enumerated() { external[cache] = memory.tensor(index) }
    func compiled(_ graph: DecodingGraph) throws(ExecutionFault) -> Step {
      var options = StepOptions()
      options.workers = pool.threads
      options.keepsRows = true
      options.external = Set(external.keys)
      let plan = try StepCompiler(options).compile(graph.graph, sizes: [:])
      return Step(graph, try CompiledStep(plan, pool: pool, external: external))
    }
    self.single = try compiled(single)
    self.block = try block.map { graph throws(ExecutionFault) in
      precondition(
        graph.caches == single.caches && graph.capacity == single.capacity,
        "two steps that keep different rows")
      return try compiled(graph)
    }
    capacity = single.capacity
    classes = self.single.logits.extents.last ?? 0
  }

  package func reset() {
    memory.clear()
    count = 0
  }

  package func read(
    _ tokens: [Int], into logits: inout [Float]
  ) throws(ExecutionFault) {
    precondition(
      count < tokens.count && tokens.count <= capacity,
      "\(tokens.count) tokens after \(count), with room for \(capacity)")
    while count < tokens.count {
      let left = tokens.count - count
      if let block, left > 4, count + block.rows <= capacity {
        try run(block, tokens, rows: min(block.rows, left), into: &logits)
      } else {
        try run(single, tokens, rows: 1, into: &logits)
      }
    }
  }

  /// Computes the next rows, and the logits of the last where no token is left.
  private func run(
    _ step: Step, _ tokens: [Int], rows: Int, into logits: inout [Float]
  ) throws(ExecutionFault) {
    for row in 0..<step.rows {
      // Rows behind the last are written again before anybody reads them.
      step.step.set(step.tokens, at: row, to: row < rows ? tokens[count + row] : 0)
    }
    step.step.set(step.position, at: 0, to: count)
    try step.step.run()
    count += rows
    if count == tokens.count { step.step.copyRow(rows - 1, of: step.logits, to: &logits) }
  }
}

/// Computes every row anew for each token.
package final class AllRows: LogitSource {
  package let capacity: Int
  package let classes: Int
  private let graph: FlatGraph
  private let sequence: SequenceGraph
  private let implied: [String: Int32]
  private let weights: [Int: ExternalWeight]
  private let pool: ThreadPool
  /// Whether the length of the pass is that of the tokens, and not the capacity.
  private let isExact: Bool
  private var step: CompiledStep?
  private var length = 0

  /// - Parameters:
  ///   - graph: the forward pass.
  ///   - capacity: the longest sequence.
  ///   - isExact: true to run at the length of the tokens instead of the capacity, for a model in
  ///     which a row depends on the length.
  ///   - implied: what inputs hold that may be left out, by name.
  ///   - weights: the memory of every weight of the model, which the caller keeps alive.
  ///   - pool: the threads.
  /// - Throws: ``DecodingFault`` when it is no language model.
  package init(
    _ graph: FlatGraph, capacity: Int, isExact: Bool, implied: [String: Int32],
    weights: [ExternalWeight], pool: ThreadPool
  ) throws(DecodingFault) {
    sequence = try SequenceGraph(graph, implied: implied)
    (self.graph, self.capacity, self.isExact) = (graph, capacity, isExact)
    (self.implied, self.pool) = (implied, pool)
    classes = sequence.classes
    var external: [Int: ExternalWeight] = [:]
    for (index, weight) in weights.enumerated() { external[index] = weight }
    self.weights = external
  }

  package func reset() {}

  package func read(
    _ tokens: [Int], into logits: inout [Float]
  ) throws(ExecutionFault) {
    try readRow(tokens.count - 1, of: tokens, into: &logits)
  }

  private func readRow(
    _ row: Int, of tokens: [Int], into logits: inout [Float]
  ) throws(ExecutionFault) {
    let step = try step(for: isExact ? tokens.count : capacity)
    guard let ids = step.view(ofInput: graph.inputs[sequence.tokenPort].name),
      let result = plannedLogits(step)
    else { preconditionFailure("a forward pass without ids or logits") }
    for position in 0..<length {
      step.set(ids, at: position, to: position < tokens.count ? tokens[position] : 0)
    }
    try step.run()
    step.copyRow(row, of: result, to: &logits)
  }

  /// The position of a row whose logits change with a token after it; `nil` when none was found.
  ///
  /// A trial on a few tokens, for a model of which nothing could be proved.
  package func rowThatSeesLater(
    of tokens: [Int], changing other: Int
  ) throws(ExecutionFault) -> Int? {
    var before = [Float](repeating: 0, count: classes)
    var after = before
    for changed in tokens.indices.dropFirst() {
      var others = tokens
      others[changed] = other
      for row in 0..<changed {
        try readRow(row, of: tokens, into: &before)
        try readRow(row, of: others, into: &after)
        let isAlike = zip(before, after).allSatisfy { $0.bitPattern == $1.bitPattern }
        if !isAlike { return row }
      }
    }
    return nil
  }

  private func plannedLogits(_ step: CompiledStep) -> TensorView? {
    step.plan.views[sequence.logits]
  }

  private func step(for length: Int) throws(ExecutionFault) -> CompiledStep {
    if let step, self.length == length { return step }
    self.length = length
    var options = StepOptions()
    options.workers = pool.threads
    options.keepsRows = true
    options.external = Set(weights.keys)
    let plan = try StepCompiler(options).compile(graph, sizes: sequence.sizes(length: length))
    let made = try CompiledStep(plan, pool: pool, external: weights)
    for port in graph.inputs {
      guard let value = implied[port.name], let view = made.view(ofInput: port.name) else {
        continue
      }
      for element in 0..<view.count { made.set(view, at: element, to: Int(value)) }
    }
    step = made
    return made
  }
}
